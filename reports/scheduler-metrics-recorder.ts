/** SchedulerMetricsRecorder: kube-scheduler's own metrics, in virtual time (scheduler-metrics.csv). */
import type {
  BindingFact,
  PodDequeuedFact,
  PodQueuedFact,
  SchedulingAttemptFact,
  SchedulingQueueName,
  Trace,
} from "../sim/api/index.ts";
import type { Micros } from "../sim/kernel/index.ts";
import type { Profile } from "../sim/scheduler/index.ts";
import type { MetricHistogram } from "./metric-histogram.ts";
import { type RowSink, roundTo } from "./row.ts";
import { SchedulerMetricSet } from "./scheduler-metric-set.ts";
import {
  cycleCosts,
  type ExtensionPoint,
  type ExtensionPointCost,
  type NodeCosts,
  pluginsAt,
} from "./scheduling-costs.ts";
import { TimeWeighted } from "./time-weighted.ts";

export interface SchedulerMetricsOptions {
  readonly profiles: readonly Profile[];
  readonly nodeCosts: NodeCosts;
}

/** Queues of `pending_pods`, in the order of the file. */
const QUEUES: readonly SchedulingQueueName[] = ["active", "backoff", "gated", "unschedulable"];

/** More attempts than this share one label (getAttemptsLabel in schedule_one.go). */
const ATTEMPTS_LABEL_MAX = 15;

/** The series of one extension point in one profile. */
interface PointSeries {
  readonly point: MetricHistogram;
  readonly plugins: readonly MetricHistogram[];
}

export class SchedulerMetricsRecorder {
  readonly #options: SchedulerMetricsOptions;
  readonly #metrics = new SchedulerMetricSet();
  readonly #pending = new TimeWeighted(QUEUES.length, 0);
  readonly #pendingMax = QUEUES.map(() => 0);
  /** By profile, extension point and status: no key is built per cycle. */
  readonly #series = new Map<string, Map<ExtensionPoint, Map<string, PointSeries>>>();
  readonly #points = new Map<string, ReadonlyMap<ExtensionPoint, readonly string[]>>();
  /** Attempts whose pod is being bound, by the id of its record. */
  readonly #binding = new Map<number, SchedulingAttemptFact>();
  /** When pods that were gated first became active, by the id of their record. */
  readonly #ungatedUs = new Map<number, Micros>();

  constructor(options: SchedulerMetricsOptions) {
    this.#options = options;
    for (const profile of options.profiles)
      this.#points.set(profile.schedulerName, points(profile));
  }

