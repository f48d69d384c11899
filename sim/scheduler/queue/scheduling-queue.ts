/**
 * SchedulingQueue holds the pods that wait to be scheduled: activeQ (to be tried now), backoffQ
 * (waiting for their back-off to end) and unschedulablePods (waiting for an event that may help, or
 * gated). kubernetes/pkg/scheduler/internal/queue/scheduling_queue.go, v1.30, queueing hints off.
 *
 * The real queue looks for ended back-offs each second and for pods that were unschedulable for too
 * long each 30 seconds: see FlushTimer. Hot: all pops and events come through here; the recorded
 * traces of queue-recordings.test.ts pin its behaviour.
 */
import type { KeyRecord, Pod } from "../../api/index.ts";
import type { Kernel, Micros } from "../../kernel/index.ts";
import type { AnyPlugin, PodInfo, Profile } from "../framework/interface.ts";
import { backoffUs } from "./backoff.ts";
import { type ClusterEvent, EventRegistrations, POD_ADD, POD_UPDATE } from "./cluster-event.ts";
import { FlushTimer } from "./flush-timer.ts";
import { heapFix, heapPop, heapPush, heapRemove } from "./heap.ts";
import { hasMatchingAffinityTerm } from "./matching-affinity.ts";
import {
  addNominatedPod,
  createNominatedPods,
  deleteNominatedPod,
  type NominatedPods,
  type Nomination,
  updateNominatedPod,
} from "./pod-nominator.ts";
import { isPodUpdated } from "./pod-updated.ts";
import { queueSortOrder } from "./queue-sort.ts";
import { QueuedPodInfo } from "./queued-pod-info.ts";
import {
  addUnschedulable,
  createUnschedulablePods,
  removeUnschedulable,
  type UnschedulablePods,
} from "./unschedulable-pods.ts";

/** How often the real queue looks for ended back-offs (PriorityQueue.Run). */
const BACKOFF_TICK_US = 1_000_000;
/** How often it looks for pods that were unschedulable for too long. */
const LEFTOVER_TICK_US = 30_000_000;

export interface SchedulingQueueSettings {
  readonly kernel: Kernel;
  readonly profiles: readonly Profile[];
  readonly podInitialBackoffSeconds: number;
  readonly podMaxBackoffSeconds: number;
  readonly podMaxInUnschedulablePodsSeconds: number;
  /** Called when a pod has come into the active queue. */
  readonly onActive: () => void;
}

/** Says of a pod whether an event is worth trying it again (kube-scheduler's preCheck). */
export type PreCheck = (info: PodInfo) => boolean;

interface QueueState {
  nextSeq: number;
  /** Each pod of the three queues, by its key. Pods in flight are not here. */
  pods: Map<KeyRecord<Pod>, QueuedPodInfo>;
  /** Heap by QueueSort. */
  activeQ: QueuedPodInfo[];
  /** Heap by the end of the back-off. */
  backoffQ: QueuedPodInfo[];
  unschedulablePods: UnschedulablePods;
  nominatedPods: NominatedPods;
  /** Number of pods popped so far. */
  schedulingCycle: number;
  /** The cycle in which the last event that interests a plugin arrived; -1 before the first. */
  moveRequestCycle: number;
}

export class SchedulingQueue {
  state: QueueState = emptyState();
  readonly registrations: EventRegistrations;
  readonly #kernel: Kernel;
  readonly #onActive: () => void;
  readonly #preEnqueue: ReadonlyMap<string, readonly AnyPlugin[]>;
  readonly #initialBackoffUs: number;
  readonly #maxBackoffUs: number;
  readonly #maxUnschedulableUs: number;
  readonly #byQueueSort: (a: QueuedPodInfo, b: QueuedPodInfo) => number;
  readonly #byBackoffEnd: (a: QueuedPodInfo, b: QueuedPodInfo) => number;
  readonly #backoffTimer: FlushTimer;
  readonly #leftoverTimer: FlushTimer;

