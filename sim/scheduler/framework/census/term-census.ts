/** TermCensus: the distinct affinity terms of the pods on nodes, and where these pods are. */
import {
  AFFINITY_TERM_GROUPS,
  type AffinityTermLists,
  NO_AFFINITY_TERMS,
  parseAffinityTerms,
} from "../affinity-terms.ts";
import type { CachedNode } from "../cached-node.ts";
import type { AffinityTerm, AffinityTermGroup, AffinityTerms, TermCounts } from "../node-counts.ts";
import type { PodInfo } from "../pod-info.ts";
import { NarrowedList } from "./narrowed-list.ts";
import { NodeCounter } from "./node-counter.ts";

/** Our assumption: so many terms without pods are worth starting anew, if they are the most. */
const EMPTY_TERMS_MAX = 1_000;

interface CountedTerm extends TermCounts {
  readonly pods: NodeCounter;
}

interface TermGroup {
  readonly list: NarrowedList<CountedTerm>;
  readonly byTerm: Map<AffinityTerm, CountedTerm>;
  podCount: number;
}

export class TermCensus implements AffinityTerms {
  readonly epoch: number;
  readonly #groups: Readonly<Record<AffinityTermGroup, TermGroup>> = {
    requiredAffinity: createGroup(),
    requiredAntiAffinity: createGroup(),
    preferredAffinity: createGroup(),
    preferredAntiAffinity: createGroup(),
  };
  /** Of each pod that states any, by its record's id. */
  readonly #listsOf = new Map<number, AffinityTermLists>();
  #termCount = 0;
  #emptyTermCount = 0;

  /** `epoch`: a number that no earlier census had. */
  constructor(epoch: number) {
    this.epoch = epoch;
  }

  /** Most terms have no pods any more: time for a new census. */
  get isWorn(): boolean {
    return this.#emptyTermCount > EMPTY_TERMS_MAX && 2 * this.#emptyTermCount > this.#termCount;
  }

  of(group: AffinityTermGroup): readonly TermCounts[] {
    return this.#groups[group].list.items;
  }

  mayMatch(
    group: AffinityTermGroup,
    namespace: string,
    labels: Readonly<Record<string, string>>,
    since: number,
  ): readonly TermCounts[] {
    return this.#groups[group].list.mayMatch(namespace, labels, since);
  }

  podCount(group: AffinityTermGroup): number {
    return this.#groups[group].podCount;
  }

  place(node: CachedNode, pod: PodInfo): void {
    const lists = parseAffinityTerms(pod.pod.spec, pod.namespace);
    if (lists === NO_AFFINITY_TERMS) return;
    this.#listsOf.set(pod.record.id, lists);
    this.#count(lists, node.slot, node.kind, 1);
  }

  displace(node: CachedNode, pod: PodInfo): void {
    const lists = this.#listsOf.get(pod.record.id);
    if (lists === undefined) return;
    this.#listsOf.delete(pod.record.id);
    this.#count(lists, node.slot, node.kind, -1);
  }

  /** A node came with pods on it. */
  addNode(node: CachedNode): void {
    for (const pod of node.pods) this.place(node, pod);
  }

  removeNode(node: CachedNode): void {
    for (const pod of node.pods) this.displace(node, pod);
  }

  /** The node was of the kind `from` until now. */
  changeKind(node: CachedNode, from: number): void {
    for (const pod of node.pods) {
      const lists = this.#listsOf.get(pod.record.id);
      if (lists === undefined) continue;
      for (const group of AFFINITY_TERM_GROUPS) {
        for (const term of lists[group]) {
          this.#groups[group].byTerm.get(term)?.pods.moveKind(from, node.kind, 1);
        }
      }
    }
  }

  #count(lists: AffinityTermLists, slot: number, kind: number, amount: number): void {
    for (const name of AFFINITY_TERM_GROUPS) {
      const terms = lists[name];
      if (terms.length === 0) continue;
      const group = this.#groups[name];
      group.podCount += amount;
      for (const term of terms) {
        const { pods } = group.byTerm.get(term) ?? this.#addTerm(group, term);
        if (pods.total === 0) this.#emptyTermCount--;
        pods.add(slot, kind, amount);
        if (pods.total === 0) this.#emptyTermCount++;
      }
    }
  }

  #addTerm(group: TermGroup, term: AffinityTerm): CountedTerm {
    const counted: CountedTerm = { term, pods: new NodeCounter() };
    group.list.add(counted, term.narrowedBy);
    group.byTerm.set(term, counted);
    this.#termCount++;
    this.#emptyTermCount++;
    return counted;
  }
}

function createGroup(): TermGroup {
  return { list: new NarrowedList(), byTerm: new Map(), podCount: 0 };
}
