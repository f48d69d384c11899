/**
 * Cluster events that the default plugins register for (their EventsToRegister). Recorded from
 * kube-scheduler v1.30.6: `Add` and every kind of update of a Node, but not its deletion.
 */
import type { ClusterEventName } from "../sim/scheduler/index.ts";

/** Any of these may make a node acceptable for a pod that a node's own fields ruled out. */
export const NODE_ADDED_OR_UPDATED: readonly ClusterEventName[] = [
  "Node/Add",
  "Node/UpdateAllocatable",
  "Node/UpdateLabel",
  "Node/UpdateTaint",
  "Node/UpdateCondition",
  "Node/UpdateAnnotation",
];

/** The same, and room made by a pod that went away. */
export const NODE_CHANGED_OR_POD_DELETED: readonly ClusterEventName[] = [
  ...NODE_ADDED_OR_UPDATED,
  "Pod/Delete",
];

/** A node that is new, or whose labels or taints changed. */
export const NODE_ADDED_OR_RELABELLED: readonly ClusterEventName[] = [
  "Node/Add",
  "Node/UpdateLabel",
  "Node/UpdateTaint",
];
