/**
 * FeasibleKinds: how many nodes of each kind are feasible in the cycle at hand, exceptions apart.
 * It is also what preScore gets to see of the feasible nodes. Nothing is counted before it is asked
 * for, or has to be changed.
 */
import type { ExceptionList } from "./exception-list.ts";
import type { FeasibleNodes, NodeKind } from "./node-info.ts";
import type { SchedulerCache } from "./scheduler-cache.ts";
import type { ShapeIndex } from "./shape-index.ts";

export class FeasibleKinds implements FeasibleNodes {
  /** Feasible nodes of all kinds, exceptions included. */
  count = 0;
  /** All kinds that have nodes. Set by `list`. */
  every: readonly NodeKind[] = [];
  /** By kind: feasible nodes that are no exceptions. */
  readonly plain: number[] = [];
  /** By kind: a filter rejects all that are no exceptions. */
  readonly isRejected: boolean[] = [];
  /** By kind: what is added to the index's values; -1 after `rejectPlain`, for rejected kinds. */
  readonly bonuses: number[] = [];
  /** By kind: feasible nodes, exceptions included. */
  readonly #feasible: number[] = [];
  readonly #cache: SchedulerCache;
  #index: ShapeIndex | undefined;
  #isListed = false;
  #kinds: readonly NodeKind[] | undefined;
  readonly #addFeasible = (kind: number, nodes: number): void => {
    this.plain[kind] = this.plain[kind]! + nodes;
    this.#feasible[kind] = this.#feasible[kind]! + nodes;
  };

  constructor(cache: SchedulerCache) {
    this.#cache = cache;
  }

  /** The kinds that have feasible nodes, with the number of these. */
  get kinds(): readonly NodeKind[] {
    this.list();
    this.#kinds ??= this.every
      .filter(({ number }) => this.#feasible[number]! > 0)
      .map(({ number, node }) => ({ number, node, nodeCount: this.#feasible[number]! }));
    return this.#kinds;
  }

  /** Begins a cycle in which every node that the index does not reject is feasible. */
  begin(index: ShapeIndex): void {
    this.#index = index;
    this.#isListed = false;
    this.#kinds = undefined;
    this.count = index.pages.feasibleCount;
  }

  /** Counts the feasible nodes of each kind, unless that was done. */
  list(): void {
    if (this.#isListed || this.#index === undefined) return;
    this.#isListed = true;
    this.every = this.#cache.cluster.kinds;
    for (const { number } of this.every) {
      this.plain[number] = 0;
      this.#feasible[number] = 0;
      this.isRejected[number] = false;
      this.bonuses[number] = 0;
    }
    this.#index.eachFeasible(this.#addFeasible);
  }

  /** A filter rejects the kind, its exceptions apart. */
  reject(kind: number): void {
    const nodes = this.plain[kind]!;
    this.isRejected[kind] = true;
    this.plain[kind] = 0;
    this.#feasible[kind]! -= nodes;
    this.count -= nodes;
  }

  /** From here on these count by themselves, from number `first` on; the rejected ones not at all. */
  setApart(exceptions: ExceptionList, first: number): void {
    for (let e = first; e < exceptions.count; e++) {
      const kind = exceptions.kinds[e]!;
      this.plain[kind]!--;
      if (exceptions.isRejected[e] === 0) continue;
      this.#feasible[kind]!--;
      this.count--;
    }
  }

  /** Counts the feasible nodes per class of the index. */
  countClasses(index: ShapeIndex): void {
    const { classCounts } = index;
    for (let c = 0; c < index.classCount; c++) classCounts[c] = 0;
    for (const { number } of this.every) {
      if (this.#feasible[number] === 0) continue;
      const c = index.classOfKind(number);
      classCounts[c] = classCounts[c]! + this.#feasible[number]!;
    }
  }

  /** What the index's class scorers add for each kind, on top of `base`. */
  takeBonuses(index: ShapeIndex, base: number): void {
    for (const { number } of this.every) {
      const c = this.#feasible[number] === 0 ? -1 : index.classOfKind(number);
      this.bonuses[number] = c < 0 ? 0 : base + index.bonuses[c]!;
    }
  }

  /** Marks the kinds of which only exceptions are feasible, when these have their totals. */
  rejectPlain(): void {
    for (const { number } of this.every) if (this.isRejected[number]) this.bonuses[number] = -1;
  }
}
