/**
 * SpreadScore: what soft spread constraints (ScheduleAnyway) say of each node in one cycle.
 *
 * Source: kubernetes/pkg/scheduler/framework/plugins/podtopologyspread/scoring.go, v1.30.
 */
import {
  type ClusterInfo,
  type FeasibleNodes,
  type NodeCounts,
  type NodeInfo,
  UNSCORED,
} from "../../sim/scheduler/index.ts";
import type { EligibleNodes } from "./eligible-nodes.ts";
import type { SpreadConstraint } from "./spread-constraints.ts";
import {
  HOSTNAME_KEY,
  type KindDomains,
  labelOf,
  type TopologyDomains,
} from "./topology-domains.ts";

/** One constraint: its value per pod of the domain, and where to find the number of pods. */
interface Term {
  /** maxSkew - 1: waters down differences within what the constraint allows. */
  readonly base: number;
  /** topologyNormalizingWeight: so that small topologies are not drowned by large ones. */
  readonly weight: number;
  readonly counts: NodeCounts;
  /** Undefined for the hostname: the node's own count. */
  readonly domains: KindDomains | undefined;
  /** Pods by domain. */
  readonly sums: readonly number[];
}

const NO_SUMS: readonly number[] = [];

export class SpreadScore {
  /** Undefined: the score has to be asked for each node. */
  readonly counts: readonly NodeCounts[] | undefined;
  readonly #terms: readonly Term[];
  /** By kind: nodes that lack a key that they need are not scored. */
  readonly #isIgnored: readonly boolean[];
  readonly #hasUniqueHostnames: boolean;

  constructor(
    eligible: EligibleNodes,
    cluster: ClusterInfo,
    feasible: FeasibleNodes,
    domains: TopologyDomains,
  ) {
    const { kinds } = cluster;
    this.#hasUniqueHostnames = cluster.hasUniqueHostnames;
    this.#isIgnored = eligible.lacksKeys(kinds);
    const terms: Term[] = [];
    const ownCounts: NodeCounts[] = [];
    const { constraints } = eligible;
    for (let i = 0; i < constraints.length; i++) {
      const { query, maxSkew, isHostname, topologyKey } = constraints[i] as SpreadConstraint;
      const counts = cluster.countPods(query);
      const base = maxSkew - 1;
      if (isHostname) {
        const weight = Math.log(this.#countScored(eligible, feasible) + 2);
        terms.push({ base, counts, weight, domains: undefined, sums: NO_SUMS });
        ownCounts.push(counts);
      } else {
        const ofKey = domains.of(kinds, topologyKey);
        const weight = Math.log(this.#countDomains(ofKey, feasible) + 2);
        const sums = sumUp(eligible, i, cluster, counts, ofKey);
        terms.push({ base, counts, weight, domains: ofKey, sums });
      }
    }
    this.#terms = terms;
    if (!eligible.hasHostname || this.#hasUniqueHostnames) this.counts = ownCounts;
  }

  /** How many feasible nodes are not ignored. */
  #countScored({ requiresAllKeys }: EligibleNodes, { count, kinds }: FeasibleNodes): number {
    if (!requiresAllKeys) return count;
    let scored = count;
    for (const { number, nodeCount } of kinds) {
      if (this.#isIgnored[number] === true) scored -= nodeCount;
    }
    return scored;
  }

  /** Domains of the key among the feasible nodes that are scored. */
  #countDomains(domains: KindDomains, { kinds }: FeasibleNodes): number {
    const isSeen: boolean[] = [];
    let size = 0;
    for (const { number } of kinds) {
      const domain = domains.ofKind[number] ?? 0;
      if (this.#isIgnored[number] === true || isSeen[domain] === true) continue;
      isSeen[domain] = true;
      size++;
    }
    return size;
  }

  /** The raw score: the more pods are near, the higher. */
  at(node: NodeInfo): number {
    if (this.#isIgnored[node.kind] === true) return UNSCORED;
    let score = 0;
    for (const { base, weight, counts, domains, sums } of this.#terms) {
      if (domains === undefined) {
        if (this.#hasUniqueHostnames || labelOf(node, HOSTNAME_KEY) !== undefined) {
          score += counts.at(node.slot) * weight + base;
        }
      } else if (domains.hasLabel[node.kind] === true) {
        score += (sums[domains.ofKind[node.kind] ?? 0] ?? 0) * weight + base;
      }
    }
    return Math.round(score);
  }
}

/** Pods of one constraint by domain, on the nodes that count. */
function sumUp(
  eligible: EligibleNodes,
  i: number,
  cluster: ClusterInfo,
  counts: NodeCounts,
  { ofKind, count }: KindDomains,
): readonly number[] {
  const sums = new Array<number>(count).fill(0);
  if (eligible.isPersonal) {
    const constraint = eligible.constraints[i] as SpreadConstraint;
    for (const node of cluster.nodes) {
      const domain = ofKind[node.kind] ?? 0;
      if (eligible.includes(constraint, node))
        sums[domain] = (sums[domain] ?? 0) + counts.at(node.slot);
    }
    return sums;
  }
  const isEligible = eligible.byKind(cluster.kinds)[i] ?? [];
  for (const { number } of cluster.kinds) {
    const domain = ofKind[number] ?? 0;
    if (isEligible[number] === true) sums[domain] = (sums[domain] ?? 0) + counts.onKind(number);
  }
  return sums;
}
