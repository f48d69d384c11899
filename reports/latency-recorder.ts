/** LatencyRecorder: count, mean and quantiles of every step's duration (latency.csv). */
import type { ApiRequestFact, ServiceRequestFact, Trace } from "../sim/api/index.ts";
import type { Micros } from "../sim/kernel/index.ts";
import type { PodJourney } from "./pod-journey.ts";
import type { PodJourneys } from "./pod-journeys.ts";
import { NEVER, type RowSink, secondsCell } from "./row.ts";
import { SampleSeries } from "./sample-series.ts";

/** Columns of latency.csv, in order. */
export const latencyColumns = [
  "step",
  "label",
  "count",
  "mean_s",
  "p50_s",
  "p90_s",
  "p95_s",
  "p99_s",
  "max_s",
  "is_exact",
] as const;

/** Steps in the order of latency.csv. What each one measures stands in docs/outputs.md. */
export const latencySteps = [
  "api_request",
  "api_request_throttle",
  "api_request_queue",
  "api_request_handling",
  "watch_delivery",
  "queue_wait",
  "scheduling_attempt",
  "binding",
  "scheduling_sli",
  "scheduling_wait",
  "image_pull",
  "image_pull_wait",
  "pod_startup_slo",
  "pod_startup",
  "service_request",
  "service_request_network",
  "service_request_queue",
  "service_request_service",
] as const;

export type LatencyStep = (typeof latencySteps)[number];

/** The four durations of the requests to one Service. */
interface RequestSeries {
  readonly service: string;
  readonly total: SampleSeries;
  readonly network: SampleSeries;
  readonly queue: SampleSeries;
  readonly serving: SampleSeries;
}

/** The four durations of one kind of API request, found with one look-up each. */
interface ApiSeries {
  readonly total: SampleSeries;
  readonly throttle: SampleSeries;
  readonly queue: SampleSeries;
  readonly handling: SampleSeries;
}

export class LatencyRecorder {
  readonly #exactSamples: number | undefined;
  readonly #steps = new Map<LatencyStep, Map<string, SampleSeries>>();
  /** By verb, kind and subresource: no key is built per request. */
  readonly #api = new Map<string, Map<string, Map<string, ApiSeries>>>();
  readonly #requests = new Map<string, RequestSeries>();
  /** The series of the last request: most often the next one is for the same Service. */
  #lastRequests: RequestSeries | undefined;

  /** `exactSamples`: see SampleSeries. */
  constructor(exactSamples?: number) {
    this.#exactSamples = exactSamples;
  }

