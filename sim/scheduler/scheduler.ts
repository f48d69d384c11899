/**
 * Scheduler: kube-scheduler as a component of the simulated cluster
 * (kubernetes/pkg/scheduler/schedule_one.go, v1.30).
 *
 * One scheduling cycle runs at a time, and takes virtual time; the decision is made on the cluster
 * as it is known when the cycle begins, and takes effect when it ends. Binding runs beside the
 * loop. As in the real scheduler the loop itself sends the status of a pod that failed, and waits
 * for the answer before the next cycle.
 */
import type { Pod, Trace } from "../api/index.ts";
import {
  type ClientHub,
  EventRecorder,
  InformerFactory,
  type InformerHub,
} from "../client/index.ts";
import {
  Draws,
  type HandlerId,
  HopLatency,
  type Kernel,
  type Micros,
  type Tracepoint,
} from "../kernel/index.ts";
import type { LatencyOptions, SchedulerOptions } from "../options/index.ts";
import { BindingCycles, forgetPod } from "./binding-cycles.ts";
import { type CycleFact, cycleFact } from "./cycle-watch.ts";
import { decide, failedPreemption, rejectionOnNode, tieBreakBy } from "./decision.ts";
import { addEventHandlers, isAssumed } from "./event-handlers.ts";
import { Framework, type ObjectKey, type Profile, SchedulerCache } from "./framework/index.ts";
import { ObjectHandlers } from "./object-handlers.ts";
import { SchedulerRequests } from "./plugin-requests.ts";
import { PostFilterCalls } from "./post-filter-calls.ts";
import type { QueuedPodInfo } from "./queue/queued-pod-info.ts";
import { SchedulingQueue } from "./queue/scheduling-queue.ts";
import { SchedulerFacts } from "./scheduler-facts.ts";
import {
  type AttemptFailure,
  createBindingCycle,
  type Decision,
  type SchedulingCycle,
} from "./scheduling-cycle.ts";
import { FailureHandler, type PatchContext } from "./scheduling-failure.ts";

/** Its clientset: KubeSchedulerConfiguration's clientConnection, 50 requests a second, burst 100. */
const CLIENT_NAME = "kube-scheduler";
/** Events go through a clientset of their own (EventClient in cmd/kube-scheduler). */
const EVENT_CLIENT_NAME = "kube-scheduler-events";
/** client-go polls so often whether the caches have synced (syncedPollPeriod). */
const SYNCED_POLL_US = 100_000;
/** From a pod's entry into the queue until the waiting loop takes it. Our assumption: one thread wake-up. */
const WAKE_UP_US = 1;
/** Whose verdict it is when a waiting pod is preempted. */
const PREEMPTION = "DefaultPreemption";

export interface SchedulerSettings {
  readonly kernel: Kernel;
  readonly trace: Trace;
  readonly clients: ClientHub;
  readonly informers: InformerHub;
  readonly options: SchedulerOptions;
  readonly latency: Pick<
    LatencyOptions,
    | "schedulingBase"
    | "schedulingPerNodeFilteredNs"
    | "schedulingPerNodeScoredNs"
    | "schedulingPerNodeDryRunNs"
  >;
  /** Write Event objects (Scheduled, FailedScheduling). */
  readonly writesEvents: boolean;
  /** At least one; pods are served by schedulerName. */
  readonly profiles: readonly Profile[];
  /** Told of every cycle when it is decided; absent: nobody looks on. */
  readonly cycles?: Tracepoint<CycleFact>;
}

interface SchedulerState {
  /** The cycle that runs; undefined: none. */
  cycle: SchedulingCycle | undefined;
  /** The loop is about to look at the queue. */
  isWaking: boolean;
  /** The loop waits for the answer of a status patch. */
  isPatching: boolean;
  /** The cycle whose preemption waits for answers; undefined: none. */
  preempting: SchedulingCycle | undefined;
  /** Attempts so far, by result. */
  scheduledCount: number;
  unschedulableCount: number;
  errorCount: number;
}

