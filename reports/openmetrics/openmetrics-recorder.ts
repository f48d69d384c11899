/** OpenMetricsRecorder: one run as metrics over virtual time, with Kubernetes' names. */
import type { SchedulingQueueName, Trace } from "../../sim/api/index.ts";
import type { Micros } from "../../sim/kernel/index.ts";
import { ClusterLoad } from "../cluster-load.ts";
import { PodJourneys } from "../pod-journeys.ts";
import {
  type SchedulerMetricsOptions,
  SchedulerMetricsRecorder,
} from "../scheduler-metrics-recorder.ts";
import { ControlPlaneMetrics } from "./control-plane-metrics.ts";
import { type SampleTimes, writeExposition } from "./exposition-text.ts";
import { labelText, MetricFamilies } from "./metric-families.ts";
import { NodeMetrics } from "./node-metrics.ts";
import { SampleClock } from "./sample-clock.ts";
import { StateMetrics } from "./state-metrics.ts";

/** Between two samples, unless the user says: Prometheus' default scrape_interval. */
const INTERVAL_US: Micros = 60_000_000;

export interface OpenMetricsOptions {
  readonly scheduler: SchedulerMetricsOptions;
  /** Whole seconds; undefined: one minute, doubled while there are too many samples. */
  readonly intervalUs: Micros | undefined;
  /** Series for each pod and node; else sums over them. */
  readonly perObject: boolean;
  /** Samples before it are left out. */
  readonly sinceUs: Micros;
}

const QUEUES: readonly SchedulingQueueName[] = ["active", "backoff", "gated", "unschedulable"];

export class OpenMetricsRecorder {
  readonly #sinceUs: Micros;
  readonly #families = new MetricFamilies();
  readonly #clock: SampleClock;
  readonly #journeys = new PodJourneys();
  readonly #load = new ClusterLoad();
  readonly #scheduler: SchedulerMetricsRecorder;
  readonly #controlPlane: ControlPlaneMetrics;
  readonly #nodes: NodeMetrics;
  readonly #state: StateMetrics;

  constructor({ scheduler, intervalUs, perObject, sinceUs }: OpenMetricsOptions) {
    this.#sinceUs = sinceUs;
    this.#clock = new SampleClock({
      intervalUs: intervalUs ?? INTERVAL_US,
      isFixed: intervalUs !== undefined,
      sample: (index) => this.#sample(index),
      halve: () => this.#families.halve(),
    });
    this.#scheduler = new SchedulerMetricsRecorder(scheduler);
    this.#controlPlane = new ControlPlaneMetrics(this.#families);
    this.#nodes = new NodeMetrics(this.#families);
    this.#state = new StateMetrics(this.#families, perObject);
  }

  /** Attach before the first event. */
  attach(trace: Trace): void {
    this.#clock.attach(trace);
    this.#journeys.attach(trace);
    this.#load.attach(trace, this.#journeys);
    this.#scheduler.attach(trace);
    this.#controlPlane.attach(trace);
    this.#nodes.attach(trace);
    this.#state.attach(trace, this.#journeys);
  }

  /** Takes the last sample and writes all, piece by piece. Once. */
  finish(endUs: Micros, write: (text: string) => void): void {
    this.#clock.finish(endUs);
    const { count } = this.#clock;
    const timeUs = (index: number): Micros => this.#clock.timeUs(index, endUs);
    let from = 0;
    while (from < count && timeUs(from) < this.#sinceUs) from++;
    this.#requestsInFlight({ from: 0, count, timeUs });
    writeExposition(this.#families, { from, count, timeUs }, write);
  }

  #sample(index: number): void {
    const { metrics } = this.#scheduler;
    for (const queue of QUEUES) {
      const help = "Pods in kube-scheduler's queues.";
      const labels = labelText({ queue });
      const pending = this.#families.number("scheduler_pending_pods", help, labels);
      pending.value = this.#scheduler.pendingIn(queue);
    }
    for (const [metric, labels, value] of metrics.counterSeries()) {
      const name = `scheduler_${metric}`;
      this.#families.number(name, SCHEDULER_HELP, schedulerLabels(labels)).value = value;
    }
    for (const [metric, labels, histogram] of metrics.histogramSeries()) {
      const name = `scheduler_${metric}`;
      this.#families.histogram(name, SCHEDULER_HELP, schedulerLabels(labels), histogram);
    }
    const help = "Requested CPU of pods on nodes over what the nodes have (stowage's own).";
    this.#families.number("stowage_requested_cpu_ratio", help, "").value = this.#load.cpuShare;
    this.#families.sample(index);
  }

  /** They are known when they end, so their samples are made at the end. */
  #requestsInFlight({ count, timeUs }: SampleTimes): void {
    const { mutating, readOnly } = this.#load.inFlight;
    for (const [kind, seconds] of [
      ["mutating", mutating],
      ["readOnly", readOnly],
    ] as const) {
      const series = this.#families.number(
        "apiserver_current_inflight_requests",
        "Requests that the API server works on, without watches, at the whole second.",
        labelText({ request_kind: kind }),
      );
      for (let index = 0; index < count; index++) {
        series.value = seconds.get(Math.floor(timeUs(index) / 1e6)) ?? 0;
        series.sample(index);
      }
    }
  }
}

const SCHEDULER_HELP = "As kube-scheduler counts it, in virtual time.";

/** `a=b;c=d` as label text. */
function schedulerLabels(labels: string): string {
  const pairs = labels === "" ? [] : labels.split(";").map((pair) => pair.split("="));
  return labelText(Object.fromEntries(pairs.map(([name = "", value = ""]) => [name, value])));
}
