/**
 * SchedulingQueue holds the pods that wait to be scheduled: activeQ (to be tried now), backoffQ
 * (waiting for their back-off to end) and unschedulablePods (waiting for an event that may help, or
 * gated). kubernetes/pkg/scheduler/internal/queue/scheduling_queue.go, v1.30.
 *
 * The real queue looks for ended back-offs each second and for pods that were unschedulable for too
 * long each 30 seconds: see FlushTimer. Hot: all pops and events come through here; the recorded
 * traces of queue-recordings.test.ts pin its behaviour.
 */
import type { KeyRecord, Pod } from "../../api/index.ts";
import type { Kernel, Micros } from "../../kernel/index.ts";
import type { AnyPlugin, PodInfo, Profile } from "../framework/interface.ts";
import { backoffUs } from "./backoff.ts";
import {
  type ClusterEvent,
  EventRegistrations,
  POD_ADD,
  POD_UPDATE,
  type QueuedChange,
  UNSCHEDULABLE_TIMEOUT,
} from "./cluster-event.ts";
import { FlushTimer } from "./flush-timer.ts";
import { heapFix, heapPop, heapPush, heapRemove } from "./heap.ts";
import { beginFlight, changesSince, endFlight, recordChange } from "./in-flight-events.ts";
import { hasMatchingAffinityTerm } from "./matching-affinity.ts";
import {
  addNominatedPod,
  deleteNominatedPod,
  NominatedPodsView,
  type Nomination,
  updateNominatedPod,
} from "./pod-nominator.ts";
import { isPodUpdated } from "./pod-updated.ts";
import { queueSortOrder } from "./queue-sort.ts";
import { createQueueState, type SchedulingQueueSettings } from "./queue-state.ts";
import { QueuedPodInfo, type QueuePlace } from "./queued-pod-info.ts";
import { addUnschedulable, removeUnschedulable } from "./unschedulable-pods.ts";

/** How often the real queue looks for ended back-offs (PriorityQueue.Run). */
const BACKOFF_TICK_US = 1_000_000;
/** How often it looks for pods that were unschedulable for too long. */
const LEFTOVER_TICK_US = 30_000_000;

/** Labels of what brings a pod into a queue besides cluster events (internal/queue/events.go). */
const INCOMING = {
  podAdd: "PodAdd",
  podUpdate: "PodUpdate",
  scheduleAttemptFailure: "ScheduleAttemptFailure",
  backoffComplete: "BackoffComplete",
} as const;

/** Says of a pod whether an event is worth trying it again (kube-scheduler's preCheck). */
export type PreCheck = (info: PodInfo) => boolean;

