/**
 * A token bucket in one integer: the theoretical arrival time of the generic cell rate algorithm.
 *
 * `qps` tokens flow in per second, at most `burst` are kept. No refill events and no floats: time is
 * scaled by the rate, so that one token's period is a whole number of units whatever the rate.
 * Same outcome as golang.org/x/time/rate, which client-go's flowcontrol uses.
 */
import type { Micros } from "../kernel/index.ts";

const SECOND_US = 1_000_000;
/** Rates that are not whole are kept in millionths. */
const FRACTION = 1_000_000;

export class TokenBucket {
  /** Units of scaled time per microsecond; 0: no limit. */
  readonly scale: number;
  /** Scaled time between two tokens. */
  readonly period: number;
  readonly burst: number;
  /** Scaled time at which the bucket would be full again; 0: it is full. */
  fullAt = 0;

  /** `qps` 0 means no limit. Exact for 2^53 / qps microseconds: five years
   * at 50 per second; a millionth of that for a rate that is not whole and above 1. */
  constructor(qps: number, burst: number) {
    const fraction = Number.isInteger(qps) ? 1 : FRACTION;
    this.scale = Math.round(qps * fraction);
    this.period = SECOND_US * fraction;
    this.burst = Math.max(1, burst);
  }

  /** Makes it full. */
  refill(): void {
    this.fullAt = 0;
  }

  /** Takes a token if one is there at `nowUs`. */
  tryTake(nowUs: Micros): boolean {
    if (this.fullAt - (this.burst - 1) * this.period > nowUs * this.scale) return false;
    this.take(nowUs);
    return true;
  }

  /** Takes a token at `nowUs` and returns when it is there: `nowUs`, or later. */
  take(nowUs: Micros): Micros {
    if (this.scale === 0) return nowUs;
    const now = nowUs * this.scale;
    const readyAt = Math.max(now, this.fullAt - (this.burst - 1) * this.period);
    this.fullAt = Math.max(now, this.fullAt) + this.period;
    return Math.ceil(readyAt / this.scale);
  }
}
