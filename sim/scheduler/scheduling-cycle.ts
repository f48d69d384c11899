/**
 * What the scheduler must remember between the events of one pod's attempt. Plain data: part of
 * its state.
 */
import type { Micros } from "../kernel/index.ts";
import type { PodInfo } from "./framework/index.ts";
import type { QueuedPodInfo } from "./queue/queued-pod-info.ts";

/** A scheduling cycle under way: decided at its start, in effect when its time has passed. */
export interface SchedulingCycle {
  readonly pod: QueuedPodInfo;
  /** The queue's number of this cycle. */
  readonly number: number;
  /** schedulerName of the profile. */
  readonly profile: string;
  readonly startUs: Micros;
  readonly decision: Decision;
}

/** What the plugins say about a pod. */
export interface Decision {
  /** Chosen node, or "". */
  readonly node: string;
  readonly evaluatedNodes: number;
  readonly feasibleNodes: number;
  readonly bestTotal: number;
  readonly bestCount: number;
  /** Why no node was chosen; undefined when one was. */
  readonly failure: AttemptFailure | undefined;
}

/** Why an attempt failed, and what follows from it. */
export interface AttemptFailure {
  readonly reason: "Unschedulable" | "SchedulerError";
  /** As it stands in the pod's condition. */
  readonly message: string;
  /** Names of the plugins that rejected the pod; empty: it backs off and is tried again. */
  readonly rejectorPlugins: readonly string[];
  /** Node nominated by preemption; "" clears the nomination, undefined leaves it. */
  readonly nomination: string | undefined;
}

/** A binding cycle under way: the pod is assumed to be on the node. */
export interface BindingCycle {
  readonly pod: QueuedPodInfo;
  /** As it was assumed; `pod.info` may be newer. */
  readonly info: PodInfo;
  readonly node: string;
  readonly profile: string;
  readonly assumedUs: Micros;
  /** Name of the plugin that binds; "" before. */
  binder: string;
  /** Permit makes it wait: nothing was sent yet. */
  isWaiting: boolean;
}
