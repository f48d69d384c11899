/** ApiRequestsRecorder: who asked the API server what, and how it was served (api-requests.csv). */
import type { ApiRequestFact, Trace } from "../sim/api/index.ts";
import type { Micros } from "../sim/kernel/index.ts";
import { type Cell, type RowSink, secondsCell } from "./row.ts";
import { SampleSeries } from "./sample-series.ts";

/** Columns of api-requests.csv, in order. */
export const apiRequestColumns = [
  "client",
  "verb",
  "kind",
  "subresource",
  "code",
  "priority_level",
  "flow_schema",
  "count",
  "first_s",
  "last_s",
  "mean_s",
  "p50_s",
  "p90_s",
  "p99_s",
  "max_s",
  "throttle_mean_s",
  "throttle_max_s",
  "queue_mean_s",
  "queue_max_s",
  "handling_mean_s",
  "handling_max_s",
  "etcd_mean_s",
  "etcd_max_s",
] as const;

/** One part of the requests' time. */
interface Part {
  count: number;
  sumUs: Micros;
  maxUs: Micros;
}

/** The requests that differ in nothing but their times and objects. */
interface Group {
  readonly names: readonly [string, string, string, string, number, string, string];
  readonly total: SampleSeries;
  readonly throttle: Part;
  readonly queue: Part;
  readonly handling: Part;
  readonly etcd: Part;
  readonly firstUs: Micros;
  lastUs: Micros;
}

export class ApiRequestsRecorder {
  /** By client, then by what is asked for: requests of one kind come from few clients. */
  readonly #groups = new Map<string, Group[]>();

  attach(trace: Trace): void {
    trace.apiRequest.subscribe((fact) => this.#add(fact));
  }

  /** A row per group: by client, verb, kind and so on, each by code unit. */
  writeRows(sink: RowSink): void {
    const groups = [...this.#groups.values()].flat();
    groups.sort((a, b) => compareNames(a.names, b.names));
    for (const group of groups) sink(rowOf(group));
  }

  #add(fact: ApiRequestFact): void {
    const group = this.#groupOf(fact);
    group.total.add(fact.answeredUs - fact.issuedUs);
    addTo(group.throttle, fact.sentUs - fact.issuedUs);
    addTo(group.queue, fact.startedUs - fact.arrivedUs);
    addTo(group.handling, fact.handledUs - fact.startedUs);
    if (fact.proposedUs > 0) addTo(group.etcd, fact.handledUs - fact.proposedUs);
    group.lastUs = fact.answeredUs;
  }

  #groupOf(fact: ApiRequestFact): Group {
    const { client, verb, kind, subresource, code, priorityLevel, flowSchema } = fact;
    const known = this.#groups.get(client) ?? [];
    for (const group of known) {
      const { names } = group;
      if (names[2] !== kind || names[1] !== verb || names[3] !== subresource) continue;
      if (names[4] === code && names[5] === priorityLevel && names[6] === flowSchema) return group;
    }
    const group: Group = {
      names: [client, verb, kind, subresource, code, priorityLevel, flowSchema],
      total: new SampleSeries(),
      throttle: { count: 0, sumUs: 0, maxUs: 0 },
      queue: { count: 0, sumUs: 0, maxUs: 0 },
      handling: { count: 0, sumUs: 0, maxUs: 0 },
      etcd: { count: 0, sumUs: 0, maxUs: 0 },
      firstUs: fact.answeredUs,
      lastUs: fact.answeredUs,
    };
    known.push(group);
    this.#groups.set(client, known);
    return group;
  }
}

function addTo(part: Part, us: Micros): void {
  part.count++;
  part.sumUs += us;
  if (us > part.maxUs) part.maxUs = us;
}

/** By the names from the left; groups differ in one of them. */
function compareNames(a: Group["names"], b: Group["names"]): number {
  for (const [index, name] of a.entries()) {
    const other = b[index] ?? "";
    if (name !== other) return name < other ? -1 : 1;
  }
  throw new Error(`two groups of ${a.join(" ")}`);
}

function rowOf({ names, total, throttle, queue, handling, etcd, firstUs, lastUs }: Group): Cell[] {
  return [
    ...names,
    total.count,
    secondsCell(firstUs),
    secondsCell(lastUs),
    secondsCell(total.meanUs()),
    secondsCell(total.quantileUs(0.5)),
    secondsCell(total.quantileUs(0.9)),
    secondsCell(total.quantileUs(0.99)),
    secondsCell(total.maxUs),
    ...partCells(throttle),
    ...partCells(queue),
    ...partCells(handling),
    ...partCells(etcd),
  ];
}

function partCells({ count, sumUs, maxUs }: Part): Cell[] {
  return count === 0 ? ["", ""] : [secondsCell(Math.round(sumUs / count)), secondsCell(maxUs)];
}
