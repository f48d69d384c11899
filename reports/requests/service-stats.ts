/** ServiceStats: the requests to one Service, by the zone they came from and by endpoint. */
import type { ServiceRequestFact } from "../../sim/api/index.ts";
import { SampleSeries } from "../sample-series.ts";
import { IntervalStats, RequestStats } from "./request-stats.ts";

/** In the column of a zone, a node or a name: all of them together. No label value can be so. */
export const ALL = "*";

/** Exact percentiles up to so many requests an endpoint, since endpoints are many: our choice. */
const EXACT_SAMPLES = 128;

/**
 * Pods of a Service that are told apart, so that a Service whose pods come and go fills no memory: our
 * choice, some 20 MB. The requests to later ones count together.
 */
const ENDPOINTS_MAX = 10_000;
/** Them, in the column of an endpoint. No pod can be called so. */
const OTHERS = "(others)";

/** One pod behind a Service. */
export class EndpointStats {
  /** Name of the pod. */
  readonly name: string;
  /** Its number within the Service, in the order of their first requests; -1: it stands for others. */
  readonly index: number;
  /** Where it was last; "": not known. */
  node = "";
  zone = "";
  requests = 0;
  ok = 0;
  failedAttempts = 0;
  readonly latency = new SampleSeries(EXACT_SAMPLES);

  constructor(name: string, index: number) {
    this.name = name;
    this.index = index;
  }

  add(fact: ServiceRequestFact): void {
    this.requests++;
    this.node = fact.endpointNode;
    this.zone = fact.endpointZone;
    if (fact.outcome !== "ok") return;
    this.ok++;
    this.latency.add(fact.endUs - fact.startUs);
  }
}

export class ServiceStats {
  /** `namespace/name` */
  readonly service: string;
  readonly #zones = new Map<string, RequestStats>();
  readonly #endpoints = new Map<string, EndpointStats>();
  /** Endpoints beyond those that are told apart; undefined: there are none. */
  #rest: EndpointStats | undefined;
  /** What the last request belonged to: most often the next one does too. */
  #zone = ALL;
  #stats: RequestStats | undefined;

  constructor(service: string) {
    this.service = service;
  }

  add(fact: ServiceRequestFact): void {
    const endpoint = fact.endpoint === "" ? undefined : this.endpoint(fact.endpoint);
    endpoint?.add(fact);
    const stats =
      fact.sourceZone === this.#zone && this.#stats !== undefined
        ? this.#stats
        : this.#statsOf(fact.sourceZone);
    stats.add(fact, endpoint === undefined ? -1 : endpoint.index);
  }

  endpoint(name: string): EndpointStats {
    let endpoint = this.#endpoints.get(name);
    if (endpoint === undefined) {
      if (this.#endpoints.size >= ENDPOINTS_MAX) return this.#others();
      endpoint = new EndpointStats(name, this.#endpoints.size);
      this.#endpoints.set(name, endpoint);
    }
    return endpoint;
  }

  #others(): EndpointStats {
    this.#rest ??= new EndpointStats(OTHERS, -1);
    return this.#rest;
  }

  /** Ordered by name, the others last. */
  endpoints(): EndpointStats[] {
    const named = [...this.#endpoints.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    return this.#rest === undefined ? named : [...named, this.#rest];
  }

  /**
   * What each source zone and all of them (`ALL`, first) asked in the interval that ends now. A
   * Service that is only asked from outside of zones has no row but that of all.
   */
  closeInterval(): [zone: string, stats: IntervalStats][] {
    const zones = this.#sortedZones();
    const closed = zones.map(([zone, stats]): [string, IntervalStats] => [
      zone,
      stats.closeInterval(),
    ]);
    const [only] = closed;
    if (closed.length === 1 && only?.[0] === "") return [[ALL, only[1]]];
    const all = new IntervalStats();
    for (const [, stats] of closed) all.merge(stats);
    return [[ALL, all], ...closed];
  }

  /** What each source zone and all of them (first) asked in all intervals that were closed. */
  whole(): [zone: string, stats: RequestStats][] {
    const zones = this.#sortedZones();
    const [only] = zones;
    if (zones.length === 1 && only?.[0] === "") return [[ALL, only[1]]];
    const all = new RequestStats();
    for (const [, stats] of zones) all.merge(stats);
    return [[ALL, all], ...zones];
  }

  #sortedZones(): [string, RequestStats][] {
    return [...this.#zones].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  #statsOf(zone: string): RequestStats {
    let stats = this.#zones.get(zone);
    if (stats === undefined) {
      stats = new RequestStats();
      this.#zones.set(zone, stats);
    }
    this.#zone = zone;
    this.#stats = stats;
    return stats;
  }
}
