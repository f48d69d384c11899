/**
 * RetryAfter: how long a level asks those that it refuses to stay away: twice as long while it has
 * to go on refusing, a second less when it hardly does. Plain data.
 * Source: apiserver/pkg/util/flowcontrol/dropped_requests_tracker.go of v1.30.
 */
import type { Micros } from "../../kernel/index.ts";

const MAX_SECONDS = 32;
/** Before any second of a run. */
const NEVER = -1_000_000_000;

export class RetryAfter {
  seconds = 1;
  /** Second of the last doubling. */
  doubled: number = NEVER;
  /** The present second, and the refusals in it so far. */
  current: number = NEVER;
  count = 0;
  /** Earlier seconds with refusals, the oldest first. */
  history: { readonly second: number; readonly count: number }[] = [];

  /** A request is refused: returns the Retry-After to tell it, in seconds. */
  refused(nowUs: Micros): number {
    const second = Math.floor(nowUs / 1_000_000);
    if (second === this.current) {
      this.count++;
      return this.seconds;
    }
    const { current, count } = this;
    this.history.push({ second: current, count });
    this.history = this.history.filter((each) => current - each.second <= MAX_SECONDS);
    this.current = second;
    this.count = 1;
    let refusals = 0;
    for (const each of this.history)
      if (second - each.second <= this.seconds) refusals += each.count;
    if (second - this.doubled >= this.seconds && refusals >= 3 * this.seconds) {
      this.seconds = Math.min(MAX_SECONDS, this.seconds * 2);
      this.doubled = second;
    } else if (refusals < this.seconds && this.seconds > 1) this.seconds--;
    return this.seconds;
  }
}
