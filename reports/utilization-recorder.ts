/** UtilizationRecorder: how full the cluster was, interval by interval (utilization.csv). */
import type { Node, Trace } from "../sim/api/index.ts";
import type { Micros } from "../sim/kernel/index.ts";
import type { PodJourney, PodStage } from "./pod-journey.ts";
import type { PodJourneys } from "./pod-journeys.ts";
import { resourceAmount } from "./pod-requests.ts";
import { resourceStems, resourceUnit } from "./resource-columns.ts";
import { type Cell, type RowSink, roundTo, secondsCell } from "./row.ts";
import { TimeWeighted } from "./time-weighted.ts";

export interface UtilizationOptions {
  /** Resource names to report (see reportedResources); what others ask for is left out. */
  readonly resources: readonly string[];
  /** Length of an interval in microseconds, above 0. */
  readonly intervalUs: Micros;
}

/** Use of one resource over a whole run. */
export interface ResourceUse {
  readonly resource: string;
  /** Integral of requested over integral of allocatable, 0 when there was none. */
  readonly meanShare: number;
  /** Requested over allocatable at the end of the run. */
  readonly endShare: number;
  readonly endRequested: number;
  readonly endAllocatable: number;
}

const NODES = 0;
const PENDING = 1;
const STARTING = 2;
const RUNNING = 3;
const RESOURCES = 4;

const stageGauge: Readonly<Record<PodStage, number>> = {
  pending: PENDING,
  starting: STARTING,
  running: RUNNING,
  ended: -1,
};

/** Columns of utilization.csv for these resources, in order. */
export function utilizationColumns(resources: readonly string[]): string[] {
  const columns = ["start_s", "end_s", "nodes", "pending_pods", "starting_pods", "running_pods"];
  for (const [index, stem] of resourceStems(resources).entries()) {
    const unit = resourceUnit(resources[index] ?? "");
    columns.push(`${stem}_allocatable${unit}`, `${stem}_requested${unit}`, `${stem}_share`);
  }
  return columns;
}

/**
 * All values are means over the interval, weighted by time: integral divided by length. Intervals
 * begin at multiples of their length; the last one ends with the run. A pod's requests count on
 * its node from the commit of its binding until its status says Succeeded or Failed or it is
 * deleted, as the scheduler counts them.
 */
export class UtilizationRecorder {
  readonly #options: UtilizationOptions;
  readonly #sink: RowSink;
  readonly #interval: TimeWeighted;
  readonly #run: TimeWeighted;
  /** Allocatable amounts of each node, by resource index. */
  readonly #nodes = new Map<string, readonly number[]>();
  #intervalStartUs: Micros = 0;

  constructor(options: UtilizationOptions, sink: RowSink) {
    this.#options = options;
    this.#sink = sink;
    const gauges = RESOURCES + 2 * options.resources.length;
    this.#interval = new TimeWeighted(gauges, 0);
    this.#run = new TimeWeighted(gauges, 0);
  }

  /** Nodes are known from their commits. */
  attach(trace: Trace, journeys: PodJourneys): void {
    trace.committed.subscribe(({ record, type, object, timeUs }) => {
      if (record.kind !== "Node") return;
      this.#nodeChanged(record.name, type === "DELETED" ? undefined : (object as Node), timeUs);
    });
    journeys.observe({
      stageChanged: (journey, from, timeUs) => this.#stageChanged(journey, from, timeUs),
    });
  }

  /** Writes the intervals up to the end of the run. */
  finish(endUs: Micros): void {
    this.#advance(endUs);
    if (endUs > this.#intervalStartUs) this.#closeInterval();
    this.#run.advance(endUs);
  }

  /** Use of each reported resource over the run. Ask after `finish`. */
  use(): ResourceUse[] {
    return this.#options.resources.map((resource, index) => {
      const gauge = RESOURCES + 2 * index;
      const endAllocatable = this.#run.values[gauge] ?? 0;
      const endRequested = this.#run.values[gauge + 1] ?? 0;
      return {
        resource,
        meanShare: share(this.#run.mean(gauge + 1), this.#run.mean(gauge)),
        endShare: share(endRequested, endAllocatable),
        endRequested,
        endAllocatable,
      };
    });
  }

  #nodeChanged(name: string, node: Node | undefined, timeUs: Micros): void {
    this.#advance(timeUs);
    const before = this.#nodes.get(name);
    if (before !== undefined) this.#addNode(before, -1);
    this.#nodes.delete(name);
    if (node === undefined) return;
    const amounts = this.#options.resources.map((resource) =>
      resourceAmount(resource, node.status.allocatable?.[resource] ?? "0"),
    );
    this.#nodes.set(name, amounts);
    this.#addNode(amounts, 1);
  }

  #addNode(amounts: readonly number[], sign: number): void {
    this.#add(NODES, sign);
    for (const [index, amount] of amounts.entries())
      this.#add(RESOURCES + 2 * index, sign * amount);
  }

  #stageChanged(journey: PodJourney, from: PodStage | undefined, timeUs: Micros): void {
    this.#advance(timeUs);
    const held = holdsRequests(from);
    const holds = holdsRequests(journey.stage);
    if (from !== undefined && from !== "ended") this.#add(stageGauge[from], -1);
    if (journey.stage !== "ended") this.#add(stageGauge[journey.stage], 1);
    if (held === holds) return;
    const sign = holds ? 1 : -1;
    for (const [index, resource] of this.#options.resources.entries()) {
      const amount = journey.requests.get(resource) ?? 0;
      this.#add(RESOURCES + 2 * index + 1, sign * amount);
    }
  }

  #add(gauge: number, amount: number): void {
    this.#interval.values[gauge] = (this.#interval.values[gauge] ?? 0) + amount;
    this.#run.values[gauge] = (this.#run.values[gauge] ?? 0) + amount;
  }

  #advance(toUs: Micros): void {
    while (toUs >= this.#intervalStartUs + this.#options.intervalUs) {
      this.#interval.advance(this.#intervalStartUs + this.#options.intervalUs);
      this.#closeInterval();
    }
    this.#interval.advance(toUs);
    this.#run.advance(toUs);
  }

  #closeInterval(): void {
    const interval = this.#interval;
    const row: Cell[] = [secondsCell(this.#intervalStartUs), secondsCell(interval.nowUs)];
    for (let gauge = 0; gauge < RESOURCES; gauge++) row.push(roundTo(interval.mean(gauge), 6));
    for (let gauge = RESOURCES; gauge < interval.values.length; gauge += 2) {
      const allocatable = interval.mean(gauge);
      const requested = interval.mean(gauge + 1);
      row.push(roundTo(allocatable, 3), roundTo(requested, 3));
      row.push(roundTo(share(requested, allocatable), 6));
    }
    this.#sink(row);
    interval.restart();
    this.#intervalStartUs = interval.nowUs;
  }
}

function holdsRequests(stage: PodStage | undefined): boolean {
  return stage === "starting" || stage === "running";
}

function share(requested: number, allocatable: number): number {
  return allocatable === 0 ? 0 : requested / allocatable;
}
