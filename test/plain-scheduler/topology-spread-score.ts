/** PodTopologySpread's score: plugins/podtopologyspread/scoring.go. */
import type { IncomingPod } from "./incoming-pod.ts";
import type { NodeState } from "./node-state.ts";
import type { Pod } from "./scenario.ts";
import { labelValue } from "./selectors.ts";
import {
  countSelected,
  hasAllKeys,
  hasOwnConstraints,
  includes,
  type SpreadConstraint,
  spreadConstraints,
} from "./spread-constraints.ts";
import { type DomainCounts, domain, domainOf, HOSTNAME, labelsOf } from "./topology.ts";

/** Undefined: no soft constraint, PreScore skips the plugin. */
export function topologySpreadScores(
  incoming: IncomingPod,
  nodes: readonly NodeState[],
): readonly number[] | undefined {
  const { cluster, profile, pod } = incoming;
  const constraints = spreadConstraints(incoming, "ScheduleAnyway");
  if (constraints.length === 0) return undefined;
  const { defaultingType } = profile.arguments("PodTopologySpread");
  const needsAllKeys = hasOwnConstraints(pod) || defaultingType === "List";
  const takesPart = (node: NodeState): boolean => !needsAllKeys || hasAllKeys(constraints, node);
  const scored = nodes.filter(takesPart);
  const counts = emptyDomains(constraints, scored);
  const weights = constraints.map((constraint) => weightOf(constraint, scored, counts));
  countPods(counts, constraints, { pod, nodes: cluster.nodes.filter(takesPart) });
  const raw = nodes.map((node) => {
    if (!takesPart(node)) return undefined;
    let sum = 0;
    for (const [index, constraint] of constraints.entries()) {
      const count = countFor(constraint, node, counts, pod);
      if (count !== undefined) sum += count * (weights[index] ?? 0) + (constraint.maxSkew - 1);
    }
    return Math.round(sum);
  });
  return normalize(raw);
}

/** A node without the label counts as having "" where not every label is needed. */
const looseDomain = (node: NodeState, key: string): string =>
  domain(key, labelValue(labelsOf(node), key) ?? "");

/** initPreScoreState: the domains of the nodes to score, but not each node by itself. */
function emptyDomains(
  constraints: readonly SpreadConstraint[],
  nodes: readonly NodeState[],
): DomainCounts {
  const counts: DomainCounts = new Map();
  for (const node of nodes) {
    for (const { topologyKey } of constraints) {
      if (topologyKey !== HOSTNAME) counts.set(looseDomain(node, topologyKey), 0);
    }
  }
  return counts;
}

/** topologyNormalizingWeight: more domains, fewer pods in each. */
function weightOf(
  { topologyKey }: SpreadConstraint,
  scored: readonly NodeState[],
  counts: DomainCounts,
): number {
  const domains = [...counts.keys()].filter((name) => name.startsWith(`${topologyKey}=`));
  return Math.log((topologyKey === HOSTNAME ? scored.length : domains.length) + 2);
}

/** processAllNode, in PreScore: pods of all nodes, feasible or not. */
function countPods(
  counts: DomainCounts,
  constraints: readonly SpreadConstraint[],
  { pod, nodes }: { readonly pod: Pod; readonly nodes: readonly NodeState[] },
): void {
  for (const node of nodes) {
    for (const constraint of constraints) {
      const name = looseDomain(node, constraint.topologyKey);
      const before = counts.get(name);
      if (before === undefined || !includes(constraint, pod, node)) continue;
      const selected = countSelected(node, constraint.selector, pod.metadata.namespace);
      counts.set(name, before + selected);
    }
  }
}

/** Matching pods in the node's domain; undefined: the node has none. */
function countFor(
  { topologyKey, selector }: SpreadConstraint,
  node: NodeState,
  counts: DomainCounts,
  pod: Pod,
): number | undefined {
  const name = domainOf(node, topologyKey);
  if (name === undefined) return undefined;
  if (topologyKey === HOSTNAME) return countSelected(node, selector, pod.metadata.namespace);
  return counts.get(name);
}

/** NormalizeScore: few is good. A node that takes no part gets 0. */
function normalize(raw: readonly (number | undefined)[]): readonly number[] {
  const present = raw.filter((score) => score !== undefined);
  const highest = Math.max(0, ...present);
  const lowest = Math.min(...present);
  return raw.map((score) => {
    if (score === undefined) return 0;
    return highest === 0 ? 100 : Math.trunc((100 * (highest + lowest - score)) / highest);
  });
}