  constructor(settings: SchedulingQueueSettings) {
    const { kernel, profiles } = settings;
    this.#kernel = kernel;
    this.#onActive = settings.onActive;
    this.registrations = new EventRegistrations(profiles);
    this.#preEnqueue = preEnqueuePlugins(profiles);
    this.#initialBackoffUs = Math.round(settings.podInitialBackoffSeconds * 1e6);
    this.#maxBackoffUs = Math.round(settings.podMaxBackoffSeconds * 1e6);
    this.#maxUnschedulableUs = Math.round(settings.podMaxInUnschedulablePodsSeconds * 1e6);
    this.#byQueueSort = queueSortOrder(profiles);
    this.#byBackoffEnd = (a, b) => this.backoffEndUs(a) - this.backoffEndUs(b) || a.seq - b.seq;
    this.#backoffTimer = new FlushTimer({
      kernel,
      name: "flushBackoffQCompleted",
      periodUs: BACKOFF_TICK_US,
      isBackground: false,
      flush: () => this.flushBackoffQCompleted(),
    });
    this.#leftoverTimer = new FlushTimer({
      kernel,
      name: "flushUnschedulablePodsLeftover",
      periodUs: LEFTOVER_TICK_US,
      isBackground: true,
      flush: () => this.flushUnschedulablePodsLeftover(),
    });
    kernel.keep("scheduler/queue", this);
  }

  /** The number of the scheduling cycle that the last pop began. */
  get schedulingCycle(): number {
    return this.state.schedulingCycle;
  }

  /** Pods in the active queue, now. */
  get activeCount(): number {
    return this.state.activeQ.length;
  }

  get backoffCount(): number {
    return this.state.backoffQ.length;
  }

  /** Pods that were rejected and those that are gated. */
  get unschedulableCount(): number {
    return this.state.pods.size - this.activeCount - this.backoffCount;
  }

  /** Adds a new pod. */
  add(info: PodInfo): void {
    const present = this.state.pods.get(info.record);
    if (present !== undefined) this.#take(present);
    const pod = this.#makeQueuedPod(info);
    if (this.#moveToActiveQ(pod)) addNominatedPod(this.state.nominatedPods, info, undefined);
  }

  /** The pod to try next, removed from the queue; undefined when none is active. */
  pop(): QueuedPodInfo | undefined {
    const { state } = this;
    const pod = heapPop(state.activeQ, this.#byQueueSort);
    if (pod === undefined) return undefined;
    state.pods.delete(pod.info.record);
    pod.place = "inFlight";
    pod.attempts++;
    pod.rejectorPlugins = [];
    state.schedulingCycle++;
    return pod;
  }

  /**
   * Puts a pod back whose attempt failed, its rejectorPlugins (sorted) set. It waits among the
   * unschedulable pods, or backs off when an interesting event came since its cycle began, or when
   * no plugin is to blame (an error). False: it is in the queue already, and nothing was done.
   */
  addUnschedulableIfNotPresent(pod: QueuedPodInfo, podSchedulingCycle: number): boolean {
    const { state } = this;
    if (state.pods.has(pod.info.record)) return false;
    pod.timestampUs = this.#kernel.nowUs;
    if (state.moveRequestCycle >= podSchedulingCycle || pod.rejectorPlugins.length === 0) {
      this.#addToBackoffQ(pod);
    } else this.#addToUnschedulablePods(pod);
    return true;
  }

  /** A pod has changed that is not bound. One that is in flight is queued a second time, as in the real queue. */
  update(old: Pod, info: PodInfo): void {
    const { state } = this;
    const pod = state.pods.get(info.record);
    if (pod === undefined) {
      const fresh = this.#makeQueuedPod(info);
      addNominatedPod(state.nominatedPods, info, undefined);
      this.#moveToActiveQ(fresh);
      return;
    }
    pod.info = info;
    updateNominatedPod(state.nominatedPods, old, info);
    if (pod.place === "activeQ") heapFix(state.activeQ, this.#byQueueSort, pod);
    else if (pod.place === "backoffQ") heapFix(state.backoffQ, this.#byBackoffEnd, pod);
    else if (isPodUpdated(old, info.pod)) {
      this.#take(pod);
      this.#requeue(pod);
    }
  }

  /** A pod is gone or bound. */
  delete(record: KeyRecord<Pod>): void {
    deleteNominatedPod(this.state.nominatedPods, record);
    const pod = this.state.pods.get(record);
    if (pod !== undefined) this.#take(pod);
  }

  /** Something happened that may help unschedulable pods: those that it may help are tried again. */
  moveAllToActiveOrBackoffQueue(event: ClusterEvent, preCheck?: PreCheck): void {
    if (!this.registrations.isOfInterest(event)) return;
    for (const group of this.state.unschedulablePods.groups.values()) {
      const { schedulerName, rejectorPlugins, pods } = group;
      if (pods.size === 0) continue;
      if (!this.registrations.isWorthRequeuing(schedulerName, rejectorPlugins, event)) continue;
      for (const pod of pods.values()) {
        if (preCheck !== undefined && !preCheck(pod.info)) continue;
        this.#take(pod);
        this.#requeue(pod);
      }
    }
    this.state.moveRequestCycle = this.state.schedulingCycle;
  }

  /** A pod has been bound. Wakes pods whose required pod affinity it meets. O(unschedulable). */
  assignedPodAdded(bound: Pod): void {
    this.moveAllToActiveOrBackoffQueue(POD_ADD, (info) => hasMatchingAffinityTerm(info.pod, bound));
  }

  /** A bound pod has changed. */
  assignedPodUpdated(bound: Pod): void {
    this.moveAllToActiveOrBackoffQueue(POD_UPDATE, (info) =>
      hasMatchingAffinityTerm(info.pod, bound),
    );
  }

  /** Records what an attempt decided about the pod's nomination. */
  addNominatedPod(info: PodInfo, nomination: Nomination): void {
    addNominatedPod(this.state.nominatedPods, info, nomination);
  }

  deleteNominatedPodIfExists(record: KeyRecord<Pod>): void {
    deleteNominatedPod(this.state.nominatedPods, record);
  }

  nominatedPodsForNode(nodeName: string): readonly PodInfo[] {
    return this.state.nominatedPods.byNode.get(nodeName) ?? [];
  }

  /** Moves the pods whose back-off has ended to the active queue. The clock calls it. */
  flushBackoffQCompleted(): void {
    const { backoffQ, pods } = this.state;
    const { nowUs } = this.#kernel;
    for (let pod = backoffQ[0]; pod !== undefined; pod = backoffQ[0]) {
      const endUs = this.backoffEndUs(pod);
      if (endUs > nowUs) {
        this.#backoffTimer.arm(endUs);
        return;
      }
      heapRemove(backoffQ, this.#byBackoffEnd, pod);
      pods.delete(pod.info.record);
      this.#moveToActiveQ(pod);
    }
  }

  /** Tries pods again that were unschedulable for too long. O(unschedulable). The clock calls it. */
  flushUnschedulablePodsLeftover(): void {
    const dueUs = this.#kernel.nowUs - this.#maxUnschedulableUs;
    let moved = false;
    let oldestUs = Number.POSITIVE_INFINITY;
    for (const group of this.state.unschedulablePods.groups.values()) {
      for (const pod of group.pods.values()) {
        if (pod.timestampUs >= dueUs) {
          oldestUs = Math.min(oldestUs, pod.timestampUs);
          continue;
        }
        this.#take(pod);
        this.#requeue(pod);
        moved = true;
      }
    }
    if (moved) this.state.moveRequestCycle = this.state.schedulingCycle;
    if (oldestUs !== Number.POSITIVE_INFINITY) this.#armLeftoverTimer(oldestUs);
  }

  /** When the pod's back-off ends (getBackoffTime). */
  backoffEndUs(pod: QueuedPodInfo): Micros {
    return pod.timestampUs + backoffUs(pod.attempts, this.#initialBackoffUs, this.#maxBackoffUs);
  }

  #makeQueuedPod(info: PodInfo): QueuedPodInfo {
    return new QueuedPodInfo(info, this.state.nextSeq++, this.#kernel.nowUs);
  }

  /** Takes a pod out of whichever queue holds it. */
  #take(pod: QueuedPodInfo): void {
    const { state } = this;
    state.pods.delete(pod.info.record);
    if (pod.place === "activeQ") heapRemove(state.activeQ, this.#byQueueSort, pod);
    else if (pod.place === "backoffQ") heapRemove(state.backoffQ, this.#byBackoffEnd, pod);
    else removeUnschedulable(state.unschedulablePods, pod);
    pod.place = "inFlight";
  }

  /** A pod that may be schedulable now: to the active queue, unless its back-off has not ended. */
  #requeue(pod: QueuedPodInfo): void {
    const backsOff = !pod.gated && this.backoffEndUs(pod) > this.#kernel.nowUs;
    if (backsOff) this.#addToBackoffQ(pod);
    else this.#moveToActiveQ(pod);
  }

  /** False: a PreEnqueue plugin gates the pod; it waits among the unschedulable pods. */
  #moveToActiveQ(pod: QueuedPodInfo): boolean {
    const gate = this.#gateOf(pod.info);
    pod.gated = gate !== undefined;
    if (gate !== undefined) {
      if (!pod.rejectorPlugins.includes(gate))
        pod.rejectorPlugins = [...pod.rejectorPlugins, gate].sort();
      this.#addToUnschedulablePods(pod);
      return false;
    }
    pod.place = "activeQ";
    pod.activeUs = this.#kernel.nowUs;
    this.state.pods.set(pod.info.record, pod);
    heapPush(this.state.activeQ, this.#byQueueSort, pod);
    this.#onActive();
    return true;
  }

  #addToBackoffQ(pod: QueuedPodInfo): void {
    pod.place = "backoffQ";
    this.state.pods.set(pod.info.record, pod);
    heapPush(this.state.backoffQ, this.#byBackoffEnd, pod);
    this.#backoffTimer.arm(this.backoffEndUs(pod));
  }

  #addToUnschedulablePods(pod: QueuedPodInfo): void {
    this.state.pods.set(pod.info.record, pod);
    addUnschedulable(this.state.unschedulablePods, pod);
    if (!pod.gated) this.#armLeftoverTimer(pod.timestampUs);
  }

  /** Name of the first PreEnqueue plugin that holds the pod back. */
  #gateOf(info: PodInfo): string | undefined {
    const plugins = this.#preEnqueue.get(info.pod.spec.schedulerName ?? "default-scheduler");
    return plugins?.find((plugin) => plugin.preEnqueue?.(info) !== undefined)?.name;
  }

  /** For a pod that became unschedulable at `sinceUs`: a leftover is older than the limit. */
  #armLeftoverTimer(sinceUs: Micros): void {
    this.#leftoverTimer.arm(sinceUs + this.#maxUnschedulableUs + 1);
  }
}

function emptyState(): QueueState {
  return {
    nextSeq: 0,
    pods: new Map(),
    activeQ: [],
    backoffQ: [],
    unschedulablePods: createUnschedulablePods(),
    nominatedPods: createNominatedPods(),
    schedulingCycle: 0,
    moveRequestCycle: -1,
  };
}

function preEnqueuePlugins(
  profiles: readonly Profile[],
): ReadonlyMap<string, readonly AnyPlugin[]> {
  const byProfile = new Map<string, readonly AnyPlugin[]>();
  for (const { schedulerName, plugins } of profiles) {
    const gates = plugins.map(({ plugin }) => plugin).filter((plugin) => plugin.preEnqueue);
    byProfile.set(schedulerName, gates);
  }
  return byProfile;
}
