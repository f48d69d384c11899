/**
 * PodTopologySpread spreads pods over the domains of a topology key (zone, node, ...): hard
 * constraints reject nodes whose domain would have too many of them, soft ones prefer domains with
 * few. Pods without constraints of their own get default ones, for the pods that their Services and
 * their controller select.
 *
 * Raw score: per soft constraint pods in the domain * ln(domains + 2) + maxSkew - 1, summed and
 * rounded. Normalised to 100 * (max + min - raw) / max; nodes that lack a required label get 0.
 *
 * Source: kubernetes/pkg/scheduler/framework/plugins/podtopologyspread, v1.30; KEP 895 (the plugin),
 * 1258 (defaults), 3022 (minDomains), 3094 (inclusion policies), 3243 (matchLabelKeys).
 */
import type { core, Selector } from "../../sim/api/index.ts";
import {
  type ClusterEventName,
  type ClusterInfo,
  definePlugin,
  type Plugin,
  type PodInfo,
  SKIP,
  UNSCORED,
} from "../../sim/scheduler/index.ts";
import { DefaultSpreadSelectors } from "./default-spread-selector.ts";
import { EligibleNodes } from "./eligible-nodes.ts";
import { NodeInclusion } from "./node-inclusion.ts";
import {
  type PodTopologySpreadArgs,
  type SpreadDefaults,
  spreadDefaults,
} from "./pod-topology-spread-args.ts";
import { parseConstraints } from "./spread-constraints.ts";
import { SpreadFilter } from "./spread-filter.ts";
import { maySpread } from "./spread-hint.ts";
import { SpreadScore } from "./spread-score.ts";
import { TopologyDomains } from "./topology-domains.ts";

/** Recorded from kube-scheduler v1.30.6. */
const REQUEUE_ON: readonly ClusterEventName[] = [
  "Pod/Add",
  "Pod/Update",
  "Pod/Delete",
  "Node/Add",
  "Node/Delete",
  "Node/UpdateLabel",
  "Node/UpdateTaint",
];

export function podTopologySpread(
  args: PodTopologySpreadArgs = {},
): Plugin<SpreadFilter, SpreadScore> {
  const rules = new SpreadRules(spreadDefaults(args));
  const domains = new TopologyDomains();

  return definePlugin<SpreadFilter, SpreadScore>({
    name: "PodTopologySpread",
    locality: "cluster",
    reads: [
      "namespace",
      "labels",
      "ownerReferences",
      "topologySpreadConstraints",
      "nodeSelector",
      "nodeAffinity",
      "tolerations",
    ],
    requeueOn: REQUEUE_ON,
    normalize: normalizeSpread,
    isSchedulableAfter: (pod, change, cluster) =>
      maySpread(pod, rules.hard(pod, cluster)?.constraints ?? [], change),

    preFilter(pod, cluster) {
      const hard = rules.hard(pod, cluster);
      if (hard === undefined) return SKIP;
      const state = new SpreadFilter(pod.namespace, hard, cluster, domains);
      return state.counts === undefined ? { state } : { state, counts: state.counts };
    },

    filter: (_pod, node, state) => state.verdict(node),
    addPod: (_pod, other, node, state) => state.update(other, node, 1),
    removePod: (_pod, other, node, state) => state.update(other, node, -1),

    preScore(pod, cluster, feasible) {
      const soft = rules.soft(pod, cluster);
      if (soft === undefined) return SKIP;
      const state = new SpreadScore(soft, cluster, feasible, domains);
      return state.counts === undefined ? { state } : { state, counts: state.counts };
    },

    score: (_pod, node, state) => state.at(node),
  });
}

function normalizeSpread(raw: number, min: number, max: number): number {
  if (raw === UNSCORED) return 0;
  return max <= 0 ? 100 : Math.trunc((100 * (max + min - raw)) / max);
}

/** What holds for one pod. */
interface PodRules {
  /** Selects for its default constraints; undefined: nothing does, or it has its own constraints. */
  readonly selector: Selector | undefined;
  readonly hard: EligibleNodes | undefined;
  readonly soft: EligibleNodes | undefined;
}

const NO_RULES: PodRules = { selector: undefined, hard: undefined, soft: undefined };

/** The constraints that hold for each pod. A cache: computed from the pod and what selects it. */
class SpreadRules {
  readonly #defaults: SpreadDefaults;
  readonly #hasHardDefaults: boolean;
  readonly #selectors = new DefaultSpreadSelectors();
  /** Of pods that state constraints; null: the pod states none. */
  readonly #own = new WeakMap<PodInfo, PodRules | null>();
  readonly #default = new WeakMap<PodInfo, PodRules>();

  constructor(defaults: SpreadDefaults) {
    this.#defaults = defaults;
    this.#hasHardDefaults = defaults.constraints.some(
      ({ whenUnsatisfiable }) => whenUnsatisfiable === "DoNotSchedule",
    );
  }

  hard(pod: PodInfo, cluster: ClusterInfo): EligibleNodes | undefined {
    const own = this.#ownOf(pod);
    if (own !== null) return own.hard;
    return this.#hasHardDefaults ? this.#defaultsOf(pod, cluster).hard : undefined;
  }

  soft(pod: PodInfo, cluster: ClusterInfo): EligibleNodes | undefined {
    return (this.#ownOf(pod) ?? this.#defaultsOf(pod, cluster)).soft;
  }

  #ownOf(pod: PodInfo): PodRules | null {
    let own = this.#own.get(pod);
    if (own === undefined) {
      const constraints = pod.pod.spec.topologySpreadConstraints ?? [];
      own = constraints.length === 0 ? null : rulesOf(pod, constraints, true, undefined);
      this.#own.set(pod, own);
    }
    return own;
  }

  #defaultsOf(pod: PodInfo, cluster: ClusterInfo): PodRules {
    const { constraints, isSystem } = this.#defaults;
    if (constraints.length === 0) return NO_RULES;
    const selector = this.#selectors.of(pod, cluster);
    if (selector === undefined) return NO_RULES;
    let rules = this.#default.get(pod);
    if (rules?.selector !== selector) {
      rules = rulesOf(pod, constraints, !isSystem, selector);
      this.#default.set(pod, rules);
    }
    return rules;
  }
}

/** `requiresAllKeys`: soft constraints ask for all keys, as hard ones do in any case. */
function rulesOf(
  pod: PodInfo,
  constraints: readonly core.TopologySpreadConstraint[],
  requiresAllKeys: boolean,
  selector: Selector | undefined,
): PodRules {
  const inclusion = new NodeInclusion(pod);
  const hard = parseConstraints(constraints, "DoNotSchedule", pod, selector);
  const soft = parseConstraints(constraints, "ScheduleAnyway", pod, selector);
  return {
    selector,
    hard: hard.length === 0 ? undefined : new EligibleNodes(hard, true, inclusion),
    soft: soft.length === 0 ? undefined : new EligibleNodes(soft, requiresAllKeys, inclusion),
  };
}
