/**
 * Cells: nodes of one kind with equal counts, of which a plugin says the same. Counts come as sparse
 * lists; DenseCounts spreads them over arrays by slot for the time of a cycle.
 */
import type { NodeCounts } from "./node-counts.ts";
import type { NodeLayout } from "./node-layout.ts";

/** Beyond so many cells the plugin is asked about each node. Our choice: 0.5 MB. */
const CELLS_MAX = 1 << 16;

/** The counts of one cycle as arrays by slot. A cache of zeros between cycles. */
export class DenseCounts {
  readonly #arrays: Int32Array[] = [];
  readonly #lists: NodeCounts[] = [];
  readonly #maxima: number[] = [];
  /** Lists in use. Arrays are never shortened: V8 would make them anew. */
  #count = 0;

  /** The number of the array that holds these counts. */
  add(counts: NodeCounts, layout: NodeLayout): number {
    for (let known = 0; known < this.#count; known++) {
      if (this.#lists[known] === counts) return known;
    }
    const number = this.#count++;
    this.#lists[number] = counts;
    let array = this.#arrays[number];
    if (array === undefined || array.length < layout.positions.length) {
      array = new Int32Array(layout.positions.length);
      this.#arrays[number] = array;
    }
    let max = 0;
    for (let i = 0; i < counts.slots.length; i++) {
      const count = counts.counts[i]!;
      array[counts.slots[i]!] = count;
      if (count > max) max = count;
    }
    this.#maxima[number] = max;
    return number;
  }

  arrayOf(number: number): Int32Array {
    return this.#arrays[number]!;
  }

  maxOf(number: number): number {
    return this.#maxima[number]!;
  }

  clear(): void {
    for (let number = 0; number < this.#count; number++) {
      const array = this.#arrays[number]!;
      const { slots } = this.#lists[number]!;
      for (let i = 0; i < slots.length; i++) array[slots[i]!] = 0;
    }
    this.#count = 0;
  }
}

/** The cells of one plugin's counts, by number. */
export class Cells {
  /** How many there are; 0: too many to remember anything by cell. */
  count = 0;
  readonly #arrays: Int32Array[] = [];
  readonly #radices: number[] = [];
  #dimensions = 0;

  /** Begins a cycle with the plugin's counts. */
  begin(dense: DenseCounts, counts: readonly NodeCounts[], layout: NodeLayout): void {
    this.#dimensions = counts.length;
    let cells = layout.kindLimit;
    for (let i = 0; i < counts.length; i++) {
      const number = dense.add(counts[i]!, layout);
      const radix = dense.maxOf(number) + 1;
      this.#arrays[i] = dense.arrayOf(number);
      this.#radices[i] = radix;
      cells *= radix;
    }
    this.count = cells <= CELLS_MAX ? cells : 0;
  }

  /** The cell of a node, when there are cells. */
  of(kind: number, slot: number): number {
    const arrays = this.#arrays;
    let cell = kind;
    for (let i = 0; i < this.#dimensions; i++) cell = cell * this.#radices[i]! + arrays[i]![slot]!;
    return cell;
  }
}
