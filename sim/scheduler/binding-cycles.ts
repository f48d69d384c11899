/**
 * Binding cycles: what happens to assumed pods beside the scheduling loop. Permit may make a pod
 * wait; then PreBind, the binding through the API, and PostBind. A failure undoes the assumption
 * (kubernetes/pkg/scheduler/schedule_one.go, bindingCycle and handleBindingCycleError, v1.30).
 */
import type { Pod, Trace } from "../api/index.ts";
import type { ApiCall, ApiClient, CallbackId, EventRecorder } from "../client/index.ts";
import { type HandlerId, InputError, type Kernel, type Micros } from "../kernel/index.ts";
import { rejectionOnNode } from "./decision.ts";
import type { Framework, PodInfo, SchedulerCache } from "./framework/index.ts";
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
  readonly #onPermitted: HandlerId<string>;
  readonly #onBound: CallbackId<string>;

  constructor(settings: BindingCyclesSettings) {
    const { kernel, client } = settings;
    this.#settings = settings;
    this.#onPermitted = kernel.handler("scheduler/permitted", (uid) => this.#permitted(uid));
    this.#onBound = client.callback((call, uid: string) => this.#bound(call, uid));
    kernel.keep("scheduler/bindings", this);
  }

  /** Begins the binding cycle of an assumed pod, after the time that Permit asks for. */
  start(cycle: BindingCycle, waitUs: Micros): void {
    const { uid } = cycle.info.pod.metadata;
    this.state.cycles.set(uid, cycle);
    if (waitUs === 0) this.#bind(uid, cycle);
    else this.#settings.kernel.after(waitUs, this.#onPermitted, uid, undefined);
  }

  /** The pod was deleted while it waited at Permit. True when it did. */
  rejectWaiting(pod: Pod): boolean {
    const cycle = this.state.cycles.get(pod.metadata.uid);
    if (cycle?.isWaiting !== true) return false;
    this.#fail(cycle, {
      reason: "Unschedulable",
      message: "removed",
      rejectorPlugins: [],
      nomination: "",
    });
    return true;
  }

  #permitted(uid: string): void {
    const cycle = this.state.cycles.get(uid);
    if (cycle !== undefined) this.#bind(uid, cycle);
  }

  #bind(uid: string, cycle: BindingCycle): void {
    cycle.isWaiting = false;
    const framework = this.#frameworkOf(cycle);
    const refused = framework.preBind(cycle.info, cycle.node);
    if (refused !== undefined) {
      this.#fail(cycle, rejectionOnNode(refused));
      return;
    }
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
      const message = `running Bind plugin "${cycle.binder}": ${call.message}`;
      this.#fail(cycle, {
        reason: "SchedulerError",
        message,
        rejectorPlugins: [],
        nomination: "",
      });
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
    const { cache, queue, failures } = this.#settings;
    const { record, pod } = cycle.info;
    this.state.cycles.delete(pod.metadata.uid);
    this.state.failedCount++;
    this.#observe(cycle, false);
    this.#frameworkOf(cycle).unreserve(cycle.info, cycle.node);
    const isRejected = failure.reason === "Unschedulable";
    const isForgotten = forgetPod(cache, cycle.info);
    if (isForgotten && !isRejected) queue.moveAllToActiveOrBackoffQueue(POD_DELETE);
    failures.handle(cycle.pod, failure, { blocksLoop: false });
    if (isForgotten && isRejected)
      queue.moveAllToActiveOrBackoffQueue(POD_DELETE, (info) => info.record !== record);
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

/** Takes an assumed pod out of the cache. False: it is not assumed (any more). */
export function forgetPod(cache: SchedulerCache, info: PodInfo): boolean {
  const placed = cache.placedPod(info.record);
  if (placed?.isAssumed !== true || placed.info !== info) return false;
  cache.removePod(info.record);
  return true;
}
