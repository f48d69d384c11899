/** Metrics in words, and which of them a report shows first. */
import type { Metric } from "../summary-metrics.ts";

const WORDS: Readonly<Record<string, string>> = {
  pod_startup: "Pod start-up",
  pod_startup_slo: "Pod start-up as the SLO counts it",
  scheduling_wait: "Wait until bound",
  service_request: "Request to a Service",
  job_completion: "Job completion time",
  pod_completion: "Pod completion time",
  pod_slowdown: "Slowdown of pods",
  pods_never_scheduled: "Pods never scheduled",
  pods_scheduled: "Pods scheduled",
  pods_started: "Pods started",
  pods_finished: "Pods finished",
  pods_preempted: "Pods preempted",
  pods_pending_at_end: "Pods pending at the end",
  pods_running_at_end: "Pods running at the end",
  pods_unfinished: "Pods unfinished",
  pods_incomplete: "Pods incomplete",
  jobs_incomplete: "Jobs incomplete",
  pods_in_warmup: "Pods in the warm-up",
  warmup_s: "Warm-up",
  namespace_fairness: "Fairness between namespaces (Jain)",
  pending_pods_time_mean: "Pending pods, mean over time",
  running_pods_time_mean: "Running pods, mean over time",
  service_requests_no_endpoints: "Requests without an endpoint",
  service_requests_refused: "Requests refused",
  api_requests: "API requests",
  api_requests_failed: "API requests that failed",
  attempts: "Scheduling attempts",
  makespan_s: "Makespan",
  attempts_failed: "Scheduling attempts that failed",
  binding_failures: "Bindings that failed",
  service_request_error_share: "Share of requests that failed",
  service_request_goodput_per_s: "Goodput",
  service_request_retries: "Retries per request",
  service_request_endpoint_cv: "Imbalance between endpoints (CV)",
  service_requests_failed: "Requests that failed",
  api_requests_rejected: "API requests rejected (429)",
};

const STATISTICS: Readonly<Record<string, string>> = {
  mean: "mean",
  p50: "median",
  p90: "p90",
  p95: "p95",
  p99: "p99",
  max: "longest",
  n: "n",
};

/** `Pod start-up, 99th percentile`; names that are unknown come as their own words. */
export function metricWords(name: string): string {
  const known = WORDS[name];
  if (known !== undefined) return known;
  const share = /^(.*)_share_(mean|end)$/.exec(name);
  if (share !== null)
    return `${resourceWords(share[1] ?? "")} allocated, ${share[2] === "end" ? "at the end" : "mean over time"}`;
  const [, base = name, statistic = ""] =
    /^(.*?)_(mean|p50|p90|p95|p99|max|n)(?:_s)?$/.exec(name) ?? [];
  const words = WORDS[base] ?? sentence(base);
  return statistic === "" ? words : `${words}, ${STATISTICS[statistic] ?? statistic}`;
}

/** `CPU`, `GPU milli`. */
export function resourceWords(stem: string): string {
  const words = stem
    .replaceAll("_", " ")
    .replace(/^(cpu|gpu|npu|tpu)\b/i, (short) => short.toUpperCase());
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A column's name as words. */
export function sentence(name: string): string {
  const words = name.replace(/_s$/, "").replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const FIRST = [
  "pods_never_scheduled",
  "job_completion_mean_s",
  "job_completion_p99_s",
  "scheduling_wait_mean_s",
  "scheduling_wait_p99_s",
  "pod_startup_p50_s",
  "pod_startup_p99_s",
  "pod_completion_mean_s",
  "pod_slowdown_mean",
  "makespan_s",
  "service_request_p99_s",
  "service_request_error_share",
  "service_request_goodput_per_s",
] as const;

/** How many metrics a report draws. */
const SHOWN_MOST = 14;

/**
 * The metrics to draw, the telling ones first: those of which one way is better, that the runs have
 * and that are not 0 in all of them.
 */
export function shownMetrics(
  metrics: readonly Metric[],
  valuesOf: (name: string) => readonly (number | undefined)[],
): Metric[] {
  const told = metrics.filter(({ name, better }) => {
    const values = valuesOf(name);
    return better !== undefined && values.some((value) => value !== undefined && value !== 0);
  });
  const rank = ({ name }: Metric): number => {
    const place = (FIRST as readonly string[]).indexOf(name);
    if (place >= 0) return place;
    if (name.endsWith("_share_end")) return FIRST.length;
    return name.endsWith("_share_mean") ? FIRST.length + 1 : FIRST.length + 2;
  };
  const ranked = told.map((metric, index) => ({ metric, index, rank: rank(metric) }));
  ranked.sort((a, b) => a.rank - b.rank || a.index - b.index);
  return ranked.slice(0, SHOWN_MOST).map(({ metric }) => metric);
}
