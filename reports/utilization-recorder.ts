/** UtilizationRecorder: how full the cluster was, interval by interval (utilization.csv). */
import type { Node, SchedulingQueueName, Trace } from "../sim/api/index.ts";
import type { Micros } from "../sim/kernel/index.ts";
import { IntegralSteps } from "./integral-steps.ts";
import { noWarmup, WARMUP_STEP, type WarmupRule } from "./outcomes/index.ts";
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
  /** What the means over the run leave out; absent: nothing. */
  readonly warmup?: WarmupRule;
}

/** Use of one resource over a run. */
export interface ResourceUse {
  readonly resource: string;
  /** Integral of requested over integral of allocatable after the warm-up, 0 when there was none. */
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
const QUEUES = 4;
const RESOURCES = 8;
/** Of each resource: allocatable, requested on nodes, asked for by all pods created so far. */
const GAUGES = 3;

const stageGauge: Readonly<Record<PodStage, number>> = {
  pending: PENDING,
  starting: STARTING,
  running: RUNNING,
  ended: -1,
};

/** The scheduler's queues in the order of their gauges and columns. */
const queueGauge: Readonly<Record<SchedulingQueueName, number>> = {
  active: QUEUES,
  backoff: QUEUES + 1,
  unschedulable: QUEUES + 2,
  gated: QUEUES + 3,
};

/** Columns of utilization.csv for these resources, in order. */
export function utilizationColumns(resources: readonly string[]): string[] {
  const columns = ["start_s", "end_s", "nodes", "pending_pods", "starting_pods", "running_pods"];
  columns.push(...Object.keys(queueGauge).map((queue) => `queue_${queue}`));
  for (const [index, stem] of resourceStems(resources).entries()) {
    const unit = resourceUnit(resources[index] ?? "");
    columns.push(`${stem}_allocatable${unit}`, `${stem}_requested${unit}`, `${stem}_share`);
    columns.push(`${stem}_arrived${unit}`, `${stem}_arrived_share`);
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
  /** Integrals over the intervals that are closed. */
  readonly #closed: Float64Array;
  /** Integrals over the run as they were at moments at which a warm-up may end. */
  readonly #steps: IntegralSteps;
  readonly #isWarmupFound: boolean;
  /** The end of a warm-up that is known and has not come yet. */
  #warmupUs: Micros;
  /** Allocatable amounts of each node, by resource index. */
  readonly #nodes = new Map<string, readonly number[]>();
  #intervalStartUs: Micros = 0;

  constructor(options: UtilizationOptions, sink: RowSink) {
    this.#options = options;
    this.#sink = sink;
    const gauges = RESOURCES + GAUGES * options.resources.length;
    this.#interval = new TimeWeighted(gauges, 0);
    this.#closed = new Float64Array(gauges);
    const averaged = options.resources.flatMap((_, index) => {
      const gauge = RESOURCES + GAUGES * index;
      return [gauge, gauge + 1];
    });
    this.#steps = new IntegralSteps([PENDING, RUNNING, ...averaged]);
    const { warmupUs } = options.warmup ?? noWarmup;
    this.#isWarmupFound = warmupUs === "mser-5";
    this.#warmupUs = warmupUs === "mser-5" || warmupUs === 0 ? Number.MAX_SAFE_INTEGER : warmupUs;
  }

  /** Nodes are known from their commits. */
  attach(trace: Trace, journeys: PodJourneys): void {
    trace.committed.subscribe(({ record, type, object, timeUs }) => {
      if (record.kind !== "Node") return;
      this.#nodeChanged(record.name, type === "DELETED" ? undefined : (object as Node), timeUs);
    });
    trace.podQueued.subscribe(({ queue, timeUs }) => this.#queueChanged(queue, 1, timeUs));
    trace.podDequeued.subscribe(({ queue, timeUs }) => this.#queueChanged(queue, -1, timeUs));
    journeys.observe({
      stageChanged: (journey, from, timeUs) => this.#stageChanged(journey, from, timeUs),
    });
  }

  /** Writes the intervals up to the end of the run. */
  finish(endUs: Micros): void {
    this.#advance(endUs);
    if (endUs > this.#intervalStartUs) this.#closeInterval();
  }

  /**
   * Use of each reported resource from `fromUs`, the end of the warm-up, to the end of the run. Ask
   * after `finish`.
   */
  use(fromUs: Micros): ResourceUse[] {
    return this.#options.resources.map((resource, index) => {
      const gauge = RESOURCES + GAUGES * index;
      const endAllocatable = this.#interval.values[gauge] ?? 0;
      const endRequested = this.#interval.values[gauge + 1] ?? 0;
      return {
        resource,
        meanShare: share(this.#mean(gauge + 1, fromUs), this.#mean(gauge, fromUs)),
        endShare: share(endRequested, endAllocatable),
        endRequested,
        endAllocatable,
      };
    });
  }

  /** Mean numbers of pods from `fromUs` on, weighted by time. Ask after `finish`. */
  podMeans(fromUs: Micros): { readonly pending: number; readonly running: number } {
    return { pending: this.#mean(PENDING, fromUs), running: this.#mean(RUNNING, fromUs) };
  }

  /** Its value at the end when no time is left. */
  #mean(gauge: number, fromUs: Micros): number {
    const span = this.#interval.nowUs - fromUs;
    if (span <= 0) return this.#interval.values[gauge] ?? 0;
    const before = fromUs === 0 ? 0 : this.#steps.integralAt(fromUs, gauge);
    return (this.#integral(gauge) - before) / span;
  }

  #integral(gauge: number): number {
    return (this.#closed[gauge] ?? 0) + this.#interval.integral(gauge);
  }

  #queueChanged(queue: SchedulingQueueName, change: number, timeUs: Micros): void {
    this.#advance(timeUs);
    this.#add(queueGauge[queue], change);
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
      this.#add(RESOURCES + GAUGES * index, sign * amount);
  }

  #stageChanged(journey: PodJourney, from: PodStage | undefined, timeUs: Micros): void {
    this.#advance(timeUs);
    if (from === undefined) {
      if (this.#isWarmupFound && journey.seq % WARMUP_STEP === 0) this.#noteStep();
      this.#arrive(journey);
    }
    const held = holdsRequests(from);
    const holds = holdsRequests(journey.stage);
    if (from !== undefined && from !== "ended") this.#add(stageGauge[from], -1);
    if (journey.stage !== "ended") this.#add(stageGauge[journey.stage], 1);
    if (held === holds) return;
    const sign = holds ? 1 : -1;
    for (const [index, resource] of this.#options.resources.entries()) {
      const amount = journey.requests.get(resource) ?? 0;
      this.#add(RESOURCES + GAUGES * index + 1, sign * amount);
    }
  }

  #arrive(journey: PodJourney): void {
    for (const [index, resource] of this.#options.resources.entries())
      this.#add(RESOURCES + GAUGES * index + 2, journey.requests.get(resource) ?? 0);
  }

  #add(gauge: number, amount: number): void {
    this.#interval.values[gauge] = (this.#interval.values[gauge] ?? 0) + amount;
  }

  #noteStep(): void {
    this.#steps.note(this.#interval.nowUs, (gauge) => this.#integral(gauge));
  }

  #advance(toUs: Micros): void {
    if (toUs >= this.#warmupUs) {
      const warmupUs = this.#warmupUs;
      this.#warmupUs = Number.MAX_SAFE_INTEGER;
      this.#advance(warmupUs);
      this.#noteStep();
    }
    while (toUs >= this.#intervalStartUs + this.#options.intervalUs) {
      this.#interval.advance(this.#intervalStartUs + this.#options.intervalUs);
      this.#closeInterval();
    }
    this.#interval.advance(toUs);
  }

  #closeInterval(): void {
    const interval = this.#interval;
    const row: Cell[] = [secondsCell(this.#intervalStartUs), secondsCell(interval.nowUs)];
    for (let gauge = 0; gauge < RESOURCES; gauge++) row.push(roundTo(interval.mean(gauge), 6));
    for (let gauge = RESOURCES; gauge < interval.values.length; gauge += GAUGES) {
      const allocatable = interval.mean(gauge);
      const requested = interval.mean(gauge + 1);
      const arrived = interval.mean(gauge + 2);
      row.push(roundTo(allocatable, 3), roundTo(requested, 3));
      row.push(roundTo(share(requested, allocatable), 6), roundTo(arrived, 3));
      row.push(roundTo(share(arrived, allocatable), 6));
    }
    this.#sink(row);
    for (let gauge = 0; gauge < interval.values.length; gauge++)
      this.#closed[gauge] = this.#integral(gauge);
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
