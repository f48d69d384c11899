/** TrafficSource: one source's part of the run's state, and what is parsed from its settings. */
import { HopLatency, parseTimeDistribution, type TimeDistribution } from "../../kernel/index.ts";
import type { Edge } from "../call/index.ts";
import { type ArrivalProcess, ArrivalState } from "./arrival-process.ts";
import { targetText } from "./check-traffic.ts";
import { KeyPopularity } from "./key-popularity.ts";
import { parseArrivalProcess } from "./parse-arrivals.ts";
import type { TrafficSettings } from "./traffic-settings.ts";

/** No request has needed the node yet. */
export const NO_NODE = -2;

/** A client of a closed loop. Each number is 0 or more. */
export class LoopClient {
  readonly number: number;
  /** Its source's number. */
  readonly source: number;
  readonly hash: number;
  /** Number of its node (-1: outside), from its first request on. */
  node = NO_NODE;
  /** Requests that it has sent. */
  sent = 0;

  constructor(number: number, source: number, hash: number) {
    this.number = number;
    this.source = source;
    this.hash = hash;
  }
}

export class TrafficSource {
  readonly number: number;
  readonly settings: TrafficSettings;
  /** Names its draws. */
  readonly hash: number;
  /** Counts its requests: sent = answered + failed + those on their way. */
  readonly edge: Edge;
  readonly arrivals: ArrivalState;
  /** Requests sent; those of an open loop are numbered by it. */
  sent = 0;
  /** The node that `from` names, once it was looked up. */
  node = NO_NODE;
  /** Those of a closed loop, by their hash; none: an open loop. */
  readonly clients = new Map<number, LoopClient>();

  constructor(
    number: number,
    settings: TrafficSettings,
    hash: number,
    edge: Edge,
    startUs: number,
  ) {
    this.number = number;
    this.settings = settings;
    this.hash = hash;
    this.edge = edge;
    this.arrivals = new ArrivalState(startUs);
  }
}

/** What is parsed from a source's settings; not state. */
export class SourceModels {
  readonly settings: TrafficSettings;
  /** undefined: a closed loop. */
  readonly process: ArrivalProcess | undefined;
  readonly think: TimeDistribution | undefined;
  /** undefined: the Service's model says. */
  readonly work: HopLatency | undefined;
  /** undefined: each request is about something of its own. */
  readonly keys: KeyPopularity | undefined;

  /** Throws InputError. */
  constructor(seed: string, settings: TrafficSettings) {
    const { arrivals, clients, thinkTime, serviceTime, keys, keySkew } = settings;
    const where = `traffic to ${targetText(settings)}`;
    this.settings = settings;
    this.process = clients > 0 ? undefined : parseArrivalProcess(arrivals, `${where}: arrivals`);
    this.think = clients > 0 ? parseTimeDistribution(thinkTime, `${where}: thinkTime`) : undefined;
    this.work =
      serviceTime === ""
        ? undefined
        : new HopLatency(seed, serviceTime, `${where}: serviceTime`, "traffic/service-time");
    this.keys = keys === 0 ? undefined : new KeyPopularity(keys, keySkew);
  }
}

/** A source without end must not keep the run alive. */
export function isEndless({ arrivals, clients, requests, untilUs }: TrafficSettings): boolean {
  if (requests !== undefined || untilUs !== undefined) return false;
  return clients > 0 || !parseArrivalProcess(arrivals, "arrivals").isFinite;
}
