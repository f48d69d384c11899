/**
 * RequestsRecorder: the requests to Services over time (requests.csv), over the run (services.csv)
 * and by endpoint (endpoints.csv).
 *
 * Hot: it sees every request. What one belongs to is found with two look-ups by name at most; no
 * object is made for it. A request counts in the interval in which it ended.
 */
import type { ServiceRequestFact, Trace } from "../../sim/api/index.ts";
import type { Micros } from "../../sim/kernel/index.ts";
import type { RowSink } from "../row.ts";
import type { FailedRequests } from "./failed-requests.ts";
import { imbalanceOf } from "./imbalance.ts";
import { endpointRow, intervalRow, serviceRow } from "./service-rows.ts";
import { ServiceStats } from "./service-stats.ts";

export interface RequestSinks {
  readonly services?: RowSink;
  readonly requests?: RowSink;
  readonly endpoints?: RowSink;
}

export class RequestsRecorder {
  readonly #intervalUs: Micros;
  readonly #sinks: RequestSinks;
  readonly #services = new Map<string, ServiceStats>();
  /** The Service of the last request: most often the next one is for it too. */
  #last = new ServiceStats("");
  #startUs: Micros = 0;
  #endUs: Micros;

  /** `intervalUs`: length of an interval of requests.csv, above 0. */
  constructor(intervalUs: Micros, sinks: RequestSinks) {
    this.#intervalUs = intervalUs;
    this.#endUs = intervalUs;
    this.#sinks = sinks;
  }

  attach(trace: Trace): void {
    trace.serviceRequest.subscribe((fact) => this.#add(fact));
    trace.requestAttempt.subscribe(({ service, endpoint }) => {
      if (endpoint !== "") this.#service(service).endpoint(endpoint).failedAttempts++;
    });
  }

  /** Writes what is left. Once, at the end of the run. */
  finish(endUs: Micros): void {
    if (endUs >= this.#endUs) this.#openIntervalAt(endUs);
    this.#closeInterval(Math.max(endUs, this.#startUs));
    for (const service of this.#sorted()) this.#writeService(service);
  }

  /** Figures of runs.csv over all Services. Ask after `finish`. */
  figures(): Readonly<Record<string, number | undefined>> {
    let [requests, attempts, zoned, crossZone, balanced, unevenness] = [0, 0, 0, 0, 0, 0];
    for (const service of this.#sorted()) {
      const all = service.whole()[0]?.[1];
      if (all === undefined) continue;
      requests += all.past.outcomes.total;
      attempts += all.past.attempts;
      zoned += all.zoned;
      crossZone += all.crossZone;
      const { endpoints, cv } = imbalanceOf(all.byEndpoint);
      if (endpoints === 0) continue;
      balanced += all.past.outcomes.total;
      unevenness += cv * all.past.outcomes.total;
    }
    return {
      service_request_retries: quotient(attempts - requests, requests),
      service_request_cross_zone_share: quotient(crossZone, zoned),
      service_request_endpoint_cv: quotient(unevenness, balanced),
    };
  }

  /** Of each Service with a failed request, ordered by name. Ask after `finish`. */
  failed(): FailedRequests[] {
    return this.#sorted().flatMap((each) => {
      const outcomes = each.whole()[0]?.[1].past.outcomes;
      const failures = outcomes?.failures() ?? [];
      if (outcomes === undefined || failures.length === 0) return [];
      return [{ service: each.service, requests: outcomes.total, failures }];
    });
  }

  #add(fact: ServiceRequestFact): void {
    if (fact.endUs >= this.#endUs) this.#openIntervalAt(fact.endUs);
    this.#service(fact.service).add(fact);
  }

  #service(name: string): ServiceStats {
    if (name === this.#last.service) return this.#last;
    let service = this.#services.get(name);
    if (service === undefined) {
      service = new ServiceStats(name);
      this.#services.set(name, service);
    }
    this.#last = service;
    return service;
  }

  /** Closes the interval that is open and opens the one that the time belongs to. */
  #openIntervalAt(timeUs: Micros): void {
    this.#closeInterval(this.#endUs);
    this.#startUs = timeUs - (timeUs % this.#intervalUs);
    this.#endUs = this.#startUs + this.#intervalUs;
  }

  #closeInterval(endUs: Micros): void {
    const sink = this.#sinks.requests;
    for (const service of this.#sorted())
      for (const [zone, stats] of service.closeInterval())
        if (sink !== undefined && stats.outcomes.total > 0)
          sink(intervalRow([this.#startUs, endUs], [service.service, zone], stats));
  }

  #writeService(service: ServiceStats): void {
    const { services, endpoints } = this.#sinks;
    for (const [zone, stats] of service.whole())
      if (stats.past.outcomes.total > 0) services?.(serviceRow(service.service, zone, stats));
    if (endpoints === undefined) return;
    const all = service.endpoints();
    const total = all.reduce((sum, { requests }) => sum + requests, 0);
    for (const endpoint of all) endpoints(endpointRow(service.service, endpoint, total));
  }

  /** Ordered by name. */
  #sorted(): ServiceStats[] {
    return [...this.#services.values()].sort((a, b) => (a.service < b.service ? -1 : 1));
  }
}

function quotient(part: number, whole: number): number | undefined {
  return whole === 0 ? undefined : part / whole;
}