export class Scheduler {
  state: SchedulerState = {
    cycle: undefined,
    isWaking: false,
    isPatching: false,
    preempting: undefined,
    scheduledCount: 0,
    unschedulableCount: 0,
    errorCount: 0,
  };
  readonly queue: SchedulingQueue;
  readonly cache: SchedulerCache;
  readonly bindings: BindingCycles;
  readonly #settings: SchedulerSettings;
  readonly #informers: InformerFactory;
  readonly #frameworks = new Map<string, Framework>();
  readonly #failures: FailureHandler;
  readonly #baseLatency: HopLatency;
  readonly #tieDraws: Draws;
  readonly #preemptionDraws: Draws;
  readonly #facts: SchedulerFacts;
  readonly #requests: SchedulerRequests;
  readonly #postFilterCalls: PostFilterCalls;
  readonly #onWake: HandlerId;
  readonly #onCycleEnd: HandlerId;

  constructor(settings: SchedulerSettings) {
    const { kernel, trace, options, latency, profiles } = settings;
    const client = settings.clients.client(CLIENT_NAME);
    const informers = new InformerFactory(settings.informers, client);
    const facts = new SchedulerFacts(kernel, trace);
    this.#settings = settings;
    this.#facts = facts;
    this.#informers = informers;
    this.#baseLatency = new HopLatency(
      kernel.seed,
      latency.schedulingBase,
      "latency.schedulingBase",
    );
    this.#tieDraws = new Draws(kernel.seed, "scheduler/tie");
    this.#preemptionDraws = new Draws(kernel.seed, "scheduler/preemption");
    this.#onWake = kernel.handler("scheduler/wake", () => this.#wake());
    this.#onCycleEnd = kernel.handler("scheduler/cycle-end", () => this.#endCycle());
    this.cache = new SchedulerCache();
    this.queue = this.#createQueue(facts);
    const { cache, queue } = this;
    const { nominator } = queue;
    const eventClient = settings.writesEvents
      ? settings.clients.client(EVENT_CLIENT_NAME)
      : undefined;
    const events = new EventRecorder(kernel, eventClient, "scheduler", "default-scheduler");
    const recordOf = (target: ObjectKey) => objects.recordOf(target);
    const requests = new SchedulerRequests({ client, events, recordOf });
    this.#requests = requests;
    const { evaluation } = options;
    for (const profile of profiles) {
      const framework = new Framework({ profile, cache, kernel, evaluation, nominator, requests });
      this.#frameworks.set(profile.schedulerName, framework);
    }
    this.#failures = new FailureHandler({
      kernel,
      client,
      events,
      pods: informers.informer<Pod>("Pod"),
      cache,
      queue,
      onPatched: client.callback((_call, context: PatchContext) => this.#onPatched(context)),
    });
    this.bindings = new BindingCycles({
      kernel,
      trace,
      client,
      cache,
      queue,
      frameworks: this.#frameworks,
      failures: this.#failures,
      events,
      requests,
    });
    this.#postFilterCalls = new PostFilterCalls({
      kernel,
      client,
      requests,
      rejectWaiting: (record) => this.bindings.rejectWaiting(record, PREEMPTION, "preempted"),
      onDone: (error) => this.#preempted(error),
    });
    addEventHandlers(informers, {
      cache,
      queue,
      isResponsibleFor: (pod) => this.#frameworks.has(schedulerNameOf(pod)),
      rejectWaitingPod: (record) => this.bindings.rejectWaiting(record, "", "removed"),
    });
    const objects = new ObjectHandlers({ kernel, informers, cache, queue });
    kernel.keep("scheduler/cache", cache);
    kernel.keep("scheduler/loop", this);
  }

  #createQueue(facts: SchedulerFacts): SchedulingQueue {
    const { kernel, options, profiles } = this.#settings;
    return new SchedulingQueue({
      ...options,
      kernel,
      profiles,
      cluster: this.cache.cluster,
      namespaceLabels: (name) => this.#namespaceLabels(name),
      onActive: () => this.#wakeUp(WAKE_UP_US),
      onQueued: (pod, event) => facts.queued(pod, event),
      onDequeued: (pod) => facts.dequeued(pod),
    });
  }

  /** Starts to list and watch pods, nodes and what else plugins look at. Once. */
  start(): void {
    this.#informers.start();
  }

  /** The same at the start of the run, as one that has watched since before it. */
  startSynced(): void {
    this.#informers.startSynced();
  }

  /** The loop looks at the queue after a while, unless it is busy: then it looks when it is done. */
  #wakeUp(delayUs: Micros): void {
    const { state } = this;
    if (state.isWaking || this.#isBusy) return;
    state.isWaking = true;
    this.#settings.kernel.after(delayUs, this.#onWake, undefined, undefined);
  }

  get #isBusy(): boolean {
    const { isPatching, preempting, cycle } = this.state;
    return isPatching || preempting !== undefined || cycle !== undefined;
  }

  #wake(): void {
    this.state.isWaking = false;
    if (this.#isBusy) return; // it looks when it is done
    if (this.#informers.hasSynced) this.#next();
    else this.#wakeUp(SYNCED_POLL_US);
  }

  /** Begins the cycle of the next pod, if there is one. Pods to skip take no time. */
  #next(): void {
    for (let pod = this.queue.pop(); pod !== undefined; pod = this.queue.pop()) {
      const { record, pod: object } = pod.info;
      const isDeleted = object.metadata.deletionTimestamp !== undefined;
      if (isDeleted || isAssumed(this.cache, record, object)) {
        this.queue.done(object.metadata.uid);
        continue;
      }
      this.#beginCycle(pod);
      return;
    }
  }

  #beginCycle(pod: QueuedPodInfo): void {
    const { kernel } = this.#settings;
    const profile = schedulerNameOf(pod.info.pod);
    const framework = this.#frameworkOf(profile);
    const startIndex = this.cache.state.nextStartIndex;
    const decision = decide(pod.info, {
      framework,
      cache: this.cache,
      requests: this.#requests,
      tie: tieBreakBy(this.#tieDrawFor(pod)),
      draw: this.#drawFor(pod),
    });
    this.state.cycle = {
      pod,
      number: this.queue.schedulingCycle,
      profile,
      startUs: kernel.nowUs,
      decision,
    };
    this.#tell(pod, decision, startIndex);
    const durationUs = this.#durationUs(pod, decision);
    kernel.after(durationUs, this.#onCycleEnd, undefined, undefined);
  }

  /** Tells whoever looks on about a cycle that is decided. */
  #tell(pod: QueuedPodInfo, decision: Decision, startIndex: number): void {
    const { cycles, kernel } = this.#settings;
    if (cycles?.on !== true) return;
    cycles.emit(
      cycleFact(pod, decision, {
        framework: this.#frameworkOf(schedulerNameOf(pod.info.pod)),
        cache: this.cache,
        nowUs: kernel.nowUs,
        startIndex,
        tieDraw: this.#tieDrawFor(pod),
        draw: () => this.#drawFor(pod),
      }),
    );
  }

  /** Virtual time of a cycle: whole microseconds, at least 1. A single feasible node is not scored. */
  #durationUs(pod: QueuedPodInfo, { evaluatedNodes, feasibleNodes, postFilter }: Decision): Micros {
    const { latency } = this.#settings;
    const scoredNodes = feasibleNodes > 1 ? feasibleNodes : 0;
    const ns =
      latency.schedulingPerNodeFilteredNs * evaluatedNodes +
      latency.schedulingPerNodeScoredNs * scoredNodes +
      latency.schedulingPerNodeDryRunNs * (postFilter?.dryRunNodes ?? 0);
    return this.#baseLatency.us(pod.info.record.hash, pod.attempts) + Math.round(ns / 1000);
  }

  /** Ties among equal totals: a draw of this pod and attempt, or undefined: the lowest name. */
  #tieDrawFor({ info, attempts }: QueuedPodInfo): number | undefined {
    if (this.#settings.options.ties === "lowest-name") return undefined;
    return this.#tieDraws.uniform(info.record.hash, attempts);
  }

  /** PostFilter's draws of this pod and attempt. */
  #drawFor({ info, attempts }: QueuedPodInfo): (count: number) => number {
    const source = this.#preemptionDraws.source(info.record.hash, attempts);
    return (count) => Math.floor(source.next() * count);
  }

  #endCycle(): void {
    const { cycle } = this.state;
    if (cycle === undefined) throw new Error("a scheduling cycle ends that never began");
    this.state.cycle = undefined;
    const { postFilter, failure } = cycle.decision;
    if (postFilter !== undefined && this.#postFilterCalls.start(postFilter.requests)) {
      this.state.preempting = cycle;
      return;
    }
    this.#finishCycle(cycle, failure ?? this.#assumeAndReserve(cycle));
  }

  /** Preemption's requests are answered; `error`: why it came to nothing, or "". */
  #preempted(error: string): void {
    const { preempting: cycle } = this.state;
    this.state.preempting = undefined;
    const { failure, postFilter } = cycle?.decision ?? {};
    if (cycle === undefined || failure === undefined || postFilter === undefined)
      throw new Error("a preemption ends that never began");
    const { fitError } = postFilter;
    this.#finishCycle(cycle, error === "" ? failure : failedPreemption(failure, fitError, error));
  }

  #finishCycle(cycle: SchedulingCycle, failure: AttemptFailure | undefined): void {
    this.#count(failure);
    this.#facts.attempted(cycle, failure);
    if (failure !== undefined) {
      this.state.isPatching = this.#failures.handle(cycle.pod, failure, { blocksLoop: true });
    }
    if (!this.state.isPatching) this.#next();
  }

  /** The second half of the cycle: assume, Reserve, Permit; then the binding cycle goes on alone. */
  #assumeAndReserve(cycle: SchedulingCycle): AttemptFailure | undefined {
    const { pod, profile, decision } = cycle;
    const { node } = decision;
    const { info } = pod;
    const { record } = info;
    if (this.cache.placedPod(record) !== undefined) {
      const message = `pod ${info.pod.metadata.uid}(${record.key}) is in the cache, so can't be assumed`;
      return { reason: "SchedulerError", message, rejectorPlugins: [], nomination: "" };
    }
    this.cache.assumePod(info, node);
    this.queue.deleteNominatedPodIfExists(record);
    const framework = this.#frameworkOf(profile);
    const verdict = framework.reserve(info, node) ?? framework.permit(info, node);
    if ("plugin" in verdict) {
      framework.unreserve(info, node);
      forgetPod(this.cache, info);
      return rejectionOnNode(verdict);
    }
    const assumedUs = this.#settings.kernel.nowUs;
    this.bindings.start(
      createBindingCycle({ pod, info, node, profile, assumedUs }),
      verdict.waitUs,
    );
    return undefined;
  }

  #onPatched({ blocksLoop }: PatchContext): void {
    if (!blocksLoop) return;
    this.state.isPatching = false;
    this.#next();
  }

  #count(failure: AttemptFailure | undefined): void {
    if (failure === undefined) this.state.scheduledCount++;
    else if (failure.reason === "Unschedulable") this.state.unschedulableCount++;
    else this.state.errorCount++;
  }

  #namespaceLabels(name: string): Readonly<Record<string, string>> | undefined {
    return this.cache.objects.lister("Namespace").get("", name)?.metadata.labels;
  }

  #frameworkOf(profile: string): Framework {
    const framework = this.#frameworks.get(profile);
    if (framework === undefined) throw new Error(`no profile ${profile}`);
    return framework;
  }
}

function schedulerNameOf(pod: Pod): string {
  return pod.spec.schedulerName ?? "default-scheduler";
}
