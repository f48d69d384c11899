/** RunRecorder: all recorders of one run, attached and finished in the right order. */
import type { Trace } from "../sim/api/index.ts";
import type { Micros } from "../sim/kernel/index.ts";
import { ApiRequestsRecorder } from "./api-requests-recorder.ts";
import { DigestRecorder } from "./digest-recorder.ts";
import { FaultsRecorder } from "./faults-recorder.ts";
import { LatencyRecorder } from "./latency-recorder.ts";
import type { NodeGridOptions } from "./node-groups.ts";
import { NodesRecorder } from "./nodes-recorder.ts";
import { OperationsRecorder } from "./operations-recorder.ts";
import { noWarmup, OutcomesRecorder, type WarmupRule } from "./outcomes/index.ts";
import { OwnRecorders, ownMetrics, type Recorder } from "./own-recorder.ts";
import { PodJourneys } from "./pod-journeys.ts";
import { PodsRecorder } from "./pods-recorder.ts";
import {
  NamesRecorder,
  ProxiesRecorder,
  RequestsRecorder,
  type TraceOptions,
  TracesRecorder,
} from "./requests/index.ts";
import type { RowSink } from "./row.ts";
import {
  type SchedulerMetricsOptions,
  SchedulerMetricsRecorder,
} from "./scheduler-metrics-recorder.ts";
import { type RunEnd, type RunLabels, type RunSummary, SummaryRecorder } from "./summary.ts";
import { UnplacedPods } from "./unplaced-pods.ts";
import { UtilizationRecorder } from "./utilization-recorder.ts";
import { WorkloadsRecorder } from "./workloads-recorder.ts";

/** Where the rows of one run go. A sink that is left out costs nothing but its rows. */
export interface RunSinks {
  readonly pods?: RowSink;
  readonly workloads?: RowSink;
  readonly operations?: RowSink;
  readonly faults?: RowSink;
  readonly utilization?: RowSink;
  readonly nodes?: RowSink;
  readonly namespaces?: RowSink;
  readonly distributions?: RowSink;
  readonly latency?: RowSink;
  readonly apiRequests?: RowSink;
  readonly services?: RowSink;
  readonly requests?: RowSink;
  readonly endpoints?: RowSink;
  readonly proxies?: RowSink;
  readonly names?: RowSink;
  readonly requestTraces?: RowSink;
  readonly schedulerMetrics?: RowSink;
}

export interface RunRecorderOptions {
  readonly labels: RunLabels;
  /** Resources to report (see reportedResources), the same for all runs of a comparison. */
  readonly resources: readonly string[];
  readonly utilizationIntervalUs: Micros;
  /** What figures and means leave out of the run's beginning; absent: nothing. */
  readonly warmup?: WarmupRule;
  /** How large nodes.csv may get; absent: `defaultNodeGrid`. */
  readonly nodeGrid?: NodeGridOptions;
  /** Which trees of calls request-traces.csv has; absent: `defaultTraceOptions`. */
  readonly traces?: TraceOptions;
  /** What scheduler-metrics.csv needs to know; without it there are no rows for it. */
  readonly scheduler?: SchedulerMetricsOptions;
  readonly sinks: RunSinks;
  /** The user's recorders; absent: none. */
  readonly own?: readonly Recorder[];
}

export class RunRecorder {
  readonly #options: RunRecorderOptions;
  readonly #journeys = new PodJourneys();
  readonly #utilization: UtilizationRecorder;
  readonly #latency = new LatencyRecorder();
  readonly #outcomes: OutcomesRecorder;
  readonly #nodes: NodesRecorder;
  readonly #apiRequests = new ApiRequestsRecorder();
  readonly #operations: OperationsRecorder;
  readonly #requests: RequestsRecorder;
  readonly #proxies = new ProxiesRecorder();
  readonly #names = new NamesRecorder();
  readonly #traces: TracesRecorder;
  readonly #summary = new SummaryRecorder();
  readonly #digest = new DigestRecorder();
  readonly #unplaced = new UnplacedPods();
  readonly #own: OwnRecorders;
  readonly #schedulerMetrics: SchedulerMetricsRecorder | undefined;

