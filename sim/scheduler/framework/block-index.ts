/**
 * BlockIndex: one value per slot, with the best of every 64 slots kept up to date, so that the best
 * nodes of a cluster are found without looking at each of them.
 *
 * Slots belong to classes (nodes whose normalised spec scores agree). What a class adds to a total
 * is known only in the cycle, so each class has its own blocks over the common slots.
 *
 * Hot: `set` for every changed node of every shape in use, `best` for every decision. Its answers
 * are compared with the full pass by the property tests.
 */
import { NO_SLOT } from "./evaluator.ts";

export const BLOCK_SLOTS = 64;
/** A value of a slot that is not feasible or holds no node; feasible values are 0 or more. */
export const REJECTED = -1;

interface ClassBlocks {
  /** Per block: the highest value of the class, how many slots have it, how many are feasible. */
  readonly max: Int32Array;
  readonly count: Uint8Array;
  readonly feasible: Uint8Array;
  /** Feasible slots of the class in all. */
  total: number;
  /** In the search at hand: the class's highest value, or REJECTED when it cannot hold the best. */
  bestValue: number;
}

export class BlockIndex {
  readonly values: Int32Array;
  /** Sum of `total` over the classes. */
  feasibleCount = 0;
  bestTotal = 0;
  bestCount = 0;
  readonly #classOf: Int32Array;
  readonly #blockCount: number;
  readonly #classes: ClassBlocks[] = [];

  /** `capacity`: number of slots, a multiple of BLOCK_SLOTS. */
  constructor(capacity: number) {
    this.values = new Int32Array(capacity).fill(REJECTED);
    this.#classOf = new Int32Array(capacity);
    this.#blockCount = capacity / BLOCK_SLOTS;
  }

  get classCount(): number {
    return this.#classes.length;
  }

  /** Memory in bytes, without the blocks: they are a hundredth part. */
  get bytes(): number {
    return this.values.length * 8;
  }

  /** Adds a class without slots; its number is the next one. */
  addClass(): void {
    this.#classes.push({
      max: new Int32Array(this.#blockCount).fill(REJECTED),
      count: new Uint8Array(this.#blockCount),
      feasible: new Uint8Array(this.#blockCount),
      total: 0,
      bestValue: REJECTED,
    });
  }

  totalOf(classNumber: number): number {
    return this.#classes[classNumber]?.total ?? 0;
  }

  /** Gives a slot its value and class. O(1), or a scan of the block when its last maximum goes. */
  set(slot: number, classNumber: number, value: number): void {
    const before = this.values[slot]!;
    const classBefore = this.#classOf[slot]!;
    if (before === value && (classBefore === classNumber || value < 0)) return;
    const block = (slot / BLOCK_SLOTS) | 0;
    this.values[slot] = REJECTED; // so that a rescan sees neither the old value nor the new one
    if (before >= 0) this.#takeOut(block, classBefore, before);
    this.values[slot] = value;
    this.#classOf[slot] = classNumber;
    if (value >= 0) this.#putIn(block, classNumber, value);
  }

  #putIn(block: number, classNumber: number, value: number): void {
    const blocks = this.#classes[classNumber]!;
    blocks.total++;
    blocks.feasible[block]!++;
    this.feasibleCount++;
    const max = blocks.max[block]!;
    if (value > max) {
      blocks.max[block] = value;
      blocks.count[block] = 1;
    } else if (value === max) {
      blocks.count[block]!++;
    }
  }

  #takeOut(block: number, classNumber: number, value: number): void {
    const blocks = this.#classes[classNumber]!;
    blocks.total--;
    blocks.feasible[block]!--;
    this.feasibleCount--;
    if (value !== blocks.max[block]) return;
    if (--blocks.count[block]! === 0) this.#rescan(block, classNumber, blocks);
  }

  #rescan(block: number, classNumber: number, blocks: ClassBlocks): void {
    let max = REJECTED;
    const end = (block + 1) * BLOCK_SLOTS;
    for (let slot = block * BLOCK_SLOTS; slot < end; slot++) {
      const value = this.values[slot]!;
      if (value > max && this.#classOf[slot] === classNumber) max = value;
    }
    blocks.max[block] = max;
    blocks.count[block] = max < 0 ? 0 : this.#countOf(block, classNumber, max);
  }

  #countOf(block: number, classNumber: number, value: number): number {
    let count = 0;
    const end = (block + 1) * BLOCK_SLOTS;
    for (let slot = block * BLOCK_SLOTS; slot < end; slot++) {
      if (this.values[slot] === value && this.#classOf[slot] === classNumber) count++;
    }
    return count;
  }

  /** Finds bestTotal and bestCount when class c adds `bonuses[c]` to each of its values. */
  findBest(bonuses: readonly number[]): void {
    this.bestTotal = REJECTED;
    this.bestCount = 0;
    for (let c = 0; c < this.#classes.length; c++) {
      const blocks = this.#classes[c]!;
      blocks.bestValue = REJECTED;
      if (blocks.total === 0) continue;
      let max = REJECTED;
      for (let b = 0; b < this.#blockCount; b++) {
        const value = blocks.max[b]!;
        if (value > max) max = value;
      }
      blocks.bestValue = max;
      const total = max + bonuses[c]!;
      if (total > this.bestTotal) this.bestTotal = total;
    }
    for (let c = 0; c < this.#classes.length; c++) {
      const blocks = this.#classes[c]!;
      const isBest = blocks.total > 0 && blocks.bestValue + bonuses[c]! === this.bestTotal;
      if (!isBest) blocks.bestValue = REJECTED;
      for (let b = 0; isBest && b < this.#blockCount; b++) {
        if (blocks.max[b] === blocks.bestValue) this.bestCount += blocks.count[b]!;
      }
    }
  }

  /** The best slot with `rank` best slots before it, in slot order. After `findBest`. */
  bestSlot(rank: number): number {
    let skip = rank;
    for (let b = 0; b < this.#blockCount; b++) {
      let inBlock = 0;
      for (const { bestValue, max, count } of this.#classes) {
        if (bestValue >= 0 && max[b] === bestValue) inBlock += count[b]!;
      }
      if (skip >= inBlock) {
        skip -= inBlock;
        continue;
      }
      const end = (b + 1) * BLOCK_SLOTS;
      for (let slot = b * BLOCK_SLOTS; slot < end; slot++) {
        if (this.#isBest(slot) && skip-- === 0) return slot;
      }
    }
    return NO_SLOT;
  }

  /** Visits the best slots in slot order. After `findBest`. */
  eachBest(visit: (slot: number) => void): void {
    for (let b = 0; b < this.#blockCount; b++) {
      const hasBest = this.#classes.some(
        ({ bestValue, max }) => bestValue >= 0 && max[b] === bestValue,
      );
      if (!hasBest) continue;
      const end = (b + 1) * BLOCK_SLOTS;
      for (let slot = b * BLOCK_SLOTS; slot < end; slot++) if (this.#isBest(slot)) visit(slot);
    }
  }

  /** The first feasible slot, or NO_SLOT. */
  firstFeasible(): number {
    for (let slot = 0; slot < this.values.length; slot++) {
      if (this.values[slot]! >= 0) return slot;
    }
    return NO_SLOT;
  }

  #isBest(slot: number): boolean {
    const value = this.values[slot]!;
    return value >= 0 && this.#classes[this.#classOf[slot]!]!.bestValue === value;
  }
}
