/**
 * PageSearch: finds the best nodes when kinds of node add different amounts to the index's values
 * and some nodes are exceptions with totals of their own.
 *
 * Hot.
 */
import { pickIndex } from "./best-nodes.ts";
import { NO_SLOT, type TieBreak } from "./evaluator.ts";
import type { ExceptionList } from "./exception-list.ts";
import { MIXED, type NodeLayout, PAGE_NODES, pageOf } from "./node-layout.ts";
import type { SchedulerCache } from "./scheduler-cache.ts";
import type { ShapeIndex } from "./shape-index.ts";

/** By kind, what it adds; negative: its nodes, exceptions apart, are rejected. */
export type KindBonuses = readonly number[];

export class PageSearch {
  bestTotal = 0;
  bestCount = 0;
  readonly #cache: SchedulerCache;
  readonly #layout: NodeLayout;
  readonly #exceptions: ExceptionList;
  /** Pages that hold best nodes which are no exceptions, and the value that is best there. */
  readonly #bestPages: number[] = [];
  #bestPageCount = 0;
  /** Per page: exceptions that have the page's highest value. */
  #lost = new Uint8Array(0);
  readonly #bestSlots: number[] = [];
  /** By kind: the position that stood for it last. */
  readonly #hints: number[] = [];

  constructor(cache: SchedulerCache, layout: NodeLayout, exceptions: ExceptionList) {
    this.#cache = cache;
    this.#layout = layout;
    this.#exceptions = exceptions;
  }

  /** The slot of a feasible node of the kind that is no exception; there must be one. */
  plainSlotOf(index: ShapeIndex, kind: number): number {
    const { values } = index.pages;
    const { marks } = this.#exceptions;
    const { kindAt, slotAt, size } = this.#layout;
    let at = this.#hints[kind] ?? 0;
    for (let i = 0; i < size; i++, at++) {
      if (at >= size) at = 0;
      if (kindAt[at] !== kind || values[at]! < 0 || marks[at] !== 0) continue;
      this.#hints[kind] = at;
      return slotAt[at]!;
    }
    throw new Error(`no plain node of kind ${kind}`);
  }

  /** Finds bestTotal and bestCount. */
  findBest(index: ShapeIndex, bonuses: KindBonuses): void {
    this.bestTotal = -1;
    this.bestCount = 0;
    this.#bestPageCount = 0;
    const { pageKinds } = this.#layout;
    const { max, count, feasible } = index.pages;
    const lost = this.#countLost(index, pageKinds.length);
    for (let page = 0; page < pageKinds.length; page++) {
      if (feasible[page] === 0) continue;
      const kind = pageKinds[page]!;
      if (kind === MIXED) {
        this.#searchPage(index, bonuses, page);
        continue;
      }
      const bonus = bonuses[kind]!;
      const total = max[page]! + bonus;
      if (bonus < 0 || total < this.bestTotal) continue;
      const left = lost === undefined ? count[page]! : count[page]! - lost[page]!;
      if (left > 0) this.#take(total, left, page);
      else this.#searchPage(index, bonuses, page);
    }
    this.#forgetLost();
    const { count: exceptions, totals, isRejected } = this.#exceptions;
    for (let e = 0; e < exceptions; e++) {
      if (isRejected[e] === 0) this.#take(totals[e]!, 1, -1);
    }
  }

  /** `count` nodes of a page have this total; page -1: an exception has it. */
  #take(total: number, count: number, page: number): void {
    if (total < this.bestTotal) return;
    if (total > this.bestTotal) {
      this.bestTotal = total;
      this.bestCount = 0;
      this.#bestPageCount = 0;
    }
    this.bestCount += count;
    const last = this.#bestPages[this.#bestPageCount - 1];
    if (page >= 0 && (this.#bestPageCount === 0 || last !== page)) {
      this.#bestPages[this.#bestPageCount++] = page;
    }
  }

