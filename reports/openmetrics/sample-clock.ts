/** SampleClock: sees virtual time pass by the facts of a run, and says when a sample is due. */
import type { Trace } from "../../sim/api/index.ts";
import type { Micros } from "../../sim/kernel/index.ts";

/** Samples at which the interval doubles: two days at a minute. Even. Our choice: files stay readable. */
export const SAMPLES_MAX = 2880;

export interface SampleClockOptions {
  readonly intervalUs: Micros;
  /** The interval stays what it is, however long the run. */
  readonly isFixed: boolean;
  /** Sample number `index` (from 0) is of now: facts up to its time were seen, none after it. */
  readonly sample: (index: number) => void;
  /** Every second sample goes; number i becomes (i - 1) / 2, rounded up. */
  readonly halve: () => void;
}

export class SampleClock {
  readonly #options: SampleClockOptions;
  intervalUs: Micros;
  /** Samples so far. */
  count = 0;

  constructor(options: SampleClockOptions) {
    this.#options = options;
    this.intervalUs = options.intervalUs;
  }

  /** Attach before what is sampled: a sample must not see the fact that shows that it is due. */
  attach(trace: Trace): void {
    const at = ({ timeUs }: { readonly timeUs: Micros }) => this.#advance(timeUs);
    const ended = ({ endUs }: { readonly endUs: Micros }) => this.#advance(endUs);
    trace.committed.subscribe(at);
    trace.apiRequest.subscribe(({ answeredUs }) => this.#advance(answeredUs));
    trace.reconcile.subscribe(at);
    trace.podQueued.subscribe(at);
    trace.podDequeued.subscribe(at);
    trace.schedulingAttempt.subscribe(ended);
    trace.binding.subscribe(ended);
    trace.podObserved.subscribe(at);
    trace.podStarted.subscribe(at);
    trace.podFinished.subscribe(at);
    trace.proxySync.subscribe(at);
    trace.nameLookup.subscribe(ended);
    trace.leadership.subscribe(at);
  }

  /** Time of a sample; `lastUs` of the last one, where the run ended. */
  timeUs(index: number, lastUs: Micros): Micros {
    return Math.min((index + 1) * this.intervalUs, lastUs);
  }

  /** The last sample, at the end of the run. */
  finish(endUs: Micros): void {
    this.#advance(endUs);
    this.#options.sample(this.count);
    this.count++;
  }

  #advance(timeUs: Micros): void {
    let isSampled = false; // nothing changes in a gap: one look at the series is enough
    while ((this.count + 1) * this.intervalUs < timeUs) {
      if (!isSampled) this.#options.sample(this.count);
      isSampled = true;
      this.count++;
      if (this.#options.isFixed || this.count < SAMPLES_MAX) continue;
      this.#options.halve();
      this.count /= 2;
      this.intervalUs *= 2;
    }
  }
}
