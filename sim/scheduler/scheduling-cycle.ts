/**
 * What the scheduler must remember between the events of one pod's attempt. Plain data: part of
 * its state.
 */
import type { Micros, SimEvent } from "../kernel/index.ts";
import type { PodInfo, PreBindProgress } from "./framework/index.ts";
import type { PluginRequest } from "./plugin-requests.ts";
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
  /** What PostFilter did; undefined: none ran. */
  readonly postFilter: PostFilterDecision | undefined;
}

/** What PostFilter wants done when the cycle ends. */
export interface PostFilterDecision {
  readonly requests: readonly PluginRequest[];
  /** Nodes on which preemption was tried out. */
  readonly dryRunNodes: number;
  /** Keys of the pods to be preempted. */
  readonly victims: readonly string[];
  /** The pod's message without what PostFilter says. */
  readonly fitError: string;
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
  /** Fires when Permit's or PreBind's wait is over. */
  timer: SimEvent | undefined;
  /** How far PreBind has come; undefined: not begun. */
  preBind: PreBindProgress | undefined;
  /** PreBind is to be asked again, or Bind to follow, when the outstanding requests are answered. */
  isDue: boolean;
  isPreBound: boolean;
  /** Requests of PreBind plugins without an answer yet. */
  pendingRequests: number;
}

/** A binding cycle before its first step. */
export function createBindingCycle(
  facts: Pick<BindingCycle, "pod" | "info" | "node" | "profile" | "assumedUs">,
): BindingCycle {
  return {
    pod: facts.pod,
    info: facts.info,
    node: facts.node,
    profile: facts.profile,
    assumedUs: facts.assumedUs,
    binder: "",
    isWaiting: true,
    timer: undefined,
    preBind: undefined,
    isDue: false,
    isPreBound: false,
    pendingRequests: 0,
  };
}
