/**
 * SpreadFilter: what hard spread constraints (DoNotSchedule) say of each node in one cycle, also
 * while a pod is put on a node or taken off it in a what-if.
 *
 * Source: kubernetes/pkg/scheduler/framework/plugins/podtopologyspread/filtering.go, v1.30.
 */
import type {
  ClusterInfo,
  NodeCounts,
  NodeInfo,
  PodInfo,
  Rejection,
} from "../../sim/scheduler/index.ts";
import type { EligibleNodes } from "./eligible-nodes.ts";
import type { SpreadConstraint } from "./spread-constraints.ts";
import { HostnameTally, KindTally, type Tally, ValueTally } from "./spread-tallies.ts";
import { labelOf, type TopologyDomains } from "./topology-domains.ts";

const MISMATCH_REASON = "node(s) didn't match pod topology spread constraints";
const MISMATCH: Rejection = { code: "Unschedulable", reasons: [MISMATCH_REASON] };
const LABEL_MISSING: Rejection = {
  code: "UnschedulableAndUnresolvable",
  reasons: [`${MISMATCH_REASON} (missing required label)`],
};

export class SpreadFilter {
  /** Undefined: the verdict has to be asked for each node. */
  readonly counts: readonly NodeCounts[] | undefined;
  readonly #namespace: string;
  readonly #eligible: EligibleNodes;
  readonly #tallies: readonly Tally[];
  /** The node of the what-if, and by constraint how many pods it has more than the cluster's. */
  #trialNode: NodeInfo | undefined;
  readonly #trialCounts: number[];

  constructor(
    namespace: string,
    eligible: EligibleNodes,
    cluster: ClusterInfo,
    domains: TopologyDomains,
  ) {
    const { constraints, hasHostname } = eligible;
    this.#namespace = namespace;
    this.#eligible = eligible;
    this.#trialCounts = constraints.map(() => 0);
    const isByNode = eligible.isPersonal || (hasHostname && !cluster.hasUniqueHostnames);
    const counts = constraints.map(({ query }) => cluster.countPods(query));
    const isEligible = isByNode ? [] : eligible.byKind(cluster.kinds);
    this.#tallies = constraints.map((constraint, i) => {
      const counted = counts[i] as NodeCounts;
      const flags = isEligible[i] ?? [];
      if (isByNode) return new ValueTally(cluster, counted, constraint, eligible);
      if (constraint.isHostname) return new HostnameTally(cluster, counted, flags);
      const kindDomains = domains.of(cluster.kinds, constraint.topologyKey);
      return new KindTally(cluster, counted, kindDomains, flags);
    });
    if (!isByNode) this.counts = counts.filter((_, i) => constraints[i]?.isHostname === true);
    else if (!hasHostname) this.counts = [];
  }

  verdict(node: NodeInfo): Rejection | undefined {
    const { constraints } = this.#eligible;
    for (let i = 0; i < constraints.length; i++) {
      const constraint = constraints[i] as SpreadConstraint;
      const tally = this.#tallies[i] as Tally;
      if (!tally.hasLabel(node)) return LABEL_MISSING;
      if (this.#skewAt(node, constraint, tally, i) > constraint.maxSkew) return MISMATCH;
    }
    return undefined;
  }

  /** Pods in the domain with this one, beyond the global minimum. */
  #skewAt(node: NodeInfo, constraint: SpreadConstraint, tally: Tally, i: number): number {
    let count = tally.countAt(node);
    let { minimum } = tally;
    const trialNode = this.#trialNode;
    const more = this.#trialCounts[i] ?? 0;
    if (trialNode !== undefined && more !== 0) {
      if (isSameDomain(trialNode, node, constraint.topologyKey)) count += more;
      minimum = Math.min(tally.minimumBeside(trialNode), tally.countAt(trialNode) + more);
    }
    if (tally.domainCount < constraint.minDomains) minimum = 0;
    return count + (constraint.matchesSelf ? 1 : 0) - minimum;
  }

  /**
   * `other` is put on the node (1) or taken off it (-1). As in updateWithPod, a pod that is being
   * deleted is taken off although it was not counted.
   */
  update(other: PodInfo, node: NodeInfo, amount: 1 | -1): void {
    if (other.namespace !== this.#namespace) return;
    const { constraints } = this.#eligible;
    if (this.#trialNode?.slot !== node.slot) {
      if (this.#trialCounts.some((count) => count !== 0)) {
        throw new Error(`a what-if on ${node.name} begins before that on another node has ended`);
      }
      this.#trialNode = node;
    }
    for (let i = 0; i < constraints.length; i++) {
      const constraint = constraints[i] as SpreadConstraint;
      if (!constraint.selector.matches(other.labels)) continue;
      if (!this.#eligible.includes(constraint, node)) continue;
      this.#trialCounts[i] = (this.#trialCounts[i] ?? 0) + amount;
    }
  }
}

function isSameDomain(a: NodeInfo, b: NodeInfo, key: string): boolean {
  return a.slot === b.slot || labelOf(a, key) === labelOf(b, key);
}
