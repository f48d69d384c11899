/** FairQueue: one of a priority level's queues. Plain data. */
import { Fifo, type Micros } from "../../kernel/index.ts";
import type { ApiCall } from "../api-call.ts";

/** A request in a queue. */
export interface Waiting {
  readonly call: ApiCall;
  readonly arrivedUs: Micros;
  /** The level's progress at its arrival, in seat-us: it is not virtually dispatched before. */
  readonly arrivalR: number;
}

export class FairQueue {
  readonly waiting: Fifo<Waiting> = new Fifo();
  /** Estimated work of those that wait, in seat-us. */
  workWaiting = 0;
  /** Requests that run. */
  executing = 0;
  /** Progress at which the oldest waiting one is virtually dispatched, in seat-us. */
  nextDispatchR = 0;

  get isActive(): boolean {
    return this.executing > 0 || this.waiting.length > 0;
  }

  /** The oldest one that waits. */
  get oldest(): Waiting | undefined {
    return this.waiting.items[this.waiting.head];
  }

  /**
   * A virtual dispatch does not precede the arrival, or a queue that does not use up its share
   * would save up for later (boundNextDispatchLocked).
   */
  boundNextDispatch(): void {
    const bound = this.oldest?.arrivalR;
    if (bound !== undefined && this.nextDispatchR < bound) this.nextDispatchR = bound;
  }
}
