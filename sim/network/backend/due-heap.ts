/**
 * DueHeap: calls by when they will be done, on their pod's own clock: a binary heap. Plain data, so
 * that a fork can copy it.
 *
 * Hot: one push and one pop for each request on a node whose cores are contended.
 */
import type { Call } from "../call/index.ts";
import { byBeginning } from "./call-order.ts";

export class DueHeap {
  /** The heap, as two arrays side by side. */
  readonly dues: number[] = [];
  readonly calls: Call[] = [];

  get length(): number {
    return this.dues.length;
  }

  /** When the first is due; +infinity: there is none. */
  get firstDue(): number {
    return this.dues.length === 0 ? Number.POSITIVE_INFINITY : (this.dues[0] as number);
  }

  push(due: number, call: Call): void {
    const { dues, calls } = this;
    let place = dues.length;
    dues.push(due);
    calls.push(call);
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const parentDue = dues[parent] as number;
      const parentCall = calls[parent] as Call;
      if (!isBefore(due, call, parentDue, parentCall)) break;
      dues[place] = parentDue;
      calls[place] = parentCall;
      place = parent;
    }
    dues[place] = due;
    calls[place] = call;
  }

  /** The first call, removed. Throws when there is none. */
  pop(): Call {
    const { dues, calls } = this;
    const first = calls[0];
    const due = dues.pop();
    const call = calls.pop();
    if (first === undefined || due === undefined || call === undefined)
      throw new Error("an empty heap of calls was asked for its first");
    if (dues.length > 0) sink(this, due, call);
    return first;
  }

  /** The clock was set back by that much. */
  shift(us: number): void {
    const { dues } = this;
    for (let i = 0; i < dues.length; i++) dues[i] = (dues[i] as number) - us;
  }

  clear(): void {
    this.dues.length = 0;
    this.calls.length = 0;
  }
}

/** Puts a call where the first was, and lets it sink to its place. */
function sink({ dues, calls }: DueHeap, due: number, call: Call): void {
  const { length } = dues;
  let place = 0;
  for (;;) {
    let child = 2 * place + 1;
    if (child >= length) break;
    const right = child + 1;
    if (right < length && isBeforeAt(dues, calls, right, child)) child = right;
    const childDue = dues[child] as number;
    const childCall = calls[child] as Call;
    if (!isBefore(childDue, childCall, due, call)) break;
    dues[place] = childDue;
    calls[place] = childCall;
    place = child;
  }
  dues[place] = due;
  calls[place] = call;
}

function isBeforeAt(
  dues: readonly number[],
  calls: readonly Call[],
  i: number,
  j: number,
): boolean {
  return isBefore(dues[i] as number, calls[i] as Call, dues[j] as number, calls[j] as Call);
}

function isBefore(due: number, call: Call, otherDue: number, other: Call): boolean {
  return due < otherDue || (due === otherDue && byBeginning(call, other) < 0);
}
