/**
 * The scheduling framework's extension points, by Kubernetes' names
 * (kubernetes/pkg/scheduler/framework/interface.go, v1.30), and the claims by which a plugin says
 * what its verdict depends on, so that the framework knows what it need not recompute.
 */

import type { ApiObject, KeyRecord, Manifest, Pod } from "../../api/index.ts";
import type { Kernel, Micros } from "../../kernel/index.ts";
import type { Diagnosis } from "./evaluator.ts";
import type { NodeCounts } from "./node-counts.ts";
import type { ClusterInfo, FeasibleNodes, NodeInfo, NodeSpecInfo } from "./node-info.ts";
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

/**
 * A raw score that takes no part in the minimum and the maximum; `normalize` is asked about it, too.
 */
export const UNSCORED = Number.MIN_SAFE_INTEGER;

/** `skip`: the paired Filter or Score is not called for this pod. */
export const SKIP = "skip";

/**
 * What a plugin of locality `cluster` may add to its state: counts, such that its verdict on a node
 * depends on the state, the node's kind (labels but the hostname, taints, unschedulable) and the
 * count of each on that node, and on nothing else. Then it is asked once per distinct combination
 * and not once per node. Without `counts` it is asked about every node.
 */
export interface ByCounts {
  readonly counts?: readonly NodeCounts[];
}

export interface PreFilterResult<State> extends ByCounts {
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
  /** What the scheduler believes ahead of its informers: kube-scheduler's assume caches. */
  readonly assumed: AssumedObjects;
  /** Requests to the API server. A binding cycle whose request fails is undone with its message. */
  readonly requests: PluginRequests;
}

/**
 * Objects that stand in for the informers' own until `restore`, or until the informer has a newer
 * one (by resourceVersion). `ClusterInfo.objects` shows them.
 */
export interface AssumedObjects {
  assume(object: ApiObject): void;
  restore(kind: string, namespace: string, name: string): void;
  /** The assumed object, while it stands in; else undefined. */
  get(kind: string, namespace: string, name: string): ApiObject | undefined;
}

/** Which object a request is about. A KeyRecord is one. */
export interface ObjectKey {
  readonly kind: string;
  /** "" for what lives in no namespace. */
  readonly namespace: string;
  readonly name: string;
}

/**
 * Writes of a plugin, sent through the scheduler's client. Those of postFilter go when the cycle
 * ends, and the scheduling loop waits for the answers; requests about one object go one after the
 * other, and a victim that waits at Permit is rejected instead of deleted. The binding is sent when
 * those of preBind are answered; one that fails undoes the binding cycle. Nobody waits for others.
 */
export interface PluginRequests {
  /** A merge patch. `subresource`: "" or "status". */
  patch(target: ObjectKey, patch: Manifest, subresource: string): void;
  /** Deletes with the object's own grace period. */
  delete(record: KeyRecord): void;
  event(object: ApiObject, type: "Normal" | "Warning", reason: string, message: string): void;
}

/** Handed to postFilter: what is needed to find out whom to preempt. */
export interface PostFilterContext extends CycleContext {
  readonly diagnosis: Diagnosis;
  /** Pods that were promised a place on a node (PodNominator). */
  readonly nominator: PodNominator;
  /** A seeded draw of this attempt: a whole number below `count`. */
  draw(count: number): number;
  /** Undefined picks among equals by the draw, else the lowest name: SchedulerOptions.ties. */
  readonly isLowestName: boolean;
  /** Begins a what-if on one node. One at a time; `end` it before the next. */
  tryNode(slot: number): NodeTrial;
  /**
   * A place to keep what a dry run of that node gave, for all pods of this shape and priority. It is
   * handed out again while neither the node nor the nominations to it have changed, else it comes
   * empty. Undefined when a filter of cluster-wide scope has a say about this pod.
   */
  dryRunMemo(slot: number): { value: unknown } | undefined;
}

/** What the filters would say of one node if pods were taken off it. */
export interface NodeTrial {
  /** A copy: its pods and sums follow removePod and addPod. */
  readonly node: NodeInfo;
  /** A pod more on the node never turns a rejection into a pass: Plugin.isMonotone of all filters. */
  readonly isMonotone: boolean;
  removePod(pod: PodInfo): void;
  addPod(pod: PodInfo): void;
  /** The first rejection by all filters, nominated pods taken into account; undefined: it fits. */
  rejection(): Rejection | undefined;
  /** Undoes everything. */
  end(): void;
}

/** Pods that preemption has promised a place. */
export interface PodNominator {
  /** How many pods are nominated in all. */
  readonly count: number;
  /** Rises with every change of a nomination. */
  readonly version: number;
  /** Where the pod is nominated to, or "". */
  nodeOf(record: KeyRecord<Pod>): string;
  /** Names of the nodes to which pods are nominated, in no order that a result may depend on. */
  readonly nodeNames: Iterable<string>;
  podsOn(nodeName: string): readonly PodInfo[];
}

/**
 * Something went wrong that is not the pod's fault. The binding cycle is undone with the message
 * `running PreBind plugin "...": ...`, and the pod is tried again after its back-off.
 */
export interface PluginError {
  readonly error: string;
}

/** preBind is not done yet: it is asked again after this time. */
export interface RetryLater {
  readonly retryAfterUs: number;
}