  attach(trace: Trace, journeys: PodJourneys): void {
    trace.apiRequest.subscribe((fact) => this.#apiRequest(fact));
    trace.watchDelivered.subscribe(({ kind, lagUs }) => this.#add("watch_delivery", kind, lagUs));
    trace.schedulingAttempt.subscribe((fact) => {
      this.#add("queue_wait", "", fact.startUs - fact.queuedUs);
      this.#add("scheduling_attempt", fact.result, fact.endUs - fact.startUs);
    });
    trace.binding.subscribe(({ ok, assumedUs, endUs }) =>
      this.#add("binding", ok ? "bound" : "failed", endUs - assumedUs),
    );
    trace.imagePulled.subscribe(({ queuedUs, startedUs, timeUs }) => {
      this.#add("image_pull", "", timeUs - startedUs);
      this.#add("image_pull_wait", "", startedUs - queuedUs);
    });
    trace.serviceRequest.subscribe((fact) => {
      if (fact.outcome === "ok") this.#serviceRequest(fact);
    });
    journeys.observe({ closed: (journey) => this.#podClosed(journey) });
  }

  /**
   * Hands over a row per step and label: steps in their order, labels by code unit. Waits of API
   * requests get one only where some request waited: most never do.
   */
  writeRows(sink: RowSink): void {
    for (const step of latencySteps) {
      const byLabel = [...(this.#steps.get(step) ?? [])];
      byLabel.sort(([a], [b]) => (a < b ? -1 : 1));
      for (const [label, series] of byLabel)
        if (series.count > 0 && !(isRare(step) && series.maxUs === 0))
          sink([step, label, ...statistics(series)]);
    }
  }

  /** All durations of a step and label, empty when there were none. */
  series(step: LatencyStep, label = ""): SampleSeries {
    const labels = this.#steps.get(step) ?? new Map<string, SampleSeries>();
    this.#steps.set(step, labels);
    const series = labels.get(label) ?? new SampleSeries(this.#exactSamples);
    labels.set(label, series);
    return series;
  }

  #add(step: LatencyStep, label: string, us: Micros): void {
    (this.#steps.get(step)?.get(label) ?? this.series(step, label)).add(us);
  }

  /** Hot: once per request to a Service. */
  #serviceRequest(fact: ServiceRequestFact): void {
    let series = this.#lastRequests;
    if (series === undefined || series.service !== fact.service) {
      series = this.#requests.get(fact.service) ?? this.#newRequestSeries(fact.service);
      this.#lastRequests = series;
    }
    series.total.add(fact.endUs - fact.startUs);
    series.network.add(fact.networkUs);
    series.queue.add(fact.queueUs);
    series.serving.add(fact.serviceUs);
  }

  #newRequestSeries(service: string): RequestSeries {
    const series: RequestSeries = {
      service,
      total: this.series("service_request", service),
      network: this.series("service_request_network", service),
      queue: this.series("service_request_queue", service),
      serving: this.series("service_request_service", service),
    };
    this.#requests.set(service, series);
    return series;
  }

  #apiRequest(fact: ApiRequestFact): void {
    const series =
      this.#api.get(fact.verb)?.get(fact.kind)?.get(fact.subresource) ?? this.#newApiSeries(fact);
    series.total.add(fact.answeredUs - fact.issuedUs);
    series.throttle.add(fact.sentUs - fact.issuedUs);
    series.queue.add(fact.startedUs - fact.arrivedUs);
    series.handling.add(fact.handledUs - fact.startedUs);
  }

  #newApiSeries({ verb, kind, subresource }: ApiRequestFact): ApiSeries {
    const label = subresource === "" ? `${verb} ${kind}` : `${verb} ${kind}/${subresource}`;
    const series: ApiSeries = {
      total: this.series("api_request", label),
      throttle: this.series("api_request_throttle", label),
      queue: this.series("api_request_queue", label),
      handling: this.series("api_request_handling", label),
    };
    const byKind = this.#api.get(verb) ?? new Map<string, Map<string, ApiSeries>>();
    const bySubresource = byKind.get(kind) ?? new Map<string, ApiSeries>();
    this.#api.set(verb, byKind.set(kind, bySubresource.set(subresource, series)));
    return series;
  }

  #podClosed(journey: PodJourney): void {
    if (journey.bindingAnsweredUs !== NEVER && journey.queuedUs !== NEVER)
      this.#add("scheduling_sli", "", journey.bindingAnsweredUs - journey.queuedUs);
    if (journey.boundUs !== NEVER)
      this.#add("scheduling_wait", "", journey.boundUs - journey.createdUs);
    const startSeenUs = journey.startSeenUs();
    if (startSeenUs === NEVER) return;
    const startupUs = startSeenUs - journey.createdUs;
    this.#add("pod_startup", "", startupUs);
    if (countsForSlo(journey)) this.#add("pod_startup_slo", "", startupUs - journey.preparedUs);
  }
}

const isRare = (step: LatencyStep): boolean =>
  step === "api_request_throttle" || step === "api_request_queue";

/**
 * Whether the pod counts for the start-up SLO: stateless, and schedulable at once, that is at its
 * first attempt (kubernetes/community sig-scalability/slos/pod_startup_latency.md).
 */
function countsForSlo(journey: PodJourney): boolean {
  return journey.isStateless && journey.attempts === 1;
}

function statistics(series: SampleSeries): (string | number | boolean)[] {
  return [
    series.count,
    secondsCell(series.meanUs()),
    secondsCell(series.quantileUs(0.5)),
    secondsCell(series.quantileUs(0.9)),
    secondsCell(series.quantileUs(0.95)),
    secondsCell(series.quantileUs(0.99)),
    secondsCell(series.maxUs),
    series.isExact,
  ];
}
