/** PodOutcomes: how many pods came how far, and how long that took. */
import { NEVER } from "../row.ts";
import { boundedSlowdown } from "./bounded-slowdown.ts";
import { Distribution } from "./distribution.ts";
import {
  COUNTS_FOR_SLO,
  ENDS_BY_ITSELF,
  FINISHED,
  IS_LEFT,
  type PodSample,
  PREEMPTED,
  STARTED,
} from "./pod-sample.ts";

export class PodOutcomes {
  #created = 0;
  #scheduled = 0;
  #started = 0;
  #finished = 0;
  #preempted = 0;
  #pendingAtEnd = 0;
  #runningAtEnd = 0;
  readonly #startup = new Distribution("pod_startup", "s");
  readonly #sloStartup = new Distribution("pod_startup_slo", "s");
  readonly #wait = new Distribution("scheduling_wait", "s");
  readonly #completion = new Distribution("pod_completion", "s");
  readonly #slowdown = new Distribution("pod_slowdown", "ratio");

  add(sample: PodSample): void {
    const { flags } = sample;
    this.#created++;
    if ((flags & STARTED) !== 0) this.#started++;
    if ((flags & FINISHED) !== 0) this.#finished++;
    if ((flags & PREEMPTED) !== 0) this.#preempted++;
    if (sample.waitUs !== NEVER) this.#scheduled++;
    if ((flags & IS_LEFT) !== 0) {
      if (sample.waitUs === NEVER) this.#pendingAtEnd++;
      else this.#runningAtEnd++;
    }
    addTo(this.#wait, sample.waitUs);
    addTo(this.#startup, sample.startupUs);
    if ((flags & COUNTS_FOR_SLO) !== 0) addTo(this.#sloStartup, sample.sloStartupUs);
    if ((flags & ENDS_BY_ITSELF) === 0) return;
    addTo(this.#completion, sample.completionUs);
    if (sample.completionUs === NEVER) this.#slowdown.censored++;
    else this.#slowdown.addRatio(boundedSlowdown(sample.completionUs, sample.runUs));
  }

  distributions(): Distribution[] {
    return [this.#startup, this.#sloStartup, this.#wait, this.#completion, this.#slowdown];
  }

  /** Figures of runs.csv. */
  metrics(): Record<string, number | undefined> {
    return {
      pods_created: this.#created,
      pods_scheduled: this.#scheduled,
      pods_never_scheduled: this.#created - this.#scheduled,
      pods_started: this.#started,
      pods_finished: this.#finished,
      pods_preempted: this.#preempted,
      pods_pending_at_end: this.#pendingAtEnd,
      pods_running_at_end: this.#runningAtEnd,
      pods_unfinished: this.#pendingAtEnd + this.#runningAtEnd,
      pods_incomplete: this.#completion.censored,
      ...Object.assign({}, ...this.distributions().map((each) => each.figures())),
    };
  }
}

function addTo(distribution: Distribution, us: number): void {
  if (us === NEVER) distribution.censored++;
  else distribution.series.add(us);
}
