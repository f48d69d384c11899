/** InterPodAffinity's filter: plugins/interpodaffinity/filtering.go. */
import {
  type AffinityTerm,
  namespaceLabels,
  speaksOf,
  termsOf,
  withNamespaceNames,
} from "./affinity-terms.ts";
import type { IncomingPod } from "./incoming-pod.ts";
import type { NodeState } from "./node-state.ts";
import type { Labels, Pod, Scenario } from "./scenario.ts";
import { type Status, unresolvable, unschedulable } from "./step.ts";
import { addTo, type DomainCounts, domainOf, domainsOf } from "./topology.ts";

const PLUGIN = "InterPodAffinity";

/** Pods on nodes that matter to the incoming pod, counted by domain. */
export class PodAffinityCounts {
  readonly #pod: Pod;
  readonly #scenario: Scenario;
  readonly #podNamespaceLabels: Labels;
  readonly #affinity: readonly AffinityTerm[];
  readonly #antiAffinity: readonly AffinityTerm[];
  /** Pods whose required anti-affinity keeps the incoming pod out of the domain. */
  #repelling: DomainCounts = new Map();
  /** Pods that match all terms of the incoming pod's affinity. */
  #wanted: DomainCounts = new Map();
  /** Pods that match a term of its anti-affinity. */
  #unwanted: DomainCounts = new Map();

  /** Counts no pod yet. */
  constructor(pod: Pod, scenario: Scenario) {
    const { requiredAffinity, requiredAntiAffinity } = termsOf(pod);
    this.#pod = pod;
    this.#scenario = scenario;
    this.#podNamespaceLabels = namespaceLabels(scenario, pod);
    this.#affinity = withNamespaceNames(requiredAffinity, scenario);
    this.#antiAffinity = withNamespaceNames(requiredAntiAffinity, scenario);
  }

  /** PreFilter; undefined when nobody has anything to say: the filter is skipped. */
  static of({ pod, scenario, cluster }: IncomingPod): PodAffinityCounts | undefined {
    const counts = new PodAffinityCounts(pod, scenario);
    for (const node of cluster.nodes) {
      for (const other of node.pods) counts.update(other, node, 1);
    }
    const isSilent = counts.#affinity.length === 0 && counts.#antiAffinity.length === 0;
    return isSilent && counts.#repelling.size === 0 ? undefined : counts;
  }

  clone(): PodAffinityCounts {
    const copy = new PodAffinityCounts(this.#pod, this.#scenario);
    copy.#repelling = new Map(this.#repelling);
    copy.#wanted = new Map(this.#wanted);
    copy.#unwanted = new Map(this.#unwanted);
    return copy;
  }

  /** updateWithPod: AddPod and RemovePod. */
  update(other: Pod, node: NodeState, sign: 1 | -1): void {
    for (const term of termsOf(other).requiredAntiAffinity) {
      if (!speaksOf(term, this.#pod, this.#podNamespaceLabels)) continue;
      addTo(this.#repelling, domainOf(node, term.topologyKey), sign);
    }
    if (this.#isWanted(other)) {
      for (const { topologyKey } of this.#affinity) {
        addTo(this.#wanted, domainOf(node, topologyKey), sign);
      }
    }
    for (const term of this.#antiAffinity) {
      if (speaksOf(term, other, {})) addTo(this.#unwanted, domainOf(node, term.topologyKey), sign);
    }
  }

  filter(node: NodeState): Status | undefined {
    if (!this.#satisfiesAffinity(node)) {
      return unresolvable(PLUGIN, "node(s) didn't match pod affinity rules");
    }
    if (this.#antiAffinity.some(({ topologyKey }) => this.#isUnwantedAt(node, topologyKey))) {
      return unschedulable(PLUGIN, "node(s) didn't match pod anti-affinity rules");
    }
    if (domainsOf(node).some((name) => (this.#repelling.get(name) ?? 0) > 0)) {
      return unschedulable(PLUGIN, "node(s) didn't satisfy existing pods anti-affinity rules");
    }
    return undefined;
  }

  /** satisfyPodAffinity: the first pod of a group that wants to be together may go anywhere. */
  #satisfiesAffinity(node: NodeState): boolean {
    const domains = this.#affinity.map(({ topologyKey }) => domainOf(node, topologyKey));
    if (domains.includes(undefined)) return false;
    if (domains.every((name) => (this.#wanted.get(name ?? "") ?? 0) > 0)) return true;
    return this.#wanted.size === 0 && this.#isWanted(this.#pod);
  }

  #isUnwantedAt(node: NodeState, topologyKey: string): boolean {
    return (this.#unwanted.get(domainOf(node, topologyKey) ?? "") ?? 0) > 0;
  }

  /** podMatchesAllAffinityTerms */
  #isWanted(other: Pod): boolean {
    return this.#affinity.length > 0 && this.#affinity.every((term) => speaksOf(term, other, {}));
  }
}
