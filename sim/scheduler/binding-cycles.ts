/**
 * Binding cycles: what happens to assumed pods beside the scheduling loop. Permit may make a pod
 * wait; then PreBind, the binding through the API, and PostBind. A failure undoes the assumption
 * (kubernetes/pkg/scheduler/schedule_one.go, bindingCycle and handleBindingCycleError, v1.30).
 */
import type { KeyRecord, Pod, Trace } from "../api/index.ts";
import type { ApiCall, ApiClient, CallbackId, EventRecorder } from "../client/index.ts";
import { type HandlerId, InputError, type Kernel, type Micros } from "../kernel/index.ts";
import { rejectionOnNode } from "./decision.ts";
import type { Framework, PodInfo, SchedulerCache } from "./framework/index.ts";
import type { PluginRequest, SchedulerRequests } from "./plugin-requests.ts";
import { POD_DELETE } from "./queue/cluster-event.ts";
import type { SchedulingQueue } from "./queue/scheduling-queue.ts";
import type { AttemptFailure, BindingCycle } from "./scheduling-cycle.ts";
import type { FailureHandler } from "./scheduling-failure.ts";

export interface BindingCyclesSettings {
  readonly kernel: Kernel;
  readonly trace: Trace;
  readonly client: ApiClient;
  readonly cache: SchedulerCache;
  readonly queue: SchedulingQueue;
  readonly frameworks: ReadonlyMap<string, Framework>;
  readonly failures: FailureHandler;
  readonly events: EventRecorder;
  readonly requests: SchedulerRequests;
}

/** A request of a PreBind plugin: whose it was. Plain data. */
interface PreBindRequest {
  readonly cycle: BindingCycle;
  readonly plugin: string;
}

interface BindingCyclesState {
  /** By the pod's uid. */
  readonly cycles: Map<string, BindingCycle>;
  boundCount: number;
  failedCount: number;
}

export class BindingCycles {
  state: BindingCyclesState = { cycles: new Map(), boundCount: 0, failedCount: 0 };
  readonly #settings: BindingCyclesSettings;
  readonly #onWaited: HandlerId<BindingCycle>;
  readonly #onRequested: CallbackId<PreBindRequest>;
  readonly #onBound: CallbackId<string>;

  constructor(settings: BindingCyclesSettings) {
    const { kernel, client } = settings;
    this.#settings = settings;
    this.#onWaited = kernel.handler("scheduler/binding-due", (cycle) => this.#waited(cycle));
    this.#onRequested = client.callback((call, request) => this.#requested(call, request));
    this.#onBound = client.callback((call, uid: string) => this.#bound(call, uid));
    kernel.keep("scheduler/bindings", this);
  }

  /** Begins the binding cycle of an assumed pod, after the time that Permit asks for. */
  start(cycle: BindingCycle, waitUs: Micros): void {
    this.state.cycles.set(cycle.info.pod.metadata.uid, cycle);
    if (waitUs === 0) this.#preBind(cycle);
    else this.#wait(cycle, waitUs);
  }

  /**
   * If the pod waits at Permit, it is rejected: `removed` when it was deleted, `preempted` by a
   * PostFilter plugin. True when it did wait.
   */
  rejectWaiting(record: KeyRecord<Pod>, plugin: string, reason: string): boolean {
    const pod = this.#settings.cache.placedPod(record)?.info.pod;
    const cycle = pod === undefined ? undefined : this.state.cycles.get(pod.metadata.uid);
    if (cycle?.isWaiting !== true) return false;
    this.#fail(cycle, rejectionOnNode({ plugin, code: "Unschedulable", reasons: [reason] }));
    return true;
  }

