/** What the scheduling queue is made with, and its whole mutable state. */
import type { KeyRecord, Pod } from "../../api/index.ts";
import type { Kernel } from "../../kernel/index.ts";
import type { ClusterInfo, Profile } from "../framework/interface.ts";
import { createInFlightEvents, type InFlightEvents } from "./in-flight-events.ts";
import { createNominatedPods, type NominatedPods } from "./pod-nominator.ts";
import type { QueuedPodInfo } from "./queued-pod-info.ts";
import { createUnschedulablePods, type UnschedulablePods } from "./unschedulable-pods.ts";

export interface SchedulingQueueSettings {
  readonly kernel: Kernel;
  readonly profiles: readonly Profile[];
  readonly podInitialBackoffSeconds: number;
  readonly podMaxBackoffSeconds: number;
  readonly podMaxInUnschedulablePodsSeconds: number;
  /** Plugins' hints decide whether an event wakes a pod: feature gate SchedulerQueueingHints. */
  readonly queueingHints: boolean;
  /** What hints may look at. */
  readonly cluster: ClusterInfo;
  /** Labels of a namespace; undefined: not known. */
  readonly namespaceLabels: (name: string) => Readonly<Record<string, string>> | undefined;
  /** Called when a pod has come into the active queue. */
  readonly onActive: () => void;
  /** Called when a pod has come into a queue, with kube-scheduler's label of the event. */
  readonly onQueued?: (pod: QueuedPodInfo, event: string) => void;
  /** Called when a pod is about to leave the queue of its `place`: popped, moved, or gone. */
  readonly onDequeued?: (pod: QueuedPodInfo) => void;
}

/** Plain data. */
export interface QueueState {
  nextSeq: number;
  /** Each pod of the three queues, by its key. Pods in flight are not here. */
  pods: Map<KeyRecord<Pod>, QueuedPodInfo>;
  /** Heap by QueueSort. */
  activeQ: QueuedPodInfo[];
  /** Heap by the end of the back-off. */
  backoffQ: QueuedPodInfo[];
  unschedulablePods: UnschedulablePods;
  nominatedPods: NominatedPods;
  /** Used with queueing hints only. */
  inFlight: InFlightEvents;
  /** Number of pods popped so far. */
  schedulingCycle: number;
  /** The cycle in which the last event that interests a plugin arrived; -1 before the first. */
  moveRequestCycle: number;
}

export function createQueueState(): QueueState {
  return {
    nextSeq: 0,
    pods: new Map(),
    activeQ: [],
    backoffQ: [],
    unschedulablePods: createUnschedulablePods(),
    nominatedPods: createNominatedPods(),
    inFlight: createInFlightEvents(),
    schedulingCycle: 0,
    moveRequestCycle: -1,
  };
}
