/**
 * RetryWindow: calls and retries of the last ten seconds, which a retry budget compares.
 *
 * Source: the retry budgets of Finagle and Linkerd (`RetryBudget`: a window of 10 s in slots of 1 s),
 * without their floor of 10 retries a second, which would be a second setting.
 */
import type { Micros } from "../../kernel/index.ts";

const SLOT_US: Micros = 1_000_000;
const SLOTS = 10;

/** Plain data. */
export class RetryWindow {
  readonly sent: number[] = new Array<number>(SLOTS).fill(0);
  readonly retried: number[] = new Array<number>(SLOTS).fill(0);
  sentSum = 0;
  retriedSum = 0;
  /** Number of the newest slot since time 0. */
  slot = 0;

  addSent(nowUs: Micros): void {
    advance(this, nowUs);
    const at = this.slot % SLOTS;
    this.sent[at] = (this.sent[at] ?? 0) + 1;
    this.sentSum++;
  }

  addRetry(nowUs: Micros): void {
    advance(this, nowUs);
    const at = this.slot % SLOTS;
    this.retried[at] = (this.retried[at] ?? 0) + 1;
    this.retriedSum++;
  }

  /** Whether one more is within the budget: `share` retries for each call, on average. */
  allows(share: number, nowUs: Micros): boolean {
    advance(this, nowUs);
    return this.retriedSum < share * this.sentSum;
  }
}

/** Forgets the slots that have left the window. */
function advance(window: RetryWindow, nowUs: Micros): void {
  const slot = Math.floor(nowUs / SLOT_US);
  const steps = Math.min(slot - window.slot, SLOTS);
  for (let step = 1; step <= steps; step++) {
    const at = (window.slot + step) % SLOTS;
    window.sentSum -= window.sent[at] ?? 0;
    window.retriedSum -= window.retried[at] ?? 0;
    window.sent[at] = 0;
    window.retried[at] = 0;
  }
  window.slot = slot;
}
