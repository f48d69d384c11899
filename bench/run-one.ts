/** One run of an experiment: builds the cluster, feeds it the workload, runs it to its end. */
import { type Recorder, RunRecorder, type RunSinks, type RunSummary } from "../reports/index.ts";
import { Cluster, type ClusterPolicies } from "../sim/index.ts";
import { InputError, type Micros } from "../sim/kernel/index.ts";
import type { TimedOperation, Workload } from "../workloads/index.ts";
import type { Experiment, ExperimentRun } from "./experiment.ts";
import { PodSources } from "./pod-sources.ts";
import { RequestTargets } from "./request-targets.ts";

export interface RunRequest {
  readonly experiment: Experiment;
  readonly run: ExperimentRun;
  readonly workload: Workload;
  readonly policies: ClusterPolicies;
  /** Resources to report, the same for all runs. */
  readonly resources: readonly string[];
  readonly sinks: RunSinks;
  /** The user's; absent: none. */
  readonly recorders?: readonly Recorder[];
  /** Share of the run that is done, 0..1; called at least every tenth of a second or so. */
  readonly onProgress: (fraction: number) => void;
  /** Lets the event loop turn. */
  readonly breathe: () => Promise<void>;
  readonly signal: AbortSignal;
  /** Told what the user should know and is no error; absent: it was said before. */
  readonly notice?: ((text: string) => void) | undefined;
  /** Somebody who looks on, and may have seen enough. */
  readonly observer?: RunObserver;
}

/** Observes a run; the run ends soon after `isDone` says so. */
export interface RunObserver {
  attach(cluster: Cluster): void;
  /** Asked now and then, at virtual times that differ between machines: never part of a result. */
  isDone(nowUs: Micros): boolean;
}

export interface RunOutcome {
  readonly summary: RunSummary;
  readonly events: number;
  /** Virtual time of the last event. */
  readonly endUs: Micros;
  /** It came to its own end; false: the observer had seen enough. */
  readonly isWhole: boolean;
}

/** Operations read ahead of the run: enough to keep reading and running apart. */
const OPERATIONS_PER_FILL = 256;
/** Virtual time that runs between two looks at the signal, at first; adapted to the event rate. */
const FIRST_SLICE_US = 10_000_000;
/** Events between two looks at the signal: some 50 ms. */
const EVENTS_PER_SLICE = 20_000;

/** Runs it. Rejects with InputError for a user's mistake, or with the signal's reason. */
export async function runOne(request: RunRequest): Promise<RunOutcome> {
  const { experiment, run, workload, policies } = request;
  const cluster = new Cluster(run.options, policies);
  const recorder = new RunRecorder({
    labels: { policy: run.policy.label, workload: experiment.name, seed: run.seed },
    resources: request.resources,
    utilizationIntervalUs: experiment.outputs.utilizationIntervalUs,
    warmup: experiment.analysis,
    nodeGrid: experiment.outputs.nodeGrid,
    traces: experiment.outputs.traces,
    scheduler: { profiles: policies.profiles, nodeCosts: run.options.latency },
    sinks: request.sinks,
    own: request.recorders ?? [],
  });
  recorder.attach(cluster.trace);
  request.observer?.attach(cluster);
  startCluster(cluster, experiment, workload.initialObjects);
  const untilUs = experiment.horizonUs === "auto" ? undefined : experiment.horizonUs;
  if (untilUs !== undefined) keepAlive(cluster, untilUs);
  const sources = new PodSources();
  const targets = new RequestTargets(experiment);
  for (const object of workload.initialObjects)
    targets.note({ verb: "create", object, source: "" });
  const isWhole = await drive(cluster, request, { sources, targets });
  cluster.settle();
  const events = cluster.kernel.dispatched;
  const endUs = cluster.kernel.nowUs;
  const summary = recorder.finish({ endUs, events });
  return { summary: sources.addTo(summary), events, endUs, isWhole };
}

/** Gives a new cluster what the experiment says, and starts it. Throws InputError. */
export function startCluster(
  cluster: Cluster,
  experiment: Experiment,
  initialObjects: Workload["initialObjects"],
): void {
  const untilUs = experiment.horizonUs === "auto" ? undefined : experiment.horizonUs;
  cluster.bootstrap(initialObjects);
  cluster.setServiceModels(experiment.services);
  for (const traffic of experiment.traffic)
    cluster.addTraffic({ ...traffic, untilUs: earlier(traffic.untilUs, untilUs) });
  for (const fault of experiment.faults) cluster.inject(fault);
  cluster.start();
}

