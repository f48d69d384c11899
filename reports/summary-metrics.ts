/** The figures by which runs are summed up and policies are compared. */
import { resourceStems } from "./resource-columns.ts";

/** `s`: seconds of virtual time. `share`: 0..1. `ratio`: 0 or more. `count`: pieces. */
export type MetricUnit = "s" | "share" | "ratio" | "per_s" | "count";

export interface Metric {
  /** Column of summary.csv and value of `metric` in comparison.csv. */
  readonly name: string;
  readonly unit: MetricUnit;
  /** Which way is better; undefined where neither is. */
  readonly better: "higher" | "lower" | undefined;
}

const podMetrics: readonly Metric[] = [
  { name: "pods_created", unit: "count", better: undefined },
  { name: "pods_scheduled", unit: "count", better: "higher" },
  { name: "pods_never_scheduled", unit: "count", better: "lower" },
  { name: "pods_started", unit: "count", better: "higher" },
  { name: "pods_finished", unit: "count", better: "higher" },
  { name: "pods_preempted", unit: "count", better: "lower" },
  { name: "makespan_s", unit: "s", better: "lower" },
];

const timeMetrics: readonly Metric[] = [
  "pod_startup",
  "pod_startup_slo",
  "scheduling_wait",
  "service_request",
].flatMap((step) =>
  ["mean", "p50", "p95", "p99", "max"].map(
    (statistic): Metric => ({ name: `${step}_${statistic}_s`, unit: "s", better: "lower" }),
  ),
);

const workMetrics: readonly Metric[] = [
  { name: "attempts", unit: "count", better: undefined },
  { name: "attempts_failed", unit: "count", better: "lower" },
  { name: "binding_failures", unit: "count", better: "lower" },
  { name: "service_requests", unit: "count", better: undefined },
  { name: "service_requests_no_endpoints", unit: "count", better: "lower" },
  { name: "service_requests_refused", unit: "count", better: "lower" },
  { name: "service_requests_failed", unit: "count", better: "lower" },
  { name: "service_request_error_share", unit: "share", better: "lower" },
  { name: "service_request_goodput_per_s", unit: "per_s", better: "higher" },
  { name: "service_request_retries", unit: "ratio", better: "lower" },
  { name: "service_request_cross_zone_share", unit: "share", better: undefined },
  { name: "service_request_endpoint_cv", unit: "ratio", better: "lower" },
  { name: "api_requests", unit: "count", better: undefined },
  { name: "api_requests_failed", unit: "count", better: undefined },
  { name: "api_requests_rejected", unit: "count", better: "lower" },
  { name: "user_operations", unit: "count", better: undefined },
  { name: "user_operations_failed", unit: "count", better: "lower" },
  { name: "kernel_events", unit: "count", better: undefined },
  { name: "virtual_s", unit: "s", better: undefined },
];

/** All metrics of a run that reports these resources, in the order of summary.csv's columns. */
export function summaryMetrics(resources: readonly string[]): Metric[] {
  const shares = resourceStems(resources).flatMap((stem): Metric[] => [
    { name: `${stem}_share_mean`, unit: "share", better: "higher" },
    { name: `${stem}_share_end`, unit: "share", better: "higher" },
  ]);
  return [...podMetrics, ...timeMetrics, ...shares, ...workMetrics];
}

/** A value as a CSV cell: counts as they are, all else with six decimals. */
export function metricCell(value: number | undefined, unit: MetricUnit): string {
  if (value === undefined) return "";
  return unit === "count" ? String(value) : value.toFixed(6);
}