  #wait(cycle: BindingCycle, waitUs: Micros): void {
    cycle.timer = this.#settings.kernel.after(waitUs, this.#onWaited, cycle, undefined);
  }

  #waited(cycle: BindingCycle): void {
    cycle.timer = undefined;
    cycle.isDue = true;
    this.#goOn(cycle);
  }

  /** To the next step, unless a request of the last one is not answered yet. */
  #goOn(cycle: BindingCycle): void {
    if (!cycle.isDue || cycle.pendingRequests > 0) return;
    cycle.isDue = false;
    if (cycle.isPreBound) this.#bind(cycle);
    else this.#preBind(cycle);
  }

  /** The plugins' requests of this step are sent when all of them were asked. */
  #preBind(cycle: BindingCycle): void {
    cycle.isWaiting = false;
    const framework = this.#frameworkOf(cycle);
    const { result, requests } = this.#settings.requests.collect(() =>
      framework.preBind(cycle.info, cycle.node, cycle.preBind),
    );
    if (result !== undefined && "error" in result) {
      this.#fail(cycle, schedulerError(preBindError(result.plugin, result.error)));
      return;
    }
    if (result !== undefined && "reasons" in result) {
      this.#fail(cycle, rejectionOnNode(result));
      return;
    }
    cycle.preBind = result?.progress;
    this.#send(cycle, requests, result?.progress.resumeAt ?? firstPreBindPlugin(framework));
    if (result !== undefined) {
      this.#wait(cycle, result.retryAfterUs);
      return;
    }
    cycle.isPreBound = true;
    cycle.isDue = true;
    this.#goOn(cycle);
  }

  #send(cycle: BindingCycle, requests: readonly PluginRequest[], plugin: string): void {
    for (const request of requests) {
      const isAnswered = this.#settings.requests.send(request, this.#onRequested, {
        cycle,
        plugin,
      });
      if (isAnswered) cycle.pendingRequests++;
    }
  }

  #requested(call: ApiCall, { cycle, plugin }: PreBindRequest): void {
    cycle.pendingRequests--;
    if (this.state.cycles.get(cycle.info.pod.metadata.uid) !== cycle) return; // undone meanwhile
    if (call.ok) this.#goOn(cycle);
    else this.#fail(cycle, schedulerError(preBindError(plugin, call.message)));
  }

  #bind(cycle: BindingCycle): void {
    const { uid } = cycle.info.pod.metadata;
    const framework = this.#frameworkOf(cycle);
    // A failure from here on is not the plugins' verdict: no event is of interest any more.
    this.#settings.queue.done(uid);
    cycle.binder = framework.bind(cycle.info, cycle.node);
    if (cycle.binder === "") {
      throw new InputError(
        `profile "${cycle.profile}": no plugin binds pod "${cycle.info.record.key}". ` +
          "Add DefaultBinder to the profile.",
      );
    }
    this.#settings.client.bind(
      cycle.info.record,
      { nodeName: cycle.node, uid },
      this.#onBound,
      uid,
    );
  }

  #bound(call: ApiCall, uid: string): void {
    const cycle = this.state.cycles.get(uid);
    if (cycle === undefined) throw new Error(`no binding cycle of pod uid ${uid}`);
    if (!call.ok) {
      this.#fail(cycle, schedulerError(`running Bind plugin "${cycle.binder}": ${call.message}`));
      return;
    }
    this.state.cycles.delete(uid);
    this.state.boundCount++;
    this.#observe(cycle, true);
    const message = `Successfully assigned ${cycle.info.record.key} to ${cycle.node}`;
    this.#settings.events.event(cycle.info.pod, "Normal", "Scheduled", message);
    this.#frameworkOf(cycle).postBind(cycle.info, cycle.node);
  }

  /** Undoes the assumption; the room that it frees may help other pods. */
  #fail(cycle: BindingCycle, failure: AttemptFailure): void {
    const { cache, queue, failures, kernel } = this.#settings;
    const { record, pod } = cycle.info;
    if (cycle.timer !== undefined) kernel.cancel(cycle.timer);
    this.state.cycles.delete(pod.metadata.uid);
    this.state.failedCount++;
    this.#observe(cycle, false);
    this.#frameworkOf(cycle).unreserve(cycle.info, cycle.node);
    const isRejected = failure.reason === "Unschedulable";
    const isForgotten = forgetPod(cache, cycle.info);
    const freed = { oldObject: { ...pod, spec: { ...pod.spec, nodeName: cycle.node } } };
    if (isForgotten && !isRejected)
      queue.moveAllToActiveOrBackoffQueue(POD_DELETE, undefined, freed);
    failures.handle(cycle.pod, failure, { blocksLoop: false });
    if (isForgotten && isRejected)
      queue.moveAllToActiveOrBackoffQueue(POD_DELETE, (info) => info.record !== record, freed);
  }

  #observe({ info, node, assumedUs }: BindingCycle, ok: boolean): void {
    const { trace, kernel } = this.#settings;
    if (!trace.binding.on) return;
    trace.binding.emit({ record: info.record, node, ok, assumedUs, endUs: kernel.nowUs });
  }

  #frameworkOf({ profile }: BindingCycle): Framework {
    const framework = this.#settings.frameworks.get(profile);
    if (framework === undefined) throw new Error(`no profile ${profile}`);
    return framework;
  }
}

function schedulerError(message: string): AttemptFailure {
  return { reason: "SchedulerError", message, rejectorPlugins: [], nomination: "" };
}

function preBindError(plugin: string, message: string): string {
  return `running PreBind plugin "${plugin}": ${message}`;
}

function firstPreBindPlugin({ profile }: Framework): string {
  return profile.plugins.find(({ plugin }) => plugin.preBind !== undefined)?.plugin.name ?? "";
}

/** Takes an assumed pod out of the cache. False: it is not assumed (any more). */
export function forgetPod(cache: SchedulerCache, info: PodInfo): boolean {
  const placed = cache.placedPod(info.record);
  if (placed?.isAssumed !== true || placed.info !== info) return false;
  cache.removePod(info.record);
  return true;
}
