/**
 * OutcomesRecorder: what became of the pods, Jobs and namespaces of a run, its warm-up left out.
 *
 * Once per pod, when nothing more is recorded of it. With a warm-up that is known beforehand, or
 * none, samples are counted at once; one that MSER-5 finds is known at the end of the run, so samples
 * are kept until then.
 */
import type { Trace } from "../../sim/api/index.ts";
import type { Micros } from "../../sim/kernel/index.ts";
import type { PodJourney } from "../pod-journey.ts";
import type { PodJourneys } from "../pod-journeys.ts";
import { NEVER, type RowSink } from "../row.ts";
import type { Distribution } from "./distribution.ts";
import { JobCompletions, type JobFigures } from "./job-completions.ts";
import { NamespaceUses } from "./namespace-uses.ts";
import { PodOutcomes } from "./pod-outcomes.ts";
import { PodSample } from "./pod-sample.ts";
import { PodSampleStore } from "./pod-sample-store.ts";
import { type WarmupRule, warmupEndUs } from "./warmup.ts";

export class OutcomesRecorder {
  readonly #rule: WarmupRule;
  readonly #pods = new PodOutcomes();
  readonly #namespaces: NamespaceUses;
  readonly #jobs = new JobCompletions();
  readonly #sample = new PodSample();
  readonly #kept: PodSampleStore | undefined;
  #jobFigures: JobFigures | undefined;
  #warmupUs: Micros;
  #leftOut = 0;
  #endUs: Micros = 0;
  #firstCreatedUs: Micros = NEVER;
  #lastFinishedUs: Micros = NEVER;

  /** `resources`: those to report. */
  constructor(resources: readonly string[], rule: WarmupRule) {
    this.#rule = rule;
    this.#namespaces = new NamespaceUses(resources);
    this.#kept = rule.warmupUs === "mser-5" ? new PodSampleStore() : undefined;
    this.#warmupUs = rule.warmupUs === "mser-5" ? 0 : rule.warmupUs;
  }

  attach(trace: Trace, journeys: PodJourneys): void {
    this.#jobs.attach(trace);
    journeys.observe({ closed: (journey) => this.#podClosed(journey) });
  }

  /** Tells when the run ends. Before the journeys of the pods that are left are closed. */
  endAt(endUs: Micros): void {
    this.#endUs = endUs;
  }

  /** Takes the warm-up away. After all journeys are closed. */
  finish(): void {
    const kept = this.#kept;
    if (kept !== undefined) {
      this.#warmupUs = warmupEndUs(kept, this.#rule.of);
      for (let seq = 0; seq < kept.count; seq++) {
        kept.read(seq, this.#sample);
        this.#count();
      }
    }
    this.#jobFigures = this.#jobs.figures(this.#warmupUs);
  }

  /** End of the warm-up. With MSER-5: ask after `finish`. */
  get warmupUs(): Micros {
    return this.#warmupUs;
  }

  /** Figures of runs.csv. Ask after `finish`. */
  metrics(): Record<string, number | undefined> {
    const spanUs = this.#lastFinishedUs - this.#firstCreatedUs;
    return {
      warmup_s: this.#warmupUs / 1_000_000,
      pods_in_warmup: this.#leftOut,
      ...this.#pods.metrics(),
      makespan_s: this.#lastFinishedUs === NEVER ? undefined : spanUs / 1_000_000,
      jobs_created: this.#jobFigures?.created,
      jobs_failed: this.#jobFigures?.failed,
      jobs_incomplete: this.#jobFigures?.completion.censored,
      ...this.#jobFigures?.completion.figures(),
      namespace_fairness: this.#namespaces.fairness(),
    };
  }

  /** Rows of distributions.csv; `others`: more series for it. Ask after `finish`. */
  writeDistributions(sink: RowSink, others: readonly Distribution[]): void {
    const jobs = this.#jobFigures === undefined ? [] : [this.#jobFigures.completion];
    for (const each of [...this.#pods.distributions(), ...jobs, ...others]) each.writeRows(sink);
  }

  /** Rows of namespaces.csv. Ask after `finish`. */
  writeNamespaces(sink: RowSink): void {
    this.#namespaces.writeRows(sink);
  }

  #podClosed(journey: PodJourney): void {
    const { createdUs, finishedUs } = journey;
    if (this.#firstCreatedUs === NEVER || createdUs < this.#firstCreatedUs)
      this.#firstCreatedUs = createdUs;
    // A victim's end completes nothing: it is no end of the work.
    if (finishedUs > this.#lastFinishedUs && !journey.isPreempted)
      this.#lastFinishedUs = finishedUs;
    this.#sample.take(journey, this.#endUs);
    if (this.#kept === undefined) this.#count();
    else this.#kept.put(this.#sample);
  }

  #count(): void {
    if (this.#sample.createdUs < this.#warmupUs) {
      this.#leftOut++;
      return;
    }
    this.#pods.add(this.#sample);
    this.#namespaces.add(this.#sample);
  }
}
