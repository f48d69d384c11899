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

export class SimEvent {
  /** Whole eras before the event's time. */
  era: number;
  /** Microseconds since the era began: 0 .. ERA_US - 1. */
  offsetUs: number;
  /** Position in the order of scheduling: equal times fire by it. */
  readonly seq: number;
  /** Number of the handler. */
  readonly handler: number;
  a: unknown;
  b: unknown;
  /** True from the moment the event fires or is cancelled: it is no longer due. */
  cancelled: boolean;
  /** A chore that does not keep the run alive. */
  readonly background: boolean;

  constructor(
    timeUs: Micros,
    seq: number,
    handler: number,
    a: unknown,
    b: unknown,
    background: boolean,
  ) {
    const era = Math.floor(timeUs / ERA_US) | 0;
    this.era = era;
    this.offsetUs = (timeUs - era * ERA_US) | 0;
    this.seq = seq;
    this.handler = handler;
    this.a = a;
    this.b = b;
    this.cancelled = false;
    this.background = background;
  }

  /** When it fires, in microseconds since the start. */
  get timeUs(): Micros {
    return this.era * ERA_US + this.offsetUs;
  }
}
