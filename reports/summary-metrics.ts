/** The figures by which runs are summed up and policies are compared. */
import { resourceStems } from "./resource-columns.ts";

/** `s`: seconds of virtual time. `share`: 0..1. `ratio`: 0 or more. `count`: pieces. */
export type MetricUnit = "s" | "share" | "ratio" | "per_s" | "count";

/**
 * What a figure is of. `count`: how many. `per-pod`, `per-job`, `per-request`, `per-namespace`: a
 * statistic over as many values as there are such things. `time-weighted`: an integral over time
 * divided by the time. `at-end`: as it stands when the run ends. `run`: of the run as a whole.
 */
export type MetricKind =
  | "count"
  | "per-pod"
  | "per-job"
  | "per-request"
  | "per-namespace"
  | "time-weighted"
  | "at-end"
  | "run";

export interface Metric {
  /** Column of runs.csv and value of `metric` in comparison.csv. */
  readonly name: string;
  readonly unit: MetricUnit;
  readonly kind: MetricKind;
  /** Which way is better; undefined where neither is. */
  readonly better: "higher" | "lower" | undefined;
  /** A recorder of the user gives it; absent: it is one of ours. */
  readonly isOwn?: true;
}

const count = (name: string, better?: "higher" | "lower"): Metric => ({
  name,
  unit: "count",
  kind: "count",
  better,
});

const podMetrics: readonly Metric[] = [
  count("pods_created"),
  count("pods_scheduled", "higher"),
  count("pods_never_scheduled", "lower"),
  count("pods_started", "higher"),
  count("pods_finished", "higher"),
  count("pods_preempted", "lower"),
  count("pods_pending_at_end", "lower"),
  count("pods_running_at_end"),
  count("pods_unfinished", "lower"),
  count("pods_incomplete", "lower"),
  count("jobs_created"),
  count("jobs_failed", "lower"),
  count("jobs_incomplete", "lower"),
  count("pods_in_warmup"),
  { name: "warmup_s", unit: "s", kind: "run", better: undefined },
  { name: "makespan_s", unit: "s", kind: "run", better: "lower" },
];

/** The number of values, and statistics of them. */
function distributionMetrics(
  series: string,
  kind: MetricKind,
  unit: "s" | "ratio" = "s",
): readonly Metric[] {
  const suffix = unit === "s" ? "_s" : "";
  const statistics = ["mean", "p50", "p95", "p99", "max"].map(
    (statistic): Metric => ({
      name: `${series}_${statistic}${suffix}`,
      unit,
      kind,
      better: "lower",
    }),
  );
  return [count(`${series}_n`), ...statistics];
}

const timeMetrics: readonly Metric[] = [
  ...distributionMetrics("pod_startup", "per-pod"),
  ...distributionMetrics("pod_startup_slo", "per-pod"),
  ...distributionMetrics("scheduling_wait", "per-pod"),
  ...distributionMetrics("pod_completion", "per-pod"),
  ...distributionMetrics("pod_slowdown", "per-pod", "ratio"),
  ...distributionMetrics("job_completion", "per-job"),
  { name: "namespace_fairness", unit: "share", kind: "per-namespace", better: "higher" },
  ...distributionMetrics("service_request", "per-request"),
  { name: "pending_pods_time_mean", unit: "ratio", kind: "time-weighted", better: "lower" },
  { name: "running_pods_time_mean", unit: "ratio", kind: "time-weighted", better: undefined },
];

const perRequest = { kind: "per-request" } as const;
const workMetrics: readonly Metric[] = [
  count("attempts"),
  count("attempts_failed", "lower"),
  count("binding_failures", "lower"),
  count("service_requests"),
  count("service_requests_no_endpoints", "lower"),
  count("service_requests_refused", "lower"),
  count("service_requests_failed", "lower"),
  { name: "service_request_error_share", unit: "share", ...perRequest, better: "lower" },
  { name: "service_request_goodput_per_s", unit: "per_s", kind: "run", better: "higher" },
  { name: "service_request_retries", unit: "ratio", ...perRequest, better: "lower" },
  { name: "service_request_cross_zone_share", unit: "share", ...perRequest, better: undefined },
  { name: "service_request_endpoint_cv", unit: "ratio", ...perRequest, better: "lower" },
  count("api_requests"),
  count("api_requests_failed"),
  count("api_requests_rejected", "lower"),
  count("user_operations"),
  count("user_operations_failed", "lower"),
  count("kernel_events"),
  { name: "virtual_s", unit: "s", kind: "run", better: undefined },
];

/**
 * All metrics of a run that reports these resources, in the order of runs.csv's columns; `own`:
 * those of the user's recorders.
 */
export function summaryMetrics(
  resources: readonly string[],
  own: readonly Metric[] = [],
): Metric[] {
  const shares = resourceStems(resources).flatMap((stem): Metric[] => [
    { name: `${stem}_share_mean`, unit: "share", kind: "time-weighted", better: "higher" },
    { name: `${stem}_share_end`, unit: "share", kind: "at-end", better: "higher" },
  ]);
  return [...podMetrics, ...timeMetrics, ...shares, ...workMetrics, ...own];
}

/**
 * What policies are judged by, where the runs have it; of a resource also its share at the end, and
 * metrics of the user's recorders.
 */
export const MAIN_METRICS: readonly string[] = [
  "pods_never_scheduled",
  "scheduling_wait_mean_s",
  "pod_startup_p99_s",
  "job_completion_mean_s",
  "makespan_s",
  "service_request_p99_s",
  "service_request_error_share",
];

export const isMainMetric = ({ name, isOwn, better }: Metric): boolean =>
  MAIN_METRICS.includes(name) ||
  name.endsWith("_share_end") ||
  (isOwn === true && better !== undefined);

/** Their names. */
export const summaryMetricNames = (resources: readonly string[]): string[] =>
  summaryMetrics(resources).map(({ name }) => name);

/** A value as a CSV cell: counts as they are, all else with six decimals. */
export function metricCell(value: number | undefined, unit: MetricUnit): string {
  if (value === undefined) return "";
  return unit === "count" ? String(value) : value.toFixed(6);
}
