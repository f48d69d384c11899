/** SummaryRecorder: one row of figures per run (runs.csv). */
import type { Trace } from "../sim/api/index.ts";
import type { Micros } from "../sim/kernel/index.ts";
import type { RunDigests } from "./digest-recorder.ts";
import type { RefusedGroup } from "./operations-recorder.ts";
import { Distribution } from "./outcomes/index.ts";
import type { FailedRequests } from "./requests/index.ts";
import { resourceStems } from "./resource-columns.ts";
import { NEVER, type Row } from "./row.ts";
import { type Metric, metricCell, summaryMetrics } from "./summary-metrics.ts";
import type { UnplacedGroup } from "./unplaced-pods.ts";
import type { ResourceUse } from "./utilization-recorder.ts";

/** Names a run in every combined file. */
export interface RunLabels {
  readonly policy: string;
  readonly workload: string;
  /** The variant of the cluster, by name; absent: there is one only. */
  readonly cluster?: string;
  /** Settings that a sweep varies, by path, as text; in the order of the experiment file. */
  readonly parameters?: Readonly<Record<string, string>>;
  readonly seed: string;
}

/** What is left of a run when it is over. Plain data: it can be sent between threads. */
export interface RunSummary extends RunLabels {
  /** By metric name (see summaryMetrics); a figure that the run has not is undefined. */
  readonly metrics: Readonly<Record<string, number | undefined>>;
  readonly resources: readonly ResourceUse[];
  readonly digests: RunDigests;
  /** Pods that were never scheduled, the largest group first. */
  readonly unplaced: readonly UnplacedGroup[];
  /** Operations of users that the cluster refused, the largest group first. */
  readonly refused: readonly RefusedGroup[];
  /** Of each Service with a request that failed, ordered by its name. */
  readonly failedRequests: readonly FailedRequests[];
  /** Metrics that the user's recorders added; absent: there were none. */
  readonly own?: readonly Metric[];
}

/** The columns that lead in every combined file. */
export const runColumns = ["policy", "workload", "seed"] as const;

/** Columns of runs.csv for these resources, in order; `own`: metrics of the user's recorders. */
export function summaryColumns(
  resources: readonly string[],
  own: readonly Metric[] = [],
): string[] {
  const metrics = summaryMetrics(resources, own).map((metric) => metric.name);
  return [...runColumns, ...metrics, "digest_decisions", "digest_commits"];
}

/** The cells of `summaryColumns`. */
export function summaryRow(summary: RunSummary): Row {
  const resources = summary.resources.map((use) => use.resource);
  const metrics = summaryMetrics(resources, summary.own);
  return [
    summary.policy,
    summary.workload,
    summary.seed,
    ...metrics.map(({ name, unit }) => metricCell(summary.metrics[name], unit)),
    summary.digests.decisions,
    summary.digests.commits,
  ];
}

/** How the run ended, as its driver knows. */
export interface RunEnd {
  readonly endUs: Micros;
  /** Events that the kernel dispatched. */
  readonly events: number;
}

/** Counts over the whole run that no other recorder counts. */
export class SummaryRecorder {
  #attempts = 0;
  #attemptsFailed = 0;
  #bindingFailures = 0;
  readonly #requestTimes = new Distribution("service_request", "s");
  #requests = 0;
  #requestsWithoutEndpoints = 0;
  #requestsRefused = 0;
  #firstRequestUs: Micros = NEVER;
  #lastAnswerUs: Micros = NEVER;
  #apiRequests = 0;
  #apiRequestsFailed = 0;
  #apiRequestsRejected = 0;

  attach(trace: Trace): void {
    trace.schedulingAttempt.subscribe(({ result }) => {
      this.#attempts++;
      if (result !== "scheduled") this.#attemptsFailed++;
    });
    trace.binding.subscribe(({ ok }) => {
      if (!ok) this.#bindingFailures++;
    });
    trace.apiRequest.subscribe(({ code }) => {
      this.#apiRequests++;
      if (code >= 400) this.#apiRequestsFailed++;
      if (code === 429) this.#apiRequestsRejected++;
    });
    trace.serviceRequest.subscribe(({ outcome, startUs, endUs }) => {
      this.#requests++;
      if (this.#firstRequestUs === NEVER || startUs < this.#firstRequestUs)
        this.#firstRequestUs = startUs;
      this.#lastAnswerUs = endUs;
      if (outcome === "ok") this.#requestTimes.series.add(endUs - startUs);
      else this.#requestTimes.censored++;
      if (outcome === "no-endpoints") this.#requestsWithoutEndpoints++;
      else if (outcome === "connection-refused") this.#requestsRefused++;
    });
  }

  /** How long requests to Services took that were answered well. */
  requests(): Distribution {
    return this.#requestTimes;
  }

  /** Figures of runs.csv; `uses`: of each reported resource. */
  metrics(end: RunEnd, uses: readonly ResourceUse[]): Readonly<Record<string, number | undefined>> {
    return {
      ...this.#requestTimes.figures(),
      ...shareFigures(uses),
      attempts: this.#attempts,
      attempts_failed: this.#attemptsFailed,
      binding_failures: this.#bindingFailures,
      ...this.#requestFigures(),
      api_requests: this.#apiRequests,
      api_requests_failed: this.#apiRequestsFailed,
      api_requests_rejected: this.#apiRequestsRejected,
      kernel_events: end.events,
      virtual_s: inSeconds(end.endUs),
    };
  }

  #requestFigures(): Record<string, number | undefined> {
    const requests = this.#requests;
    const ok = this.#requestTimes.series.count;
    const spanUs = this.#lastAnswerUs - this.#firstRequestUs;
    return {
      service_requests: requests,
      service_requests_no_endpoints: this.#requestsWithoutEndpoints,
      service_requests_refused: this.#requestsRefused,
      service_requests_failed: requests - ok,
      service_request_error_share: requests === 0 ? undefined : (requests - ok) / requests,
      service_request_goodput_per_s: spanUs > 0 ? ok / inSeconds(spanUs) : undefined,
    };
  }
}

function inSeconds(us: Micros): number {
  return us / 1_000_000;
}

function shareFigures(uses: readonly ResourceUse[]): Record<string, number> {
  const figures: Record<string, number> = {};
  for (const [index, stem] of resourceStems(uses.map((use) => use.resource)).entries()) {
    figures[`${stem}_share_mean`] = uses[index]?.meanShare ?? 0;
    figures[`${stem}_share_end`] = uses[index]?.endShare ?? 0;
  }
  return figures;
}
