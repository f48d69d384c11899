/** PodTopologySpread's filter: plugins/podtopologyspread/filtering.go. */
import type { IncomingPod } from "./incoming-pod.ts";
import type { NodeState } from "./node-state.ts";
import type { Pod } from "./scenario.ts";
import { selects } from "./selectors.ts";
import {
  countSelected,
  hasAllKeys,
  includes,
  type SpreadConstraint,
  spreadConstraints,
} from "./spread-constraints.ts";
import { type Status, unresolvable, unschedulable } from "./step.ts";
import { type DomainCounts, domainOf } from "./topology.ts";

const PLUGIN = "PodTopologySpread";
const SKEWED = "node(s) didn't match pod topology spread constraints";

/** Pods that match the hard constraints of the incoming pod, counted by domain. */
export class SpreadCounts {
  readonly #pod: Pod;
  readonly #constraints: readonly SpreadConstraint[];
  readonly #counts: DomainCounts;

  constructor(pod: Pod, constraints: readonly SpreadConstraint[], counts: DomainCounts) {
    this.#pod = pod;
    this.#constraints = constraints;
    this.#counts = counts;
  }

  /** PreFilter (calPreFilterState); undefined: no hard constraint, and the filter is skipped. */
  static of(incoming: IncomingPod): SpreadCounts | undefined {
    const { pod, cluster } = incoming;
    const constraints = spreadConstraints(incoming, "DoNotSchedule");
    if (constraints.length === 0) return undefined;
    const counts: DomainCounts = new Map();
    for (const node of cluster.nodes) {
      if (!hasAllKeys(constraints, node)) continue;
      const here: DomainCounts = new Map();
      for (const constraint of constraints) {
        if (!includes(constraint, pod, node)) continue;
        const selected = countSelected(node, constraint.selector, pod.metadata.namespace);
        here.set(domainOf(node, constraint.topologyKey) ?? "", selected);
      }
      for (const [name, count] of here) counts.set(name, (counts.get(name) ?? 0) + count);
    }
    return new SpreadCounts(pod, constraints, counts);
  }

  clone(): SpreadCounts {
    return new SpreadCounts(this.#pod, this.#constraints, new Map(this.#counts));
  }

  /** updateWithPod: unlike the first count, it does count pods that go away. */
  update(other: Pod, node: NodeState, sign: 1 | -1): void {
    if (other.metadata.namespace !== this.#pod.metadata.namespace) return;
    if (!hasAllKeys(this.#constraints, node)) return;
    for (const constraint of this.#constraints) {
      if (!selects(constraint.selector, other.metadata.labels)) continue;
      if (!includes(constraint, this.#pod, node)) continue;
      const name = domainOf(node, constraint.topologyKey) ?? "";
      this.#counts.set(name, (this.#counts.get(name) ?? 0) + sign);
    }
  }

  filter(node: NodeState): Status | undefined {
    for (const constraint of this.#constraints) {
      const name = domainOf(node, constraint.topologyKey);
      if (name === undefined) return unresolvable(PLUGIN, `${SKEWED} (missing required label)`);
      const lowest = this.#lowestCount(constraint);
      if (lowest === undefined) continue;
      const self = selects(constraint.selector, this.#pod.metadata.labels) ? 1 : 0;
      const skew = (this.#counts.get(name) ?? 0) + self - lowest;
      if (skew > constraint.maxSkew) return unschedulable(PLUGIN, SKEWED);
    }
    return undefined;
  }

  /** minMatchNum: 0 while there are fewer domains than wanted; undefined without any domain. */
  #lowestCount({ topologyKey, minDomains }: SpreadConstraint): number | undefined {
    const counts = [...this.#counts]
      .filter(([name]) => name.startsWith(`${topologyKey}=`))
      .map(([, count]) => count);
    if (counts.length === 0) return undefined;
    return counts.length < minDomains ? 0 : Math.min(...counts);
  }
}
