/**
 * ExceptionList: the nodes of a cycle that differ from the others of their kind. Its arrays are used
 * again in every cycle; the first `count` entries are of this one.
 */
import type { NodeLayout } from "./node-layout.ts";

export class ExceptionList {
  count = 0;
  slots = new Int32Array(0);
  positions = new Int32Array(0);
  kinds = new Int32Array(0);
  /** 1: the node is rejected, by a plugin that reads counts or on behalf of nominated pods. */
  isRejected = new Uint8Array(0);
  /** The index's value plus what has been added for this node. */
  totals = new Int32Array(0);
  /** By position: 0, or the number of the exception plus one. */
  marks = new Int32Array(0);

  begin({ size }: NodeLayout): void {
    if (this.marks.length >= size) return;
    this.slots = new Int32Array(2 * size);
    this.positions = new Int32Array(2 * size);
    this.kinds = new Int32Array(2 * size);
    this.isRejected = new Uint8Array(2 * size);
    this.totals = new Int32Array(2 * size);
    this.marks = new Int32Array(2 * size);
  }

  /** Makes the node in a slot an exception, unless it is one. Returns its number. */
  add(slot: number, layout: NodeLayout): number {
    const position = layout.positions[slot]!;
    const known = this.marks[position]!;
    if (known > 0) return known - 1;
    const number = this.count++;
    this.slots[number] = slot;
    this.positions[number] = position;
    this.kinds[number] = layout.kindAt[position]!;
    this.isRejected[number] = 0;
    this.totals[number] = 0;
    this.marks[position] = number + 1;
    return number;
  }

  clear(): void {
    for (let i = 0; i < this.count; i++) this.marks[this.positions[i]!] = 0;
    this.count = 0;
  }
}