  attach(trace: Trace): void {
    trace.podQueued.subscribe((fact) => this.#queued(fact));
    trace.podDequeued.subscribe((fact) => this.#dequeued(fact));
    trace.schedulingAttempt.subscribe((fact) => this.#attempted(fact));
    trace.binding.subscribe((fact) => this.#bound(fact));
  }

  /** The series as they stand now, but for `pending_pods`. */
  get metrics(): SchedulerMetricSet {
    return this.#metrics;
  }

  /** Pods in a queue now. */
  pendingIn(queue: SchedulingQueueName): number {
    return this.#pending.values[QUEUES.indexOf(queue)] ?? 0;
  }

  /** Hands over all rows. Once, at the end of the run. */
  finish(endUs: Micros, sink: RowSink): void {
    this.#pending.advance(endUs);
    for (const [index, queue] of QUEUES.entries()) {
      const row = ["scheduler_pending_pods", `queue=${queue}`];
      sink([...row, "mean", "", roundTo(this.#pending.mean(index), 6)]);
      sink([...row, "max", "", this.#pendingMax[index] ?? 0]);
      sink([...row, "end", "", this.#pending.values[index] ?? 0]);
    }
    this.#metrics.writeRows(sink);
  }

  /** A pod that a gate holds back is pending, but no incoming pod (moveToActiveQ). */
  #queued({ record, queue, event, timeUs }: PodQueuedFact): void {
    this.#addPending(queue, 1, timeUs);
    if (queue === "gated") {
      if (!this.#ungatedUs.has(record.id)) this.#ungatedUs.set(record.id, -1);
      return;
    }
    if (queue === "active" && this.#ungatedUs.get(record.id) === -1) {
      this.#ungatedUs.set(record.id, timeUs);
    }
    this.#metrics.count("queue_incoming_pods_total", `event=${event};queue=${queue}`);
  }

  #dequeued({ queue, timeUs }: PodDequeuedFact): void {
    this.#addPending(queue, -1, timeUs);
  }

  #addPending(queue: SchedulingQueueName, change: number, timeUs: Micros): void {
    const index = QUEUES.indexOf(queue);
    const { values } = this.#pending;
    this.#pending.advance(timeUs);
    values[index] = (values[index] ?? 0) + change;
    this.#pendingMax[index] = Math.max(this.#pendingMax[index] ?? 0, values[index] ?? 0);
  }

  #attempted(fact: SchedulingAttemptFact): void {
    const { result, startUs, endUs, victimCount } = fact;
    this.#costs(fact);
    if (victimCount !== undefined) this.#metrics.count("preemption_attempts_total");
    if ((victimCount ?? 0) > 0) {
      this.#metrics.histogram("preemption_victims").observe(victimCount ?? 0);
    }
    if (fact.node !== "") {
      const algorithm = this.#metrics.histogram("scheduling_algorithm_duration_seconds");
      algorithm.observe((endUs - startUs) / 1e6);
    }
    if (result === "scheduled") this.#binding.set(fact.record.id, fact);
    else this.#ended(fact, result, endUs);
  }

  /** The attempt ends with the answer to the binding (bindingCycle in schedule_one.go). */
  #bound({ record, ok, assumedUs, endUs }: BindingFact): void {
    const fact = this.#binding.get(record.id);
    if (fact === undefined) return;
    this.#binding.delete(record.id);
    const status = ok ? "Success" : "Error";
    this.#observe(fact.profile, status, {
      point: "Bind",
      seconds: (endUs - assumedUs) / 1e6,
      calls: 1,
    });
    this.#ended(fact, ok ? "scheduled" : "error", endUs);
    if (!ok) return;
    const { attempt, firstQueuedUs } = fact;
    const sinceUs = this.#ungatedUs.get(record.id) ?? firstQueuedUs;
    this.#ungatedUs.delete(record.id);
    const attempts = attempt >= ATTEMPTS_LABEL_MAX ? `${ATTEMPTS_LABEL_MAX}+` : `${attempt}`;
    this.#metrics.histogram("pod_scheduling_attempts").observe(attempt);
    const sli = this.#metrics.histogram(
      "pod_scheduling_sli_duration_seconds",
      `attempts=${attempts}`,
    );
    sli.observe((endUs - sinceUs) / 1e6);
  }

  #ended({ profile, startUs }: SchedulingAttemptFact, result: string, endUs: Micros): void {
    const labels = `profile=${profile};result=${result}`;
    this.#metrics.count("schedule_attempts_total", labels);
    const duration = this.#metrics.histogram("scheduling_attempt_duration_seconds", labels);
    duration.observe((endUs - startUs) / 1e6);
  }

  #costs(fact: SchedulingAttemptFact): void {
    const points = this.#points.get(fact.profile);
    if (points === undefined) throw new Error(`no profile ${fact.profile}`);
    const has = (point: ExtensionPoint) => points.has(point);
    for (const cost of cycleCosts(fact, has, this.#options.nodeCosts)) {
      this.#observe(fact.profile, cost.status, cost);
    }
  }

  #observe(
    profile: string,
    status: string,
    { point, seconds, calls }: Omit<ExtensionPointCost, "status">,
  ): void {
    const series = this.#seriesOf(profile, point, status);
    series.point.observe(seconds);
    const each = seconds / calls / Math.max(1, series.plugins.length);
    for (const plugin of series.plugins) plugin.observe(each, calls);
  }

  #seriesOf(profile: string, point: ExtensionPoint, status: string): PointSeries {
    const known = this.#series.get(profile)?.get(point)?.get(status);
    if (known !== undefined) return known;
    const names = this.#points.get(profile)?.get(point) ?? [];
    const made: PointSeries = {
      point: this.#metrics.histogram(
        "framework_extension_point_duration_seconds",
        `extension_point=${point};profile=${profile};status=${status}`,
      ),
      plugins: names.map((plugin) =>
        this.#metrics.histogram(
          "plugin_execution_duration_seconds",
          `extension_point=${point};plugin=${plugin};status=${status}`,
        ),
      ),
    };
    const byPoint =
      this.#series.get(profile) ?? new Map<ExtensionPoint, Map<string, PointSeries>>();
    const byStatus = byPoint.get(point) ?? new Map<string, PointSeries>();
    this.#series.set(profile, byPoint.set(point, byStatus.set(status, made)));
    return made;
  }
}

const POINTS: readonly ExtensionPoint[] = [
  "PreFilter",
  "Filter",
  "PostFilter",
  "PreScore",
  "Score",
  "Reserve",
  "Permit",
  "Bind",
];

/** The extension points at which a profile has plugins, with their names. */
function points(profile: Profile): ReadonlyMap<ExtensionPoint, readonly string[]> {
  const found = POINTS.map((point) => [point, pluginsAt(profile, point)] as const);
  return new Map(found.filter(([, names]) => names.length > 0));
}
