/**
 * TopologySum: for one topology key, the weighted number of some pods in the domain of a node.
 * Three ways to sum, by what the domains are: kinds of nodes, single nodes, or values looked up
 * node by node.
 */
import type { ClusterInfo, NodeCounts, NodeInfo } from "../../sim/scheduler/index.ts";
import {
  HOSTNAME_KEY,
  type KindDomains,
  labelOf,
  type TopologyDomains,
} from "./topology-domains.ts";

export interface WeightedCounts {
  readonly counts: NodeCounts;
  readonly weight: number;
}

export interface TopologySum {
  readonly topologyKey: string;
  /** Counted pods on nodes that have the label, weights left aside. */
  readonly podCount: number;
  /** What the sum at a node depends on besides the node's kind; undefined: on its hostname. */
  readonly counts: readonly NodeCounts[] | undefined;
  hasLabel(node: NodeInfo): boolean;
  /** 0 on nodes without the label. */
  at(node: NodeInfo): number;
}

const NO_COUNTS: readonly NodeCounts[] = [];

export function topologySum(
  topologyKey: string,
  parts: readonly WeightedCounts[],
  cluster: ClusterInfo,
  domains: TopologyDomains,
): TopologySum {
  if (topologyKey !== HOSTNAME_KEY) {
    return new KindSum(topologyKey, parts, cluster, domains.of(cluster.kinds, topologyKey));
  }
  return cluster.hasUniqueHostnames
    ? new HostnameSum(topologyKey, parts)
    : new ValueSum(topologyKey, parts, cluster);
}

/** Every count that the sums depend on; undefined: they depend on hostnames. */
export function countsOf(sums: readonly TopologySum[]): readonly NodeCounts[] | undefined {
  const all = new Set<NodeCounts>();
  for (const { counts } of sums) {
    if (counts === undefined) return undefined;
    for (const one of counts) all.add(one);
  }
  return [...all];
}

class KindSum implements TopologySum {
  readonly topologyKey: string;
  readonly podCount: number;
  readonly counts = NO_COUNTS;
  readonly #domains: KindDomains;
  /** By domain. */
  readonly #sums: number[];

  constructor(
    topologyKey: string,
    parts: readonly WeightedCounts[],
    { kinds }: ClusterInfo,
    domains: KindDomains,
  ) {
    const sums = new Array<number>(domains.count).fill(0);
    let podCount = 0;
    for (const { number } of kinds) {
      if (domains.hasLabel[number] !== true) continue;
      const domain = domains.ofKind[number] ?? 0;
      for (const { counts, weight } of parts) {
        const count = counts.onKind(number);
        if (count === 0) continue;
        podCount += count;
        sums[domain] = (sums[domain] ?? 0) + count * weight;
      }
    }
    this.topologyKey = topologyKey;
    this.podCount = podCount;
    this.#domains = domains;
    this.#sums = sums;
  }

  hasLabel({ kind }: NodeInfo): boolean {
    return this.#domains.hasLabel[kind] === true;
  }

  at(node: NodeInfo): number {
    return this.hasLabel(node) ? (this.#sums[this.#domains.ofKind[node.kind] ?? 0] ?? 0) : 0;
  }
}

/** Unique hostnames: each node by itself. */
class HostnameSum implements TopologySum {
  readonly topologyKey: string;
  readonly podCount: number;
  readonly counts: readonly NodeCounts[];
  readonly #parts: readonly WeightedCounts[];

  constructor(topologyKey: string, parts: readonly WeightedCounts[]) {
    this.topologyKey = topologyKey;
    this.#parts = parts.filter(({ counts }) => counts.total > 0);
    this.counts = this.#parts.map(({ counts }) => counts);
    this.podCount = this.counts.reduce((sum, { total }) => sum + total, 0);
  }

  hasLabel(): boolean {
    return true;
  }

  at({ slot }: NodeInfo): number {
    let sum = 0;
    for (const { counts, weight } of this.#parts) sum += counts.at(slot) * weight;
    return sum;
  }
}

/** Any values, by looking at every node. */
class ValueSum implements TopologySum {
  readonly topologyKey: string;
  readonly podCount: number;
  readonly counts = undefined;
  readonly #sums = new Map<string, number>();

  constructor(topologyKey: string, parts: readonly WeightedCounts[], { nodes }: ClusterInfo) {
    let podCount = 0;
    for (const node of nodes) {
      const value = labelOf(node, topologyKey);
      if (value === undefined) continue;
      for (const { counts, weight } of parts) {
        const count = counts.at(node.slot);
        podCount += count;
        this.#sums.set(value, (this.#sums.get(value) ?? 0) + count * weight);
      }
    }
    this.topologyKey = topologyKey;
    this.podCount = podCount;
  }

  hasLabel(node: NodeInfo): boolean {
    return labelOf(node, this.topologyKey) !== undefined;
  }

  at(node: NodeInfo): number {
    const value = labelOf(node, this.topologyKey);
    return value === undefined ? 0 : (this.#sums.get(value) ?? 0);
  }
}

/** Gathers parts by topology key, in order of first mention. */
export class PartsByKey {
  readonly #parts = new Map<string, WeightedCounts[]>();

  add(topologyKey: string, counts: NodeCounts, weight: number): void {
    if (counts.total === 0) return;
    const parts = this.#parts.get(topologyKey);
    if (parts === undefined) this.#parts.set(topologyKey, [{ counts, weight }]);
    else parts.push({ counts, weight });
  }

  sums(cluster: ClusterInfo, domains: TopologyDomains): readonly TopologySum[] {
    return Array.from(this.#parts, ([key, parts]) => topologySum(key, parts, cluster, domains));
  }
}
