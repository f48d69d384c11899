/**
 * PreparedPod: what preFilter and preScore of all plugins have said about one pod.
 */
import type { CallSite } from "./call-site.ts";
import { describeValue } from "./describe-value.ts";
import {
  type ClusterInfo,
  type FeasibleNodes,
  type NodeCounts,
  type PreFilterResult,
  type Rejection,
  SKIP,
} from "./interface.ts";
import type { EvaluationPlan, PlannedPlugin } from "./plan.ts";
import type { PodInfo } from "./pod-info.ts";
import type { PodShape } from "./pod-shapes.ts";
import { isRejection } from "./verdicts.ts";

/** A verdict of one plugin's preFilter. */
export interface PreparedFilter {
  readonly isSkipped: boolean;
  readonly state: unknown;
  readonly nodeNames: readonly string[] | undefined;
  readonly reject: Rejection | undefined;
  readonly counts: readonly NodeCounts[] | undefined;
}

const PLAIN: PreparedFilter = {
  isSkipped: false,
  state: undefined,
  nodeNames: undefined,
  reject: undefined,
  counts: undefined,
};
const SKIPPED: PreparedFilter = { ...PLAIN, isSkipped: true };

/** Asks one plugin's preFilter. */
export function prepareFilter(
  { plugin }: PlannedPlugin,
  pod: PodInfo,
  cluster: ClusterInfo,
  site: CallSite,
): PreparedFilter {
  if (plugin.preFilter === undefined) return PLAIN;
  site.enter(plugin, "preFilter", site.podKey);
  const result = plugin.preFilter(pod, cluster);
  if (result === SKIP) return SKIPPED;
  if (typeof result !== "object" || result === null) {
    throw site.complain(
      `returned ${describeValue(result)}, want SKIP or an object with a state. Return one of these.`,
    );
  }
  checkPrepared(result, site);
  return {
    isSkipped: false,
    state: result.state,
    nodeNames: result.nodeNames,
    reject: result.reject,
    counts: result.counts,
  };
}

function checkPrepared({ nodeNames, reject }: PreFilterResult<unknown>, site: CallSite): void {
  if (reject !== undefined && !isRejection(reject)) {
    throw site.complain(
      `returned reject ${describeValue(reject)}, want a Rejection { code, reasons }. ` +
        "Return one, or leave it out.",
    );
  }
  if (nodeNames !== undefined && !Array.isArray(nodeNames)) {
    throw site.complain(
      `returned nodeNames ${describeValue(nodeNames)}, want a list of names. ` +
        "Return one, or leave it out.",
    );
  }
}

export interface PreparedScore {
  readonly isSkipped: boolean;
  readonly state: unknown;
  readonly counts: readonly NodeCounts[] | undefined;
}

const PLAIN_SCORE: PreparedScore = { isSkipped: false, state: undefined, counts: undefined };
const SKIPPED_SCORE: PreparedScore = { ...PLAIN_SCORE, isSkipped: true };

/** Asks one plugin's preScore. */
export function prepareScore(
  { plugin }: PlannedPlugin,
  pod: PodInfo,
  cluster: ClusterInfo,
  feasible: FeasibleNodes,
  site: CallSite,
): PreparedScore {
  if (plugin.preScore === undefined) return PLAIN_SCORE;
  site.enter(plugin, "preScore", site.podKey);
  const result = plugin.preScore(pod, cluster, feasible);
  if (result === SKIP) return SKIPPED_SCORE;
  if (typeof result !== "object" || result === null) {
    throw site.complain(
      `returned ${describeValue(result)}, want SKIP or an object with a state. Return one of these.`,
    );
  }
  return { isSkipped: false, state: result.state, counts: result.counts };
}

/** The preFilter verdicts of all plugins together. */
export class PreparedPod {
  /** By plan index; a hole for plugins behind one that rejected. */
  readonly filters: PreparedFilter[] = [];
  /** Only these nodes can be feasible; undefined: all. */
  nodeNames: readonly string[] | undefined = undefined;
  /** The plugin that rejected; undefined with a `reject` when several name no common node. */
  rejectedBy: PlannedPlugin | undefined = undefined;
  reject: Rejection | undefined = undefined;

  readonly #naming: string[] = [];

  /** Takes in the next plugin's verdict; false when it rejects the pod as a whole. */
  add(planned: PlannedPlugin, prepared: PreparedFilter): boolean {
    this.filters[planned.index] = prepared;
    if (prepared.reject !== undefined) {
      this.rejectedBy = planned;
      this.reject = prepared.reject;
      return false;
    }
    const { nodeNames } = prepared;
    if (nodeNames !== undefined) {
      const before = this.nodeNames;
      this.nodeNames =
        before === undefined ? nodeNames : before.filter((name) => nodeNames.includes(name));
      this.#naming.push(planned.plugin.name);
      if (this.nodeNames.length === 0) this.reject = this.#nothingNamed();
    }
    return this.reject === undefined;
  }

  /** RunPreFilterPlugins of kubernetes/pkg/scheduler/framework/runtime/framework.go, v1.30. */
  #nothingNamed(): Rejection {
    const naming = this.#naming;
    const reason =
      naming.length === 1
        ? `node(s) didn't satisfy plugin ${naming[0]}`
        : `node(s) didn't satisfy plugin(s) [${naming.join(" ")}] simultaneously`;
    return { code: "UnschedulableAndUnresolvable", reasons: [reason] };
  }
}

/** Runs every preFilter in profile order, until one rejects the pod. */
export function preparePod(
  plan: EvaluationPlan,
  shape: PodShape,
  pod: PodInfo,
  clusters: { readonly full: ClusterInfo; readonly claimed: ClusterInfo },
  site: CallSite,
): PreparedPod {
  const prepared = new PreparedPod();
  for (const planned of plan.plugins) {
    const view = shape.views[planned.index] ?? pod;
    const cluster = planned.isClaimed ? clusters.claimed : clusters.full;
    if (!prepared.add(planned, prepareFilter(planned, view, cluster, site))) break;
  }
  return prepared;
}

/** The filters that no preFilter has skipped. */
export function activeFilters(plan: EvaluationPlan, prepared: PreparedPod): PlannedPlugin[] {
  return plan.filters.filter(({ index }) => prepared.filters[index]?.isSkipped !== true);
}