/**
 * One scheduling plugin. `FilterState` and `ScoreState` are what preFilter and preScore prepare
 * from the pod; both are computed once per distinct value of the fields in `reads` for `spec` and
 * `node` plugins, and once per cycle otherwise. A plugin with `reads` is handed a view of the pod
 * that has these fields only, the same one for all pods that are equal in them.
 */
export interface Plugin<FilterState = undefined, ScoreState = undefined> {
  readonly name: string;
  readonly locality?: Locality;
  readonly reads?: readonly PodField[];
  /**
   * A claim that preemption makes use of: a node that the filter rejects is rejected with a pod more
   * on it as well. `spec` filters need not say so.
   */
  readonly isMonotone?: boolean;
  /** Cluster events that may make a pod schedulable that this plugin rejected: EventsToRegister. */
  readonly requeueOn?: readonly ClusterEventName[];
  /**
   * Queueing hint (KEP-4247): may this change make a pod schedulable that this plugin rejected?
   * Asked only with SchedulerOptions.queueingHints, about events of `requeueOn`. Without it: yes.
   */
  isSchedulableAfter?(pod: PodInfo, change: ClusterChange, cluster: ClusterInfo): boolean;

  preEnqueue?(pod: PodInfo): Verdict;
  /** QueueSort: negative, a first. The framework breaks ties by `seq`. */
  compare?(a: QueuedPod, b: QueuedPod): number;
  preFilter?(pod: PodInfo, cluster: ClusterInfo): typeof SKIP | PreFilterResult<FilterState>;
  /** `node` is a NodeSpecInfo at run time when the locality is `spec`. */
  filter?(pod: PodInfo, node: NodeInfo, state: FilterState): Verdict;
  /**
   * PreFilterExtensions of a `cluster` plugin: what its state becomes when `other` is put on the
   * node or taken off it, in a what-if. Each is the exact opposite of the other. `node` is as it was
   * before: its counts are the cluster's. Needed by plugins whose state counts pods.
   */
  addPod?(pod: PodInfo, other: PodInfo, node: NodeInfo, state: FilterState): void;
  removePod?(pod: PodInfo, other: PodInfo, node: NodeInfo, state: FilterState): void;
  /** `nominatedNode` "": none. `message` ends the pod's message, after "0/5 nodes are available: ...". */
  postFilter?(pod: PodInfo, context: PostFilterContext): PostFilterResult | undefined;
  /** The same without doing anything, all potential nodes weighed. */
  explainPostFilter?(pod: PodInfo, context: PostFilterContext): PreemptionDetail;
  preScore?(
    pod: PodInfo,
    cluster: ClusterInfo,
    feasible: FeasibleNodes,
  ): typeof SKIP | (ByCounts & { readonly state: ScoreState });
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
  /** `startedUs`: when it was asked first in this binding cycle; equal to the present the first time. */
  preBind?(
    pod: PodInfo,
    nodeName: string,
    context: CycleContext,
    startedUs: Micros,
  ): Verdict | RetryLater | PluginError;
  /** True: this plugin binds the pod through the API; the scheduler sends the binding request. */
  bind?(pod: PodInfo, nodeName: string, context: CycleContext): boolean;
  postBind?(pod: PodInfo, nodeName: string, context: CycleContext): void;
}

/** What postFilter did for the pod. */
export interface PostFilterResult {
  readonly nominatedNode: string;
  readonly message?: string;
  /** Keys of the pods that it preempted. */
  readonly victims?: readonly string[];
  /** Nodes on which it tried preemption out: each costs virtual time (schedulingPerNodeDryRunNs). */
  readonly dryRunNodes?: number;
  /** Leave the pod's nomination as it is (ModeNoop); otherwise `nominatedNode` replaces it. */
  readonly keepsNomination?: boolean;
}

/** Everything that preemption weighed, for one pod: what `stowage conformance` compares. */
export interface PreemptionDetail {
  readonly candidates: readonly {
    readonly nodeName: string;
    readonly victims: readonly PodInfo[];
    readonly numPDBViolations: number;
  }[];
  /** Why preemption does not work on a potential node, by node name. */
  readonly nodeStatuses: ReadonlyMap<string, Rejection>;
  /** Candidates that are equal under all criteria, sorted by name. */
  readonly bestNodes: readonly string[];
  readonly code: "Success" | RejectCode;
  readonly message: string;
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
  | "Node/UpdateAnnotation"
  | `${ObservedKind}/${"Add" | "Update" | "Delete"}`;

/** Other kinds whose changes are cluster events. */
export type ObservedKind =
  | "Service"
  | "PersistentVolume"
  | "PersistentVolumeClaim"
  | "StorageClass"
  | "CSINode"
  | "CSIDriver"
  | "CSIStorageCapacity";

export type * from "./node-counts.ts";
export type { NodeKind } from "./node-info.ts";
export type { ClusterInfo, FeasibleNodes, NodeInfo, NodeSpecInfo, PodField, PodInfo };

/** What an event was about: handed to queueing hints. */
export interface ClusterChange {
  /** `Pod`, `Node`, `PersistentVolume`, ... */
  readonly kind: string;
  /** As it was; undefined when it was added. */
  readonly oldObject?: ApiObject | undefined;
  /** As it is; undefined when it was deleted. */
  readonly newObject?: ApiObject | undefined;
}

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
  /**
   * Look at every node even where kube-scheduler need not: without any score plugin it takes the
   * first node that fits. For recordings, which tell of all nodes.
   */
  readonly looksAtAllNodes?: boolean;
}