  constructor(options: RunRecorderOptions) {
    this.#options = options;
    this.#own = new OwnRecorders(options.own ?? []);
    const { resources, warmup = noWarmup, scheduler, sinks } = options;
    this.#utilization = new UtilizationRecorder(
      { resources, intervalUs: options.utilizationIntervalUs, warmup },
      sinks.utilization ?? (() => {}),
    );
    this.#outcomes = new OutcomesRecorder(resources, warmup);
    this.#nodes = new NodesRecorder(resources, options.nodeGrid);
    this.#operations = new OperationsRecorder(sinks.operations);
    this.#requests = new RequestsRecorder(options.utilizationIntervalUs, sinks);
    this.#traces = new TracesRecorder(options.traces);
    if (scheduler !== undefined && sinks.schedulerMetrics !== undefined)
      this.#schedulerMetrics = new SchedulerMetricsRecorder(scheduler);
  }

  /** Attach before the first event, so that no pod and no node is missed. */
  attach(trace: Trace): void {
    this.#digest.attach(trace);
    this.#journeys.attach(trace);
    this.#utilization.attach(trace, this.#journeys);
    this.#latency.attach(trace, this.#journeys);
    this.#summary.attach(trace);
    this.#outcomes.attach(trace, this.#journeys);
    this.#unplaced.attach(trace, this.#journeys);
    this.#operations.attach(trace);
    this.#schedulerMetrics?.attach(trace);
    this.#requests.attach(trace);
    const { pods, workloads, faults, apiRequests, nodes } = this.#options.sinks;
    if (nodes !== undefined) this.#nodes.attach(trace, this.#journeys);
    if (pods !== undefined) new PodsRecorder(pods).attach(this.#journeys);
    if (workloads !== undefined) new WorkloadsRecorder(workloads).attach(trace);
    if (faults !== undefined) new FaultsRecorder(faults).attach(trace);
    if (apiRequests !== undefined) this.#apiRequests.attach(trace);
    const { proxies, names, requestTraces } = this.#options.sinks;
    if (proxies !== undefined) this.#proxies.attach(trace);
    if (names !== undefined) this.#names.attach(trace);
    if (requestTraces !== undefined) this.#traces.attach(trace);
    this.#own.attach(trace, this.#options.labels);
  }

  /** Writes what is left and sums up. Once, at the end of the run. */
  finish(end: RunEnd): RunSummary {
    this.#outcomes.endAt(end.endUs);
    this.#journeys.finish();
    this.#outcomes.finish();
    this.#utilization.finish(end.endUs);
    this.#requests.finish(end.endUs);
    this.#writeRows(end.endUs);
    const { warmupUs } = this.#outcomes;
    const pods = this.#utilization.podMeans(warmupUs);
    const { own = [] } = this.#options;
    return {
      ...this.#options.labels,
      metrics: {
        ...this.#outcomes.metrics(),
        ...this.#summary.metrics(end, this.#utilization.use(warmupUs)),
        pending_pods_time_mean: pods.pending,
        running_pods_time_mean: pods.running,
        ...this.#requests.figures(),
        user_operations: this.#operations.count,
        user_operations_failed: this.#operations.failed,
        ...this.#own.figures(end),
      },
      resources: this.#utilization.use(warmupUs),
      digests: this.#digest.digests(),
      unplaced: this.#unplaced.groups(),
      refused: this.#operations.refused(),
      failedRequests: this.#requests.failed(),
      ...(own.length === 0 ? {} : { own: ownMetrics(own) }),
    };
  }

  #writeRows(endUs: Micros): void {
    const { latency, apiRequests, schedulerMetrics, proxies, names, requestTraces } =
      this.#options.sinks;
    const { nodes, namespaces, distributions } = this.#options.sinks;
    if (nodes !== undefined) this.#nodes.writeRows(nodes, endUs);
    if (namespaces !== undefined) this.#outcomes.writeNamespaces(namespaces);
    if (distributions !== undefined)
      this.#outcomes.writeDistributions(distributions, [this.#summary.requests()]);
    if (latency !== undefined) this.#latency.writeRows(latency);
    if (apiRequests !== undefined) this.#apiRequests.writeRows(apiRequests);
    if (schedulerMetrics !== undefined) this.#schedulerMetrics?.finish(endUs, schedulerMetrics);
    if (proxies !== undefined) this.#proxies.writeRows(proxies);
    if (names !== undefined) this.#names.writeRows(names);
    if (requestTraces !== undefined) this.#traces.writeRows(requestTraces);
  }
}
