/** What a user says about requests to one Service. */
import {
  InputError,
  type Micros,
  parseTimeDistribution,
  type TimeDistribution,
} from "../kernel/index.ts";

/** Times are distributions in their text form. */
export interface TrafficSettings {
  /** `namespace/name` of the Service. */
  readonly service: string;
  /** Where requests start: the name of a node, `random-node` (drawn for each), or `each-node` in turn. */
  readonly from: string;
  /** Time between requests, whether or not earlier ones were answered (open loop). */
  readonly arrivals: string;
  /** Time that a pod works on one request. */
  readonly serviceTime: string;
  /**
   * Kept-alive connections that take the requests in turn, each with an endpoint that it keeps
   * until it breaks, and with any number of requests on their way (HTTP/2). 0: a new one for each.
   */
  readonly connections: number;
  /** Virtual time before which no request is sent. */
  readonly startUs: Micros;
  /** Requests in all; undefined: without end. */
  readonly requests: number | undefined;
  /** Virtual time after which no request is sent; undefined: none. */
  readonly untilUs?: Micros | undefined;
}

/** The distributions of a source's settings. */
export interface TrafficModels {
  readonly gap: TimeDistribution;
  readonly work: TimeDistribution;
}

/** Parses the distributions. Throws InputError. */
export function trafficModels({ service, arrivals, serviceTime }: TrafficSettings): TrafficModels {
  const where = `traffic to ${service}`;
  return {
    gap: parseTimeDistribution(arrivals, `${where}: arrivals`),
    work: parseTimeDistribution(serviceTime, `${where}: serviceTime`),
  };
}

/** Throws InputError for settings that no source can follow. */
export function checkTraffic(settings: TrafficSettings): void {
  const { service, connections, startUs, requests } = settings;
  const where = `traffic to ${service}`;
  if (!/^[^/]+\/[^/]+$/.test(service)) {
    throw new InputError(`traffic: got service "${service}", want namespace/name of a Service.`);
  }
  wholeNumber(connections, 0, `${where}: connections`);
  wholeNumber(startUs, 0, `${where}: startUs`);
  if (requests !== undefined) wholeNumber(requests, 1, `${where}: requests`);
}

function wholeNumber(value: number, min: number, where: string): void {
  if (Number.isSafeInteger(value) && value >= min) return;
  throw new InputError(`${where}: got ${value}, want a whole number, ${min} or more.`);
}
