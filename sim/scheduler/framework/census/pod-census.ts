/**
 * PodCensus: how many pods of each description are on each node.
 *
 * Pods are grouped in label sets; a counter asks every label set that it may match once whether it
 * counts it, and from then on a pod that comes or goes touches the counters of its label set only.
 */
import type { CachedNode } from "../cached-node.ts";
import type { NodeCounts, PodQuery } from "../node-counts.ts";
import type { PodInfo } from "../pod-info.ts";
import { type LabelSet, LabelSets } from "./label-sets.ts";
import { NarrowedList } from "./narrowed-list.ts";
import { NodeCounter } from "./node-counter.ts";

/** Our assumptions: far more than one run asks for at a time, yet bounded. */
const COUNTERS_MAX = 50_000;
const EMPTY_LABEL_SETS_MAX = 10_000;

interface QueryCounter {
  readonly query: PodQuery;
  readonly counter: NodeCounter;
}

export class PodCensus {
  readonly #kindOf: (slot: number) => number;
  readonly #labelSets = new LabelSets();
  #emptySetCount = 0;
  /** By the query's key. */
  readonly #byKey = new Map<string, NodeCounter>();
  readonly #counters = new NarrowedList<QueryCounter>();

  /** `kindOf`: the kind of the node in a slot. */
  constructor(kindOf: (slot: number) => number) {
    this.#kindOf = kindOf;
  }

  count(query: PodQuery): NodeCounts {
    return this.#byKey.get(query.key) ?? this.#countAnew(query);
  }

  place(node: CachedNode, pod: PodInfo): void {
    const set = this.#labelSets.find(pod) ?? this.#addLabelSet(pod);
    if (set.pods.total === 0) this.#emptySetCount--;
    addTo(set, node.slot, node.kind, 1);
  }

  /** The pod must have been placed on the node, with the same namespace, labels and deletion. */
  displace(node: CachedNode, pod: PodInfo): void {
    const set = this.#labelSets.find(pod);
    if (set === undefined || set.pods.at(node.slot) === 0) {
      throw new Error(`pod ${pod.record.key} was not counted on node ${node.name}`);
    }
    addTo(set, node.slot, node.kind, -1);
    if (set.pods.total === 0 && ++this.#emptySetCount > EMPTY_LABEL_SETS_MAX) {
      this.#labelSets.forgetEmpty();
      this.#emptySetCount = 0;
    }
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
      const set = this.#labelSets.find(pod);
      set?.pods.moveKind(from, node.kind, 1);
      for (const counter of set?.counters ?? []) counter.moveKind(from, node.kind, 1);
    }
  }

  #countAnew(query: PodQuery): NodeCounts {
    if (this.#byKey.size >= COUNTERS_MAX) this.#forgetCounters();
    const counter = new NodeCounter();
    for (const set of this.#labelSets.mayMatch(query.narrowedBy)) {
      if (!query.matches(set.namespace, set.labels, set.isTerminating)) continue;
      set.counters.push(counter);
      counter.addAll(set.pods, this.#kindOf);
    }
    this.#byKey.set(query.key, counter);
    this.#counters.add({ query, counter }, query.narrowedBy);
    return counter;
  }

  #addLabelSet(pod: PodInfo): LabelSet {
    const set = this.#labelSets.add(pod);
    const { namespace, labels, isTerminating, counters } = set;
    for (const { query, counter } of this.#counters.mayMatch(namespace, labels)) {
      if (query.matches(namespace, labels, isTerminating)) counters.push(counter);
    }
    this.#emptySetCount++;
    return set;
  }

  #forgetCounters(): void {
    this.#byKey.clear();
    this.#counters.clear();
    for (const set of this.#labelSets.all) set.counters = [];
  }
}

function addTo(set: LabelSet, slot: number, kind: number, amount: number): void {
  set.pods.add(slot, kind, amount);
  const { counters } = set;
  for (let i = 0; i < counters.length; i++) counters[i]?.add(slot, kind, amount);
}
