/**
 * AffinityFilter: what required affinity and anti-affinity say of each node in one cycle, also while
 * pods are put on a node or taken off it in a what-if.
 *
 * Source: kubernetes/pkg/scheduler/framework/plugins/interpodaffinity/filtering.go, v1.30.
 */
import {
  affinityTermsOf,
  type ClusterInfo,
  type NodeCounts,
  type NodeInfo,
  type PodInfo,
  type Rejection,
  type TermCounts,
} from "../../sim/scheduler/index.ts";
import type { IncomingTerms } from "./incoming-terms.ts";
import { labelsOf } from "./matching-terms.ts";
import { labelOf, type TopologyDomains } from "./topology-domains.ts";
import { countsOf, PartsByKey, type TopologySum, topologySum } from "./topology-sum.ts";

const AFFINITY: Rejection = {
  code: "UnschedulableAndUnresolvable",
  reasons: ["node(s) didn't match pod affinity rules"],
};
const ANTI_AFFINITY: Rejection = {
  code: "Unschedulable",
  reasons: ["node(s) didn't match pod anti-affinity rules"],
};
const EXISTING_ANTI_AFFINITY: Rejection = {
  code: "Unschedulable",
  reasons: ["node(s) didn't satisfy existing pods anti-affinity rules"],
};

export class AffinityFilter {
  /** Nothing can reject the pod: no terms of its own, none of others that match it. */
  readonly isIdle: boolean;
  /** Undefined: the verdict has to be asked for each node. */
  readonly counts: readonly NodeCounts[] | undefined;
  readonly #namespace: string;
  readonly #labels: Readonly<Record<string, string>>;
  readonly #namespaceLabels: Readonly<Record<string, string>> | undefined;
  readonly #terms: IncomingTerms;
  /** By term of the required affinity: pods that match all of them. */
  readonly #affinity: readonly TopologySum[];
  /** By term of the required anti-affinity. */
  readonly #antiAffinity: readonly TopologySum[];
  /** By topology key: pods whose required anti-affinity matches this one. */
  readonly #existing: readonly TopologySum[];
  /** The node of the what-if, and what it has more than the cluster's. */
  #trialNode: NodeInfo | undefined;
  #trialAffinity = 0;
  readonly #trialAntiAffinity: number[];
  readonly #trialExisting = new Map<string, number>();

  constructor(
    pod: PodInfo,
    terms: IncomingTerms,
    existing: readonly TermCounts[],
    cluster: ClusterInfo,
    domains: TopologyDomains,
  ) {
    const { requiredAffinity, requiredAntiAffinity } = terms;
    this.#terms = terms;
    this.#namespace = pod.namespace;
    this.#labels = pod.labels;
    this.#namespaceLabels = labelsOf(pod, cluster);
    const byKey = new PartsByKey();
    for (const { term, pods } of existing) byKey.add(term.topologyKey, pods, 1);
    this.#existing = byKey.sums(cluster, domains);
    this.#affinity = requiredAffinity.map(({ topologyKey }) => {
      const counts = cluster.countPods(terms.allRequired);
      return topologySum(topologyKey, [{ counts, weight: 1 }], cluster, domains);
    });
    this.#antiAffinity = requiredAntiAffinity.map(({ topologyKey, query }) => {
      const counts = cluster.countPods(query);
      return topologySum(topologyKey, [{ counts, weight: 1 }], cluster, domains);
    });
    this.#trialAntiAffinity = requiredAntiAffinity.map(() => 0);
    this.counts = countsOf([...this.#affinity, ...this.#antiAffinity, ...this.#existing]);
    this.isIdle =
      requiredAffinity.length + requiredAntiAffinity.length === 0 &&
      this.#existing.every(({ podCount }) => podCount === 0);
  }

  verdict(node: NodeInfo): Rejection | undefined {
    if (!this.#isAffine(node)) return AFFINITY;
    for (let i = 0; i < this.#antiAffinity.length; i++) {
      const sum = this.#antiAffinity[i] as TopologySum;
      if (sum.at(node) + this.#more(node, sum, this.#trialAntiAffinity[i] ?? 0) > 0) {
        return ANTI_AFFINITY;
      }
    }
    for (const sum of this.#existing) {
      const more = this.#trialExisting.get(sum.topologyKey) ?? 0;
      if (sum.at(node) + this.#more(node, sum, more) > 0) return EXISTING_ANTI_AFFINITY;
    }
    return this.#isBannedByTrial(node) ? EXISTING_ANTI_AFFINITY : undefined;
  }

  /** satisfyPodAffinity: every term, or the first pod of a series. */
  #isAffine(node: NodeInfo): boolean {
    let hasAll = true;
    for (const sum of this.#affinity) {
      if (!sum.hasLabel(node)) return false;
      if (sum.at(node) + this.#more(node, sum, this.#trialAffinity) <= 0) hasAll = false;
    }
    return hasAll || (this.#terms.matchesSelf && this.#isFirstOfSeries());
  }

  /** No pod anywhere matches the terms. */
  #isFirstOfSeries(): boolean {
    const node = this.#trialNode;
    let podCount = 0;
    for (const sum of this.#affinity) {
      podCount += sum.podCount;
      if (node !== undefined && sum.hasLabel(node)) podCount += this.#trialAffinity;
    }
    return podCount === 0;
  }

  /** Anti-affinity with a key that only pods of the what-if state. */
  #isBannedByTrial(node: NodeInfo): boolean {
    for (const [key, more] of this.#trialExisting) {
      if (more <= 0 || this.#existing.some((sum) => sum.topologyKey === key)) continue;
      if (isSameDomain(this.#trialNode, node, key)) return true;
    }
    return false;
  }

  #more(node: NodeInfo, { topologyKey }: TopologySum, more: number): number {
    return more !== 0 && isSameDomain(this.#trialNode, node, topologyKey) ? more : 0;
  }

  /** `other` is put on the node (1) or taken off it (-1): updateWithPod. */
  update(other: PodInfo, node: NodeInfo, amount: 1 | -1): void {
    if (this.#trialNode?.slot !== node.slot) this.#begin(node);
    const { namespace, labels } = other;
    for (const term of affinityTermsOf(other, "requiredAntiAffinity")) {
      if (!term.matches(this.#namespace, this.#labels, this.#namespaceLabels)) continue;
      const key = term.topologyKey;
      this.#trialExisting.set(key, (this.#trialExisting.get(key) ?? 0) + amount);
    }
    if (this.#terms.allRequired.matches(namespace, labels, false)) this.#trialAffinity += amount;
    this.#terms.requiredAntiAffinity.forEach(({ query }, i) => {
      if (!query.matches(namespace, labels, false)) return;
      this.#trialAntiAffinity[i] = (this.#trialAntiAffinity[i] ?? 0) + amount;
    });
  }

  #begin(node: NodeInfo): void {
    const isOpen =
      this.#trialAffinity !== 0 ||
      this.#trialAntiAffinity.some((count) => count !== 0) ||
      [...this.#trialExisting.values()].some((count) => count !== 0);
    if (isOpen) {
      throw new Error(`a what-if on ${node.name} begins before that on another node has ended`);
    }
    this.#trialExisting.clear();
    this.#trialNode = node;
  }
}

/** Both nodes have the label, with one value. */
function isSameDomain(a: NodeInfo | undefined, b: NodeInfo, key: string): boolean {
  const value = labelOf(b, key);
  return a !== undefined && value !== undefined && labelOf(a, key) === value;
}