export class SchedulingQueue {
  state = createQueueState();
  readonly registrations: EventRegistrations;
  readonly nominator = new NominatedPodsView(this);
  readonly #kernel: Kernel;
  readonly #settings: SchedulingQueueSettings;
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
    this.#settings = settings;
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
    const isActive = this.#moveToActiveQ(pod, INCOMING.podAdd);
    if (isActive) addNominatedPod(this.state.nominatedPods, info, undefined);
  }

  /** The pod to try next, removed from the queue; undefined when none is active. */
  pop(): QueuedPodInfo | undefined {
    const { state } = this;
    const pod = heapPop(state.activeQ, this.#byQueueSort);
    if (pod === undefined) return undefined;
    this.#leave(pod);
    pod.attempts++;
    pod.rejectorPlugins = [];
    state.schedulingCycle++;
    if (this.#settings.queueingHints) beginFlight(state.inFlight, pod.info.pod.metadata.uid);
    return pod;
  }

  /** The pod needs no more to be told what happens: it will be bound, or is dropped (DonePod). */
  done(uid: string): void {
    endFlight(this.state.inFlight, uid);
  }

  /**
   * Puts a pod back whose attempt failed, its rejectorPlugins (sorted) set. It waits among the
   * unschedulable pods, or backs off when an interesting event came since its cycle began, or when
   * no plugin is to blame (an error). False: it is in the queue already, and nothing was done.
   */
  addUnschedulableIfNotPresent(pod: QueuedPodInfo, podSchedulingCycle: number): boolean {
    const { state } = this;
    const { uid } = pod.info.pod.metadata;
    if (state.pods.has(pod.info.record)) {
      this.done(uid);
      return false;
    }
    pod.timestampUs = this.#kernel.nowUs;
    const event = INCOMING.scheduleAttemptFailure;
    if (!this.#settings.queueingHints) {
      const hasMoved = state.moveRequestCycle >= podSchedulingCycle;
      if (hasMoved || pod.rejectorPlugins.length === 0) this.#addToBackoffQ(pod, event);
      else this.#addToUnschedulablePods(pod, event);
    } else if (this.#isWorthRequeuingAfterFlight(pod)) this.#requeue(pod, event);
    else this.#addToUnschedulablePods(pod, event);
    this.done(uid);
    return true;
  }

  /** A pod whose flight was not followed is tried again (determineSchedulingHintForInFlightPod). */
  #isWorthRequeuingAfterFlight({ info, rejectorPlugins }: QueuedPodInfo): boolean {
    if (rejectorPlugins.length === 0) return true;
    const changes = changesSince(this.state.inFlight, info.pod.metadata.uid);
    return changes?.some((change) => this.#isHinted(info, rejectorPlugins, change)) ?? true;
  }

  #isHinted(pod: PodInfo, rejectors: readonly string[], change: QueuedChange): boolean {
    return this.registrations.isHinted(pod, rejectors, change, this.#settings.cluster);
  }

  /** A pod has changed that is not bound. One that is in flight is queued a second time, as in the real queue. */
  update(old: Pod, info: PodInfo): void {
    const { state } = this;
    const pod = state.pods.get(info.record);
    if (pod === undefined) {
      const fresh = this.#makeQueuedPod(info);
      addNominatedPod(state.nominatedPods, info, undefined);
      this.#moveToActiveQ(fresh, INCOMING.podUpdate);
      return;
    }
    pod.info = info;
    updateNominatedPod(state.nominatedPods, old, info);
    if (pod.place === "activeQ") heapFix(state.activeQ, this.#byQueueSort, pod);
    else if (pod.place === "backoffQ") heapFix(state.backoffQ, this.#byBackoffEnd, pod);
    else if (isPodUpdated(old, info.pod)) {
      this.#take(pod);
      this.#requeue(pod, this.#isBackingOff(pod) ? INCOMING.podUpdate : INCOMING.backoffComplete);
    }
  }

  /** A pod is gone or bound. */
  delete(record: KeyRecord<Pod>): void {
    deleteNominatedPod(this.state.nominatedPods, record);
    const pod = this.state.pods.get(record);
    if (pod !== undefined) this.#take(pod);
  }

  /**
   * Something happened that may help unschedulable pods: those that it may help are tried again.
   * `objects`: what changed, for the plugins' hints.
   */
  moveAllToActiveOrBackoffQueue(
    event: ClusterEvent,
    preCheck?: PreCheck,
    objects: Omit<QueuedChange, "event"> = {},
  ): void {
    const { registrations, state } = this;
    if (!registrations.isOfInterest(event)) return;
    const { queueingHints } = this.#settings;
    const change: QueuedChange = { event, ...objects };
    if (state.unschedulablePods.groups.size > 0) this.#wakeThoseHelped(change, preCheck);
    state.moveRequestCycle = state.schedulingCycle;
    if (queueingHints) recordChange(state.inFlight, change);
  }

  #wakeThoseHelped(change: QueuedChange, preCheck: PreCheck | undefined): void {
    const { registrations, state } = this;
    const { queueingHints } = this.#settings;
    const { event } = change;
    for (const {
      schedulerName,
      rejectorPlugins,
      pods,
    } of state.unschedulablePods.groups.values()) {
      if (pods.size === 0) continue;
      if (!registrations.isWorthRequeuing(schedulerName, rejectorPlugins, event)) continue;
      for (const pod of pods.values()) {
        if (preCheck !== undefined && !preCheck(pod.info)) continue;
        if (queueingHints && !this.#isHinted(pod.info, rejectorPlugins, change)) continue;
        this.#take(pod);
        this.#requeue(pod, event.label ?? "");
      }
    }
  }

  /** A pod has been bound. Wakes pods whose required pod affinity it meets. O(unschedulable). */
  assignedPodAdded(bound: Pod): void {
    this.#moveThoseWithAffinityTo(bound, POD_ADD, { newObject: bound });
  }

  /** A bound pod has changed. */
  assignedPodUpdated(old: Pod | undefined, bound: Pod): void {
    this.#moveThoseWithAffinityTo(bound, POD_UPDATE, { oldObject: old, newObject: bound });
  }

  #moveThoseWithAffinityTo(
    bound: Pod,
    event: ClusterEvent,
    objects: Omit<QueuedChange, "event">,
  ): void {
    if (this.state.unschedulablePods.groups.size === 0)
      return this.moveAllToActiveOrBackoffQueue(event, undefined, objects); // nobody to look at
    const namespaceLabels = this.#settings.namespaceLabels(bound.metadata.namespace);
    const isMet: PreCheck = (info) => hasMatchingAffinityTerm(info, bound, namespaceLabels);
    this.moveAllToActiveOrBackoffQueue(event, isMet, objects);
  }

  /** Records what an attempt decided about the pod's nomination. */
  addNominatedPod(info: PodInfo, nomination: Nomination): void {
    addNominatedPod(this.state.nominatedPods, info, nomination);
  }

  deleteNominatedPodIfExists(record: KeyRecord<Pod>): void {
    deleteNominatedPod(this.state.nominatedPods, record);
  }

  /** Moves the pods whose back-off has ended to the active queue. The clock calls it. */
  flushBackoffQCompleted(): void {
    const { backoffQ } = this.state;
    const { nowUs } = this.#kernel;
    for (let pod = backoffQ[0]; pod !== undefined; pod = backoffQ[0]) {
      const endUs = this.backoffEndUs(pod);
      if (endUs > nowUs) {
        this.#backoffTimer.arm(endUs);
        return;
      }
      heapRemove(backoffQ, this.#byBackoffEnd, pod);
      this.#leave(pod);
      this.#moveToActiveQ(pod, INCOMING.backoffComplete);
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
        this.#requeue(pod, UNSCHEDULABLE_TIMEOUT.label ?? "");
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
    if (pod.place === "activeQ") heapRemove(state.activeQ, this.#byQueueSort, pod);
    else if (pod.place === "backoffQ") heapRemove(state.backoffQ, this.#byBackoffEnd, pod);
    else removeUnschedulable(state.unschedulablePods, pod);
    this.#leave(pod);
  }

  #leave(pod: QueuedPodInfo): void {
    this.#settings.onDequeued?.(pod);
    this.state.pods.delete(pod.info.record);
    pod.place = "inFlight";
  }

  #isBackingOff(pod: QueuedPodInfo): boolean {
    return !pod.gated && this.backoffEndUs(pod) > this.#kernel.nowUs;
  }

  /** A pod that may be schedulable now: to the active queue, unless its back-off has not ended. */
  #requeue(pod: QueuedPodInfo, event: string): void {
    if (this.#isBackingOff(pod)) this.#addToBackoffQ(pod, event);
    else this.#moveToActiveQ(pod, event);
  }

  /** False: a PreEnqueue plugin gates the pod; it waits among the unschedulable pods. */
  #moveToActiveQ(pod: QueuedPodInfo, event: string): boolean {
    const gate = this.#gateOf(pod.info);
    pod.gated = gate !== undefined;
    if (gate !== undefined) {
      if (!pod.rejectorPlugins.includes(gate))
        pod.rejectorPlugins = [...pod.rejectorPlugins, gate].sort();
      this.#addToUnschedulablePods(pod, event);
      return false;
    }
    this.#enter(pod, "activeQ", event);
    pod.activeUs = this.#kernel.nowUs;
    heapPush(this.state.activeQ, this.#byQueueSort, pod);
    this.#settings.onActive();
    return true;
  }

  #addToBackoffQ(pod: QueuedPodInfo, event: string): void {
    this.#enter(pod, "backoffQ", event);
    heapPush(this.state.backoffQ, this.#byBackoffEnd, pod);
    this.#backoffTimer.arm(this.backoffEndUs(pod));
  }

  #addToUnschedulablePods(pod: QueuedPodInfo, event: string): void {
    this.#enter(pod, "unschedulablePods", event);
    addUnschedulable(this.state.unschedulablePods, pod);
    if (!pod.gated) this.#armLeftoverTimer(pod.timestampUs);
  }

  #enter(pod: QueuedPodInfo, place: QueuePlace, event: string): void {
    pod.place = place;
    this.state.pods.set(pod.info.record, pod);
    this.#settings.onQueued?.(pod, event);
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
