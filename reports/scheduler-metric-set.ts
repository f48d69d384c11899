/**
 * kube-scheduler's metrics: names, types, labels and bucket bounds of
 * kubernetes/pkg/scheduler/metrics/metrics.go, v1.30.
 */
import { exponentialBuckets, MetricHistogram } from "./metric-histogram.ts";
import { type Row, type RowSink, roundTo } from "./row.ts";

/** From 1 ms, the last bound 16.384 s. */
const ATTEMPT_BUCKETS = exponentialBuckets(0.001, 2, 15);

/** Histograms by name without the prefix `scheduler_`, with their bounds. */
export const schedulerHistograms = {
  scheduling_attempt_duration_seconds: ATTEMPT_BUCKETS,
  scheduling_algorithm_duration_seconds: ATTEMPT_BUCKETS,
  preemption_victims: exponentialBuckets(1, 2, 7),
  pod_scheduling_sli_duration_seconds: exponentialBuckets(0.01, 2, 20),
  pod_scheduling_attempts: exponentialBuckets(1, 2, 5),
  framework_extension_point_duration_seconds: exponentialBuckets(0.0001, 2, 12),
  plugin_execution_duration_seconds: exponentialBuckets(0.00001, 1.5, 20),
} as const;

export const schedulerCounters = [
  "schedule_attempts_total",
  "preemption_attempts_total",
  "queue_incoming_pods_total",
] as const;

export const schedulerGauges = ["pending_pods"] as const;

type SchedulerHistogram = keyof typeof schedulerHistograms;
type SchedulerCounter = (typeof schedulerCounters)[number];

/** Labels of one series as they stand in the file: `profile=default-scheduler;result=scheduled`. */
type MetricLabels = string;

/** Columns of scheduler-metrics.csv, in order. */
export const schedulerMetricColumns = ["metric", "labels", "statistic", "le", "value"] as const;

export class SchedulerMetricSet {
  readonly #histograms = new Map<SchedulerHistogram, Map<MetricLabels, MetricHistogram>>();
  readonly #counters = new Map<SchedulerCounter, Map<MetricLabels, number>>();

  /** A series, made at its first use. */
  histogram(metric: SchedulerHistogram, labels: MetricLabels = ""): MetricHistogram {
    let series = this.#histograms.get(metric);
    if (series === undefined) {
      series = new Map();
      this.#histograms.set(metric, series);
    }
    let histogram = series.get(labels);
    if (histogram === undefined) {
      histogram = new MetricHistogram(schedulerHistograms[metric]);
      series.set(labels, histogram);
    }
    return histogram;
  }

  count(metric: SchedulerCounter, labels: MetricLabels = ""): void {
    let series = this.#counters.get(metric);
    if (series === undefined) {
      series = new Map();
      this.#counters.set(metric, series);
    }
    series.set(labels, (series.get(labels) ?? 0) + 1);
  }

  /** Name without the prefix, labels, and what it counts up to now; in order of first use. */
  *counterSeries(): Generator<readonly [string, MetricLabels, number]> {
    for (const [metric, series] of this.#counters)
      for (const [labels, value] of series) yield [metric, labels, value];
  }

  /** Likewise, with the histograms themselves. */
  *histogramSeries(): Generator<readonly [string, MetricLabels, MetricHistogram]> {
    for (const [metric, series] of this.#histograms)
      for (const [labels, histogram] of series) yield [metric, labels, histogram];
  }

  /** Metrics in the order of their declaration here, series by code unit, buckets ascending. */
  writeRows(sink: RowSink): void {
    for (const metric of schedulerCounters) {
      for (const [labels, value] of sorted(this.#counters.get(metric))) {
        sink([`scheduler_${metric}`, labels, "total", "", value]);
      }
    }
    for (const metric of Object.keys(schedulerHistograms) as SchedulerHistogram[]) {
      for (const [labels, histogram] of sorted(this.#histograms.get(metric))) {
        for (const row of histogramRows(histogram)) sink([`scheduler_${metric}`, labels, ...row]);
      }
    }
  }
}

/** Buckets as Prometheus counts them: each includes those below it. */
function* histogramRows(histogram: MetricHistogram): Generator<Row> {
  const { bounds, sum, count } = histogram;
  for (const [index, bound] of bounds.entries()) {
    yield ["bucket", roundedBound(bound), histogram.cumulative(index)];
  }
  yield ["bucket", "+Inf", count];
  yield ["sum", "", roundTo(sum, 6)];
  yield ["count", "", count];
}

/** Bounds of factor 1.5 have many digits: to a tenth of a nanosecond of seconds. */
function roundedBound(bound: number): string {
  return String(Math.round(bound * 1e10) / 1e10);
}

function sorted<T>(series: ReadonlyMap<MetricLabels, T> = new Map()): [MetricLabels, T][] {
  return [...series].sort(([a], [b]) => (a < b ? -1 : 1));
}
