/**
 * The scheduling framework's extension points, by Kubernetes' names
 * (kubernetes/pkg/scheduler/framework/interface.go, v1.30), and the claims by which a plugin says
 * what its verdict depends on, so that the framework knows what it need not recompute.
 */
import type { Kernel } from "../../kernel/index.ts";
import type { ClusterInfo, NodeInfo, NodeSpecInfo } from "./node-info.ts";
import type { PodField } from "./pod-fields.ts";
import type { PodInfo } from "./pod-info.ts";

/**
 * What a rejected pod may hope for. Unschedulable: preempting pods may help.
 * UnschedulableAndUnresolvable: nothing on the node can change the verdict.
 */
export type RejectCode = "Unschedulable" | "UnschedulableAndUnresolvable";

/** A rejection. Make constants of them: a filter runs once per node. */
export interface Rejection {
  readonly code: RejectCode;
  readonly reasons: readonly string[];
}

/** `undefined`: passes. A string is an Unschedulable rejection with that reason. */
export type Verdict = undefined | string | Rejection;

/**
 * Where a verdict looks.
 *   spec     fixed fields of the pod and of the node (labels, taints, allocatable)
 *   node     also what runs on that node
 *   cluster  also what runs elsewhere
 *   none     anything else (random, outside state): never cached
 * The safe default is `none`: the full pass.
 */
export type Locality = "spec" | "node" | "cluster" | "none";

/** How raw scores become 0..100 over the feasible nodes of one cycle. */
export type Normalize =
  | "none"
  /** 100 * raw / max in integers; all 0 when max is 0 (helper.DefaultNormalizeScore). */
  | "max"
  /** 100 - 100 * raw / max; all 100 when max is 0. */
  | "maxReversed"
  /** trunc(100 * (raw - min) / (max - min)); all 0 when equal. */
  | "minMax"
  | ((raw: number, min: number, max: number) => number)
  /** Sees every raw value, in node order, and changes them in place: forces the full pass. */
  | { readonly all: (raws: number[]) => void };

/** `skip`: the paired Filter or Score is not called for this pod. */
export const SKIP = "skip";

export interface PreFilterResult<State> {
  readonly state: State;
  /** Only these nodes can be feasible (by name); undefined: all. */
  readonly nodeNames?: readonly string[];
  /** Rejects the pod on all nodes at once. */
  readonly reject?: Rejection;
}

/** What the queue orders. */
export interface QueuedPod {
  readonly info: PodInfo;
  /** Time of the last addition to the active queue, virtual microseconds. */
  readonly timestampUs: number;
  /** Tie-break: a unique running number. */
  readonly seq: number;
}

/** Handed to reserve .. postBind. */
export interface CycleContext {
  readonly kernel: Kernel;
  readonly cluster: ClusterInfo;
}

/**
 * One scheduling plugin. `FilterState` and `ScoreState` are what preFilter and preScore prepare
 * from the pod; both are computed once per distinct value of the fields in `reads` for `spec` and
 * `node` plugins, and once per cycle otherwise.
 */
export interface Plugin<FilterState = undefined, ScoreState = undefined> {
  readonly name: string;
  readonly locality?: Locality;
  readonly reads?: readonly PodField[];
  /** Cluster events that may make a pod schedulable that this plugin rejected: EventsToRegister. */
  readonly requeueOn?: readonly ClusterEventName[];

  preEnqueue?(pod: PodInfo): Verdict;
  /** QueueSort: negative, a first. The framework breaks ties by `seq`. */
  compare?(a: QueuedPod, b: QueuedPod): number;
  preFilter?(pod: PodInfo, cluster: ClusterInfo): typeof SKIP | PreFilterResult<FilterState>;
  /** `node` is a NodeSpecInfo at run time when the locality is `spec`. */
  filter?(pod: PodInfo, node: NodeInfo, state: FilterState): Verdict;
  /** `nominatedNode` "": none. `message` ends the pod's message, after "0/5 nodes are available: ...". */
  postFilter?(
    pod: PodInfo,
    context: CycleContext,
  ): { readonly nominatedNode: string; readonly message?: string } | undefined;
  preScore?(pod: PodInfo, cluster: ClusterInfo): typeof SKIP | { readonly state: ScoreState };
  score?(pod: PodInfo, node: NodeInfo, state: ScoreState): number;
  readonly normalize?: Normalize;
  reserve?(pod: PodInfo, nodeName: string, context: CycleContext): Verdict;
  unreserve?(pod: PodInfo, nodeName: string, context: CycleContext): void;
  /** Microseconds to wait before binding; a Verdict rejects. */
  permit?(
    pod: PodInfo,
    nodeName: string,
    context: CycleContext,
  ): Verdict | { readonly waitUs: number };
  preBind?(pod: PodInfo, nodeName: string, context: CycleContext): Verdict;
  /** True: this plugin binds the pod through the API; the scheduler sends the binding request. */
  bind?(pod: PodInfo, nodeName: string, context: CycleContext): boolean;
  postBind?(pod: PodInfo, nodeName: string, context: CycleContext): void;
}

/** `Resource/Action`, as kube-scheduler's ClusterEvent. */
export type ClusterEventName =
  | "Pod/Add"
  | "Pod/Update"
  | "Pod/Delete"
  | "Node/Add"
  | "Node/Delete"
  | "Node/UpdateAllocatable"
  | "Node/UpdateLabel"
  | "Node/UpdateTaint"
  | "Node/UpdateCondition"
  | "Node/UpdateAnnotation";

export type { ClusterInfo, NodeInfo, NodeSpecInfo, PodField, PodInfo };

/** Any plugin, its state types forgotten: what a profile holds. */
// biome-ignore lint/suspicious/noExplicitAny: plugins of different state types share one list
export type AnyPlugin = Plugin<any, any>;

/** A plugin switched on in a profile, with its score weight (0: does not score). */
export interface ProfilePlugin {
  readonly plugin: AnyPlugin;
  readonly weight: number;
}

/** A scheduling profile: what kube-scheduler makes of one entry of KubeSchedulerConfiguration.profiles. */
export interface Profile {
  /** schedulerName of the pods it serves. */
  readonly schedulerName: string;
  /** Order is the order of calls. Each plugin is used at every extension point it implements. */
  readonly plugins: readonly ProfilePlugin[];
  /** 0: adaptive, as kube-scheduler's default; 1..100 otherwise. */
  readonly percentageOfNodesToScore: number;
}
