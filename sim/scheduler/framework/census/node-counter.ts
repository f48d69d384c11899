/** NodeCounter: the NodeCounts that change. As small as the nodes it counts on. */
import type { NodeCounts } from "../node-counts.ts";
import { SparseCounts } from "./sparse-counts.ts";

export class NodeCounter implements NodeCounts {
  total = 0;
  readonly #bySlot = new SparseCounts();
  readonly #byKind = new SparseCounts();

  get slots(): readonly number[] {
    return this.#bySlot.keys;
  }

  get counts(): readonly number[] {
    return this.#bySlot.counts;
  }

  at(slot: number): number {
    return this.#bySlot.at(slot);
  }

  onKind(kind: number): number {
    return this.#byKind.at(kind);
  }

  /** Adds to the count on the node in a slot, which is of the given kind. `amount` may be negative. */
  add(slot: number, kind: number, amount: number): void {
    this.total += amount;
    this.#bySlot.add(slot, amount);
    this.#byKind.add(kind, amount);
  }

  /** Adds what another counts. */
  addAll(other: NodeCounter, kindOf: (slot: number) => number): void {
    const { slots, counts } = other;
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i] ?? 0;
      this.add(slot, kindOf(slot), counts[i] ?? 0);
    }
  }

  /** Some of the counted are on a node that has changed its kind. */
  moveKind(from: number, to: number, amount: number): void {
    this.#byKind.add(from, -amount);
    this.#byKind.add(to, amount);
  }
}