  /** Node by node: kinds differ, or all nodes with the page's highest value are exceptions. */
  #searchPage(index: ShapeIndex, bonuses: KindBonuses, page: number): void {
    const { values } = index.pages;
    const { kindAt } = this.#layout;
    const { marks } = this.#exceptions;
    const end = (page + 1) * PAGE_NODES;
    for (let at = page * PAGE_NODES; at < end; at++) {
      if (values[at]! < 0 || marks[at] !== 0) continue;
      const bonus = bonuses[kindAt[at]!]!;
      if (bonus >= 0) this.#take(values[at]! + bonus, 1, page);
    }
  }

  #countLost(index: ShapeIndex, pages: number): Uint8Array | undefined {
    const { count, positions } = this.#exceptions;
    if (count === 0) return undefined;
    if (this.#lost.length < pages) this.#lost = new Uint8Array(2 * pages);
    const { values, max } = index.pages;
    for (let e = 0; e < count; e++) {
      const at = positions[e]!;
      const page = pageOf(at);
      if (values[at]! >= 0 && values[at] === max[page]) this.#lost[page]!++;
    }
    return this.#lost;
  }

  #forgetLost(): void {
    const { count, positions } = this.#exceptions;
    for (let e = 0; e < count; e++) this.#lost[pageOf(positions[e]!)] = 0;
  }

  /** The slot of one of the best nodes, which are counted in slot order. After `findBest`. */
  pick(index: ShapeIndex, bonuses: KindBonuses, tie: TieBreak): number {
    const found = this.#listBest(index, bonuses);
    if (found !== this.bestCount) throw new Error(`${found} best nodes, not ${this.bestCount}`);
    const slots = this.#bestSlots;
    if (tie === undefined) return this.#lowestName(found);
    const rank = pickIndex(tie, found);
    return found === 1 ? slots[0]! : smallest(slots, found, rank);
  }

  /** Lists the best nodes' slots, in no order; gives their number. */
  #listBest(index: ShapeIndex, bonuses: KindBonuses): number {
    const { values, max, count: maxCounts } = index.pages;
    const { kindAt, slotAt, pageKinds } = this.#layout;
    const { marks, count, totals, isRejected, slots: exceptionSlots } = this.#exceptions;
    const slots = this.#bestSlots;
    let found = 0;
    for (let i = 0; i < this.#bestPageCount; i++) {
      const page = this.#bestPages[i]!;
      const isMixed = pageKinds[page] === MIXED;
      let wanted = isMixed ? 0 : this.bestTotal - bonuses[pageKinds[page]!]!;
      const end = (page + 1) * PAGE_NODES;
      // The page's best are those with its highest value, unless all of these are exceptions.
      const isHighest = !isMixed && wanted === max[page];
      const last = isHighest ? found + maxCounts[page]! : Number.POSITIVE_INFINITY;
      for (let at = page * PAGE_NODES; at < end && found < last; at++) {
        const value = values[at]!;
        if (value < 0 || marks[at] !== 0) continue;
        if (isMixed) {
          const bonus = bonuses[kindAt[at]!]!;
          wanted = bonus < 0 ? -1 : this.bestTotal - bonus;
        }
        if (value === wanted) slots[found++] = slotAt[at]!;
      }
    }
    for (let e = 0; e < count; e++) {
      if (isRejected[e] === 0 && totals[e] === this.bestTotal) slots[found++] = exceptionSlots[e]!;
    }
    return found;
  }

  #lowestName(found: number): number {
    let chosen = NO_SLOT;
    let lowest = "";
    for (let i = 0; i < found; i++) {
      const slot = this.#bestSlots[i]!;
      const { name } = this.#cache.nodeAt(slot);
      if (chosen !== NO_SLOT && name >= lowest) continue;
      lowest = name;
      chosen = slot;
    }
    return chosen;
  }
}

/** The number that has `rank` smaller ones before it among the first `count`, which it reorders. */
function smallest(numbers: number[], count: number, rank: number): number {
  let low = 0;
  let high = count - 1;
  while (low < high) {
    const pivot = numbers[(low + high) >> 1]!;
    let i = low - 1;
    let j = high + 1;
    for (;;) {
      do i++;
      while (numbers[i]! < pivot);
      do j--;
      while (numbers[j]! > pivot);
      if (i >= j) break;
      const swapped = numbers[i]!;
      numbers[i] = numbers[j]!;
      numbers[j] = swapped;
    }
    if (rank <= j) high = j;
    else low = j + 1;
  }
  return numbers[rank]!;
}