/** Who is shown the operations that are read. */
interface Readers {
  readonly sources: PodSources;
  readonly targets: RequestTargets;
}

/** The earlier of two times; undefined: never. */
function earlier(a: Micros | undefined, b: Micros | undefined): Micros | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.min(a, b);
}

/**
 * A horizon is where a run ends, not only where it ends at the latest: all runs of an experiment
 * cover the same time. An event past the horizon keeps the run alive, so periodic chores go on.
 */
function keepAlive({ kernel }: Cluster, untilUs: Micros): void {
  const pastHorizon = kernel.handler("run/past-horizon", () => {});
  kernel.at(Math.min(untilUs + 1, Number.MAX_SAFE_INTEGER), pastHorizon, undefined, undefined);
}

/**
 * Alternates: read operations (asynchronous), run up to the last one read (synchronous). Returns
 * whether the run came to its own end.
 */
async function drive(cluster: Cluster, request: RunRequest, readers: Readers): Promise<boolean> {
  const { experiment, workload, run } = request;
  const horizonUs =
    experiment.horizonUs === "auto" ? Number.MAX_SAFE_INTEGER : experiment.horizonUs;
  const operations = workload.operations(run.seed)[Symbol.asyncIterator]();
  const pace = new Pace(cluster, horizonUs);
  const expected = workload.expectedOperations;
  let read = 0;
  try {
    for (;;) {
      const end = cluster.run(pace.nextStopUs());
      if (end === "idle") return true;
      if (end === "until" && cluster.kernel.nowUs >= horizonUs) return true;
      if (request.observer?.isDone(cluster.kernel.nowUs) === true) return false;
      if (end === "starved") read += await fill(cluster, operations, readers, request.notice);
      refuseWithoutNodes(cluster, experiment.name);
      if (!pace.isDue()) continue;
      if (expected !== undefined) request.onProgress(Math.min(1, read / Math.max(1, expected)));
      await request.breathe();
      request.signal.throwIfAborted();
    }
  } finally {
    await operations.return?.(); // closes the files of a workload that was not read to its end
  }
}

/** Without a node pods back off for ever, as in a real cluster: the run would never end. */
function refuseWithoutNodes(cluster: Cluster, name: string): void {
  if (!cluster.operations.isDone || cluster.nodeCount > 0) return;
  throw new InputError(
    `${name}: the workload has no Node, want at least one. ` +
      "Give a manifest file with the nodes of the cluster: --nodes nodes.yaml.",
  );
}

async function fill(
  cluster: Cluster,
  operations: AsyncIterator<TimedOperation>,
  { sources, targets }: Readers,
  notice: (text: string) => void = () => {},
): Promise<number> {
  for (let count = 0; count < OPERATIONS_PER_FILL; count++) {
    const next = await operations.next();
    if (next.done === true) {
      cluster.operations.close();
      for (const line of targets.tell()) notice(line);
      return count;
    }
    sources.note(next.value);
    targets.note(next.value);
    cluster.operations.append(next.value.timeUs, next.value);
  }
  return OPERATIONS_PER_FILL;
}

/**
 * Pace cuts the run into slices of about EVENTS_PER_SLICE events, so that the event loop turns now
 * and then. Where it is cut does not change a run.
 */
class Pace {
  readonly #cluster: Cluster;
  readonly #horizonUs: Micros;
  #sliceUs = FIRST_SLICE_US;
  #eventsAtStart = 0;
  #eventsAtPause = 0;

  constructor(cluster: Cluster, horizonUs: Micros) {
    this.#cluster = cluster;
    this.#horizonUs = horizonUs;
  }

  /** Where the next slice ends. */
  nextStopUs(): Micros {
    const { dispatched, nowUs } = this.#cluster.kernel;
    const events = dispatched - this.#eventsAtStart;
    if (events > EVENTS_PER_SLICE) this.#sliceUs = Math.max(1_000, Math.ceil(this.#sliceUs / 2));
    else if (events < EVENTS_PER_SLICE / 4) this.#sliceUs *= 2;
    this.#sliceUs = Math.min(this.#sliceUs, 1e15);
    this.#eventsAtStart = dispatched;
    return Math.min(nowUs + this.#sliceUs, this.#horizonUs);
  }

  /** Whether it is time for the event loop to turn. */
  isDue(): boolean {
    const { dispatched } = this.#cluster.kernel;
    if (dispatched - this.#eventsAtPause < EVENTS_PER_SLICE) return false;
    this.#eventsAtPause = dispatched;
    return true;
  }
}
