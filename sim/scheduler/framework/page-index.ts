/**
 * PageIndex: one value per position, with the best of every page kept up to date, so that the best
 * nodes of a cluster are found without looking at each of them.
 *
 * Hot: `set` for every changed node of every shape in use. Its answers are compared with the full
 * pass by the property tests.
 */
import { PAGE_NODES, pageOf } from "./node-layout.ts";

/** A value of a position that is not feasible or holds no node; feasible values are 0 or more. */
export const REJECTED = -1;

export class PageIndex {
  readonly values: Int32Array;
  /** Per page: the highest value, or REJECTED; how many positions have it; how many are feasible. */
  readonly max: Int32Array;
  readonly count: Uint8Array;
  readonly feasible: Uint8Array;
  /** Feasible positions in all. */
  feasibleCount = 0;

  constructor(pages: number) {
    this.values = new Int32Array(pages * PAGE_NODES).fill(REJECTED);
    this.max = new Int32Array(pages).fill(REJECTED);
    this.count = new Uint8Array(pages);
    this.feasible = new Uint8Array(pages);
  }

  /** Memory in bytes, without the pages' own: they are a hundredth part. */
  get bytes(): number {
    return this.values.length * 4;
  }

  /** O(1), or a scan of the page when its last highest value goes. */
  set(position: number, value: number): void {
    const before = this.values[position]!;
    if (before === value) return;
    this.values[position] = value;
    if (before < 0 && value < 0) return;
    const page = pageOf(position);
    if (before < 0) {
      this.feasible[page]!++;
      this.feasibleCount++;
    } else if (value < 0) {
      this.feasible[page]!--;
      this.feasibleCount--;
    }
    const max = this.max[page]!;
    if (value > max) {
      this.max[page] = value;
      this.count[page] = 1;
    } else if (value === max) {
      this.count[page]!++;
    } else if (before === max && --this.count[page]! === 0) {
      this.#rescan(page);
    }
  }

  /** Takes in all pages anew, after values were written without `set`. */
  rebuild(): void {
    const { values } = this;
    this.feasibleCount = 0;
    for (let page = 0; page < this.max.length; page++) {
      const end = (page + 1) * PAGE_NODES;
      let max = REJECTED;
      let count = 0;
      let feasible = 0;
      for (let position = page * PAGE_NODES; position < end; position++) {
        const value = values[position]!;
        if (value < 0) continue;
        feasible++;
        if (value < max) continue;
        if (value > max) {
          max = value;
          count = 0;
        }
        count++;
      }
      this.max[page] = max;
      this.count[page] = count;
      this.feasible[page] = feasible;
      this.feasibleCount += feasible;
    }
  }

  #rescan(page: number): void {
    const { values } = this;
    const end = (page + 1) * PAGE_NODES;
    let max = REJECTED;
    let count = 0;
    for (let position = page * PAGE_NODES; position < end; position++) {
      const value = values[position]!;
      if (value < max) continue;
      if (value > max) {
        max = value;
        count = 0;
      }
      count++;
    }
    this.max[page] = max;
    this.count[page] = max < 0 ? 0 : count;
  }
}
