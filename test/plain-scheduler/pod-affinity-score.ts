/** InterPodAffinity's score: plugins/interpodaffinity/scoring.go. */
import {
  type AffinityTerm,
  namespaceLabels,
  speaksOf,
  termsOf,
  withNamespaceNames,
} from "./affinity-terms.ts";
import type { IncomingPod } from "./incoming-pod.ts";
import type { NodeState } from "./node-state.ts";
import type { Labels, Pod } from "./scenario.ts";
import { type DomainCounts, domainOf, domainsOf } from "./topology.ts";

/** Undefined: PreScore skips the plugin. */
export function podAffinityScores(
  incoming: IncomingPod,
  nodes: readonly NodeState[],
): readonly number[] | undefined {
  const sums = sumsByDomain(incoming);
  if (sums.size === 0) return undefined;
  return normalize(
    nodes.map((node) => domainsOf(node).reduce((sum, name) => sum + (sums.get(name) ?? 0), 0)),
  );
}

/** NormalizeScore: the lowest gets 0, the highest 100. */
function normalize(raw: readonly number[]): readonly number[] {
  const lowest = Math.min(...raw);
  const range = Math.max(...raw) - lowest;
  return raw.map((score) => (range > 0 ? Math.trunc(100 * ((score - lowest) / range)) : 0));
}

/** processExistingPod, for every pod on every node: weights of the terms that fit, by domain. */
function sumsByDomain({ scenario, cluster, profile, pod }: IncomingPod): DomainCounts {
  const { hardPodAffinityWeight = 1, ignorePreferredTermsOfExistingPods = false } =
    profile.arguments("InterPodAffinity");
  const own = termsOf(pod);
  const likes = withNamespaceNames(own.preferredAffinity, scenario);
  const dislikes = withNamespaceNames(own.preferredAntiAffinity, scenario);
  const sums: DomainCounts = new Map();
  const isSilent = likes.length === 0 && dislikes.length === 0;
  if (ignorePreferredTermsOfExistingPods && isSilent) return sums;
  const podNamespaceLabels = namespaceLabels(scenario, pod);
  for (const node of cluster.nodes) {
    for (const other of node.pods) {
      const theirs = termsOf(other);
      const fromPod = { sums, node, target: other, targetNamespaceLabels: {} };
      addTerms(likes, 1, fromPod);
      addTerms(dislikes, -1, fromPod);
      const toPod = { sums, node, target: pod, targetNamespaceLabels: podNamespaceLabels };
      if (hardPodAffinityWeight > 0) {
        const hard = theirs.requiredAffinity.map((term) => ({ ...term, weight: 1 }));
        addTerms(hard, hardPodAffinityWeight, toPod);
      }
      addTerms(theirs.preferredAffinity, 1, toPod);
      addTerms(theirs.preferredAntiAffinity, -1, toPod);
    }
  }
  return sums;
}

interface Addition {
  readonly sums: DomainCounts;
  /** Where the pod that is there already runs. */
  readonly node: NodeState;
  /** The pod that the terms may speak of. */
  readonly target: Pod;
  readonly targetNamespaceLabels: Labels;
}

/** scoreMap.processTerms: a domain whose sum is 0 stays in the map. */
function addTerms(
  terms: readonly AffinityTerm[],
  factor: number,
  { sums, node, target, targetNamespaceLabels }: Addition,
): void {
  for (const term of terms) {
    const name = domainOf(node, term.topologyKey);
    if (name === undefined || !speaksOf(term, target, targetNamespaceLabels)) continue;
    sums.set(name, (sums.get(name) ?? 0) + term.weight * factor);
  }
}
