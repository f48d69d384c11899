/** RequestStats: what is known of a set of requests, whoever sent them. Sets add up. */
import type { ServiceRequestFact } from "../../sim/api/index.ts";
import type { Micros } from "../../sim/kernel/index.ts";
import { SampleSeries } from "../sample-series.ts";
import { OutcomeCounts } from "./outcome-columns.ts";

/**
 * Percentiles are exact up to so many values, within LogHistogram.RELATIVE_ERROR beyond: 8 KiB a
 * series. Our choice: the series are many (services, zones, parts), and long runs have more anyway.
 */
const EXACT_SAMPLES = 1024;

/** Counts and durations of the requests of one interval. */
export class IntervalStats {
  readonly outcomes = new OutcomeCounts();
  attempts = 0;
  /** Of requests that were answered well, from the client and back. */
  readonly latency = new SampleSeries(EXACT_SAMPLES);

  merge(other: IntervalStats): void {
    this.outcomes.merge(other.outcomes);
    this.attempts += other.attempts;
    this.latency.merge(other.latency);
  }
}

/** The parts of a request's time, in the order of the columns. */
export const requestParts = ["network", "queue", "service", "dns", "retry"] as const;
export type RequestPart = (typeof requestParts)[number];

/** The requests from one zone to one Service. */
export class RequestStats {
  /** Requests of closed intervals. */
  readonly past = new IntervalStats();
  /** Requests of the interval that is open. */
  open = new IntervalStats();
  readonly parts: Readonly<Record<RequestPart, SampleSeries>> = {
    network: new SampleSeries(EXACT_SAMPLES),
    queue: new SampleSeries(EXACT_SAMPLES),
    service: new SampleSeries(EXACT_SAMPLES),
    dns: new SampleSeries(EXACT_SAMPLES),
    retry: new SampleSeries(EXACT_SAMPLES),
  };
  /** Requests of which both zones are known, and those that crossed from one to another. */
  zoned = 0;
  crossZone = 0;
  /** Requests by the endpoint's index within its Service. */
  readonly byEndpoint: number[] = [];
  firstStartUs: Micros = Number.MAX_SAFE_INTEGER;
  lastEndUs: Micros = 0;

  /** `endpoint`: its index; -1: the request reached none, or one that is not told apart. */
  add(fact: ServiceRequestFact, endpoint: number): void {
    this.open.outcomes.add(fact.outcome);
    this.open.attempts += fact.attempts;
    if (fact.startUs < this.firstStartUs) this.firstStartUs = fact.startUs;
    if (fact.endUs > this.lastEndUs) this.lastEndUs = fact.endUs;
    if (endpoint >= 0) {
      while (this.byEndpoint.length <= endpoint) this.byEndpoint.push(0);
      this.byEndpoint[endpoint] = (this.byEndpoint[endpoint] ?? 0) + 1;
    }
    if (fact.endpoint !== "" && fact.sourceZone !== "" && fact.endpointZone !== "") {
      this.zoned++;
      if (fact.sourceZone !== fact.endpointZone) this.crossZone++;
    }
    if (fact.outcome !== "ok") return;
    this.open.latency.add(fact.endUs - fact.startUs);
    const { parts } = this;
    parts.network.add(fact.networkUs);
    parts.queue.add(fact.queueUs);
    parts.service.add(fact.serviceUs);
    parts.dns.add(fact.dnsUs);
    parts.retry.add(fact.retryUs);
  }

  /** Adds the open interval to the past and begins another one. Returns the one that is closed. */
  closeInterval(): IntervalStats {
    const closed = this.open;
    if (closed.outcomes.total === 0) return closed;
    this.past.merge(closed);
    this.open = new IntervalStats();
    return closed;
  }

  /** Adds the past of other requests to the same Service. */
  merge(other: RequestStats): void {
    this.past.merge(other.past);
    for (const part of requestParts) this.parts[part].merge(other.parts[part]);
    this.zoned += other.zoned;
    this.crossZone += other.crossZone;
    for (const [index, count] of other.byEndpoint.entries())
      this.byEndpoint[index] = (this.byEndpoint[index] ?? 0) + count;
    this.firstStartUs = Math.min(this.firstStartUs, other.firstStartUs);
    this.lastEndUs = Math.max(this.lastEndUs, other.lastEndUs);
  }
}
