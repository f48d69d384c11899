/**
 * SimEvent: one scheduled call of a handler. Plain data, so that it can be printed, hashed and
 * copied into a fork. Its owner may keep it as a handle, to cancel it or to ask whether it is due.
 *
 * The time is kept as two small integers, an era and an offset in it: absolute microseconds pass
 * 2^31 after 36 minutes and would then be boxed doubles, one more cache miss per event.
 */
import type { Micros } from "./micros.ts";

/** Length of an era in microseconds (36 minutes): the largest whose offsets are small integers. */
export const ERA_US = 2_147_483_648;

/** Bits of a mark below the handler's number. */
const CANCELLED = 1;
const BACKGROUND = 2;
const HANDLER_SHIFT = 2;

export class SimEvent {
  /** Whole eras before the event's time. */
  era: number;
  /** Microseconds since the era began: 0 .. ERA_US - 1. */
  offsetUs: number;
  /** Position in the order of scheduling: equal times fire by it. */
  readonly seq: number;
  /** The handler's number and two flags in one field: a run makes more events than anything else. */
  mark: number;
  a: unknown;
  b: unknown;

  constructor(
    timeUs: Micros,
    seq: number,
    handler: number,
    a: unknown,
    b: unknown,
    background: boolean,
  ) {
    const era = timeUs < ERA_US ? 0 : Math.floor(timeUs / ERA_US) | 0;
    this.era = era;
    this.offsetUs = (timeUs - era * ERA_US) | 0;
    this.seq = seq;
    this.mark = (handler << HANDLER_SHIFT) | (background ? BACKGROUND : 0);
    this.a = a;
    this.b = b;
  }

  /** Number of the handler. */
  get handler(): number {
    return this.mark >> HANDLER_SHIFT;
  }

  /** True from the moment the event fires or is cancelled: it is no longer due. */
  get cancelled(): boolean {
    return (this.mark & CANCELLED) !== 0;
  }

  set cancelled(isCancelled: boolean) {
    this.mark = isCancelled ? this.mark | CANCELLED : this.mark & ~CANCELLED;
  }

  /** A chore that does not keep the run alive. */
  get background(): boolean {
    return (this.mark & BACKGROUND) !== 0;
  }

  /**
   * When it fires, in microseconds since the start. In the first era it is the offset itself: a
   * sum would be a boxed double, and so would each time that is copied from it (a sixth of all the
   * bytes that a run of less than 36 minutes allocates).
   */
  get timeUs(): Micros {
    return this.era === 0 ? this.offsetUs : this.era * ERA_US + this.offsetUs;
  }
}
