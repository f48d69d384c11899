/**
 * Tallies: how many pods that are to be spread are in each domain of one constraint. Three ways to
 * count, by what the domains are: kinds of nodes, single nodes, or values looked up node by node.
 */
import type { ClusterInfo, NodeCounts, NodeInfo } from "../../sim/scheduler/index.ts";
import type { EligibleNodes } from "./eligible-nodes.ts";
import type { SpreadConstraint } from "./spread-constraints.ts";
import { type KindDomains, labelOf } from "./topology-domains.ts";

/** math.MaxInt32: the minimum over no domain at all. */
const NO_MINIMUM = 0x7fffffff;

export interface Tally {
  /** Domains with a node that counts. */
  readonly domainCount: number;
  /** The smallest number of pods in a domain. */
  readonly minimum: number;
  /** The smallest among the domains that the node is not in. */
  minimumBeside(node: NodeInfo): number;
  hasLabel(node: NodeInfo): boolean;
  /** Pods in the node's domain; 0 when none of its nodes counts. */
  countAt(node: NodeInfo): number;
}

/** Domains of whole kinds: the sum of their counts. */
export class KindTally implements Tally {
  readonly domainCount: number = 0;
  readonly minimum: number = NO_MINIMUM;
  readonly #domains: KindDomains;
  /** By domain; undefined: no node in it counts. */
  readonly #sums: readonly (number | undefined)[];

  constructor(
    cluster: ClusterInfo,
    counts: NodeCounts,
    domains: KindDomains,
    isEligible: readonly boolean[],
  ) {
    const sums = new Array<number | undefined>(domains.count).fill(undefined);
    for (const { number } of cluster.kinds) {
      if (isEligible[number] !== true) continue;
      const domain = domains.ofKind[number] ?? 0;
      sums[domain] = (sums[domain] ?? 0) + counts.onKind(number);
    }
    for (const sum of sums) {
      if (sum === undefined) continue;
      this.domainCount++;
      if (sum < this.minimum) this.minimum = sum;
    }
    this.#domains = domains;
    this.#sums = sums;
  }

  minimumBeside({ kind }: NodeInfo): number {
    const own = this.#domains.ofKind[kind];
    let minimum = NO_MINIMUM;
    for (let domain = 0; domain < this.#sums.length; domain++) {
      const sum = this.#sums[domain] ?? NO_MINIMUM;
      if (domain !== own && sum < minimum) minimum = sum;
    }
    return minimum;
  }

  hasLabel({ kind }: NodeInfo): boolean {
    return this.#domains.hasLabel[kind] === true;
  }

  countAt({ kind }: NodeInfo): number {
    return this.#sums[this.#domains.ofKind[kind] ?? -1] ?? 0;
  }
}

/** Every node is a domain: unique hostnames. */
export class HostnameTally implements Tally {
  readonly domainCount: number = 0;
  readonly minimum: number;
  /** How many nodes that count have the minimum (2 stands for more), and the next higher count. */
  #atMinimum = 0;
  #nextMinimum = NO_MINIMUM;
  readonly #counts: NodeCounts;
  readonly #isEligible: readonly boolean[];

  constructor(cluster: ClusterInfo, counts: NodeCounts, isEligible: readonly boolean[]) {
    this.#counts = counts;
    this.#isEligible = isEligible;
    for (const { number, nodeCount } of cluster.kinds) {
      if (isEligible[number] === true) this.domainCount += nodeCount;
    }
    // Nodes that count and nodes with pods overlap in some way; but for more than one of the
    // former there are no pods left: the minimum is 0, whichever node is left out.
    if (counts.slots.length < this.domainCount - 1) {
      this.minimum = 0;
      this.#atMinimum = 2;
    } else this.minimum = this.#lookAtAll(cluster);
  }

  #lookAtAll({ nodes }: ClusterInfo): number {
    let minimum = NO_MINIMUM;
    for (const { slot, kind } of nodes) {
      if (this.#isEligible[kind] !== true) continue;
      const count = this.#counts.at(slot);
      if (count < minimum) {
        this.#nextMinimum = minimum;
        minimum = count;
        this.#atMinimum = 1;
      } else if (count === minimum) this.#atMinimum = 2;
      else if (count < this.#nextMinimum) this.#nextMinimum = count;
    }
    return minimum;
  }

  minimumBeside(node: NodeInfo): number {
    const isOnlyLowest = this.#atMinimum === 1 && this.countAt(node) === this.minimum;
    return isOnlyLowest && this.#isEligible[node.kind] === true ? this.#nextMinimum : this.minimum;
  }

  hasLabel(): boolean {
    return true;
  }

  countAt({ kind, slot }: NodeInfo): number {
    return this.#isEligible[kind] === true ? this.#counts.at(slot) : 0;
  }
}

/** Any domains, by looking at every node. */
export class ValueTally implements Tally {
  readonly domainCount: number;
  readonly minimum: number;
  readonly #key: string;
  readonly #sums = new Map<string, number>();

  constructor(
    cluster: ClusterInfo,
    counts: NodeCounts,
    constraint: SpreadConstraint,
    eligible: EligibleNodes,
  ) {
    this.#key = constraint.topologyKey;
    for (const node of cluster.nodes) {
      const value = labelOf(node, this.#key);
      if (value === undefined || !eligible.includes(constraint, node)) continue;
      this.#sums.set(value, (this.#sums.get(value) ?? 0) + counts.at(node.slot));
    }
    this.domainCount = this.#sums.size;
    this.minimum = this.#minimumWithout(undefined);
  }

  minimumBeside(node: NodeInfo): number {
    return this.#minimumWithout(labelOf(node, this.#key));
  }

  #minimumWithout(own: string | undefined): number {
    let minimum = NO_MINIMUM;
    for (const [value, sum] of this.#sums) if (value !== own && sum < minimum) minimum = sum;
    return minimum;
  }

  hasLabel(node: NodeInfo): boolean {
    return labelOf(node, this.#key) !== undefined;
  }

  countAt(node: NodeInfo): number {
    return this.#sums.get(labelOf(node, this.#key) ?? "") ?? 0;
  }
}
