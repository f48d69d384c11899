/**
 * InterPodAffinity keeps pods together or apart: required terms of the pod, and the required
 * anti-affinity of pods that run, reject nodes; preferred terms, of the pod and of pods that run,
 * score them. The required affinity of pods that run counts as a preference, too.
 *
 * Raw score: weights of the matching terms over the pods in the node's domains; anti-affinity
 * counts down. Normalised to 100 * ((raw - min) / (max - min)), in floating point and truncated.
 *
 * Source: kubernetes/pkg/scheduler/framework/plugins/interpodaffinity, v1.30.
 */
import {
  type AffinityTermGroup,
  type ClusterEventName,
  type ClusterInfo,
  definePlugin,
  type Plugin,
  type PodInfo,
  SKIP,
} from "../../sim/scheduler/index.ts";
import type { TypedArgs } from "../plugin-args.ts";
import { checkPluginArgs } from "../plugin-args-validation.ts";
import { AffinityFilter } from "./affinity-filter.ts";
import { IncomingTermsMemory } from "./incoming-terms.ts";
import { MatchingTerms } from "./matching-terms.ts";
import { TopologyDomains } from "./topology-domains.ts";
import { countsOf, PartsByKey, type TopologySum } from "./topology-sum.ts";

export interface InterPodAffinityArgs extends TypedArgs {
  /** Worth of a running pod's required affinity: 0..100, by default 1. */
  readonly hardPodAffinityWeight?: number;
  /** Pods without preferred terms of their own are not scored. */
  readonly ignorePreferredTermsOfExistingPods?: boolean;
}

/** Recorded from kube-scheduler v1.30.6. */
const REQUEUE_ON: readonly ClusterEventName[] = [
  "Pod/Add",
  "Pod/Update",
  "Pod/Delete",
  "Node/Add",
  "Node/UpdateLabel",
  "Node/UpdateTaint",
];

/** Terms of running pods that score, with their sign. */
const SCORING_GROUPS: readonly (readonly [AffinityTermGroup, number])[] = [
  ["preferredAffinity", 1],
  ["preferredAntiAffinity", -1],
];

const NO_SUMS: readonly TopologySum[] = [];

export function interPodAffinity(
  args: InterPodAffinityArgs = {},
): Plugin<AffinityFilter, readonly TopologySum[]> {
  const { hardPodAffinityWeight = 1, ignorePreferredTermsOfExistingPods = false } = checkPluginArgs(
    "InterPodAffinity",
    args,
  );
  const incoming = new IncomingTermsMemory();
  const matching = new MatchingTerms();
  const domains = new TopologyDomains();

  /** Some pod on a node states a term that can score. */
  function hasScoringTerms({ affinityTerms }: ClusterInfo): boolean {
    return (
      affinityTerms.podCount("preferredAffinity") > 0 ||
      affinityTerms.podCount("preferredAntiAffinity") > 0 ||
      (hardPodAffinityWeight > 0 && affinityTerms.podCount("requiredAffinity") > 0)
    );
  }

  /** What scores, by topology key. */
  function scoringSums(pod: PodInfo, cluster: ClusterInfo): readonly TopologySum[] {
    const terms = incoming.of(pod, cluster);
    if (!terms.hasPreferred && !hasScoringTerms(cluster)) return NO_SUMS;
    const byKey = new PartsByKey();
    for (const { topologyKey, query, weight } of terms.preferredAffinity) {
      byKey.add(topologyKey, cluster.countPods(query), weight);
    }
    for (const { topologyKey, query, weight } of terms.preferredAntiAffinity) {
      byKey.add(topologyKey, cluster.countPods(query), -weight);
    }
    if (hardPodAffinityWeight > 0) {
      for (const { term, pods } of matching.of(pod, "requiredAffinity", cluster)) {
        byKey.add(term.topologyKey, pods, hardPodAffinityWeight);
      }
    }
    for (const [group, sign] of SCORING_GROUPS) {
      for (const { term, pods } of matching.of(pod, group, cluster)) {
        byKey.add(term.topologyKey, pods, sign * term.weight);
      }
    }
    return byKey.sums(cluster, domains);
  }

  return definePlugin<AffinityFilter, readonly TopologySum[]>({
    name: "InterPodAffinity",
    locality: "cluster",
    reads: ["namespace", "labels", "podAffinity"],
    requeueOn: REQUEUE_ON,
    normalize: normalizeAffinity,

    preFilter(pod, cluster) {
      const existing = matching.of(pod, "requiredAntiAffinity", cluster);
      const terms = incoming.of(pod, cluster);
      const ownCount = terms.requiredAffinity.length + terms.requiredAntiAffinity.length;
      if (ownCount === 0 && existing.length === 0) return SKIP;
      const state = new AffinityFilter(pod, terms, existing, cluster, domains);
      if (state.isIdle) return SKIP;
      return state.counts === undefined ? { state } : { state, counts: state.counts };
    },

    filter: (_pod, node, state) => state.verdict(node),
    addPod: (_pod, other, node, state) => state.update(other, node, 1),
    removePod: (_pod, other, node, state) => state.update(other, node, -1),

    preScore(pod, cluster) {
      if (ignorePreferredTermsOfExistingPods && !incoming.of(pod, cluster).hasPreferred) {
        return SKIP;
      }
      const state = scoringSums(pod, cluster).filter(({ podCount }) => podCount > 0);
      if (state.length === 0) return SKIP;
      const counts = countsOf(state);
      return counts === undefined ? { state } : { state, counts };
    },

    score(_pod, node, sums) {
      let score = 0;
      for (const sum of sums) score += sum.at(node);
      return score;
    },
  });
}

function normalizeAffinity(raw: number, min: number, max: number): number {
  return max > min ? Math.trunc(100 * ((raw - min) / (max - min))) : 0;
}
