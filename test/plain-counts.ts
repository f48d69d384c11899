/** Counts over nodes written the plain way: looked up in all nodes at every call. */
import {
  AFFINITY_TERM_GROUPS,
  type AffinityTerm,
  type AffinityTermGroup,
  type AffinityTerms,
  affinityTermsOf,
  type NodeCounts,
  type NodeInfo,
  type TermCounts,
} from "../sim/scheduler/index.ts";

export function plainCounts(
  nodes: readonly NodeInfo[],
  countOn: (node: NodeInfo) => number,
): NodeCounts {
  const counted = nodes.filter((node) => countOn(node) > 0);
  const sum = (some: readonly NodeInfo[]): number => some.reduce((t, node) => t + countOn(node), 0);
  return {
    slots: counted.map(({ slot }) => slot),
    counts: counted.map(countOn),
    total: sum(counted),
    at: (slot) => sum(counted.filter((node) => node.slot === slot)),
    onKind: (kind) => sum(counted.filter((node) => node.kind === kind)),
  };
}

export function plainAffinityTerms(nodes: readonly NodeInfo[], epoch: number): AffinityTerms {
  const pods = nodes.flatMap((node) => node.pods);
  const groups = new Map(
    AFFINITY_TERM_GROUPS.map((group) => [group, termCounts(nodes, group)] as const),
  );
  return {
    epoch,
    of: (group) => groups.get(group) ?? [],
    mayMatch: (group, _namespace, _labels, since) => (groups.get(group) ?? []).slice(since),
    podCount: (group) => pods.filter((pod) => affinityTermsOf(pod, group).length > 0).length,
  };
}

function termCounts(nodes: readonly NodeInfo[], group: AffinityTermGroup): readonly TermCounts[] {
  const terms = new Set(
    nodes.flatMap(({ pods }) => pods.flatMap((pod) => affinityTermsOf(pod, group))),
  );
  const statements = (term: AffinityTerm, { pods }: NodeInfo): number =>
    pods.flatMap((pod) => affinityTermsOf(pod, group)).filter((stated) => stated === term).length;
  return Array.from(terms, (term) => ({
    term,
    pods: plainCounts(nodes, (node) => statements(term, node)),
  }));
}
