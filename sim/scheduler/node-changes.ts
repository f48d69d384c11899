/**
 * Which cluster events the update of a node amounts to
 * (kubernetes/pkg/scheduler/eventhandlers.go, nodeSchedulingPropertiesChange, v1.30).
 */
import { type Node, semanticallyEqual } from "../api/index.ts";
import { ActionType, type ClusterEvent, clusterEvent } from "./queue/cluster-event.ts";

const ALLOCATABLE = clusterEvent("Node", ActionType.UpdateNodeAllocatable);
const LABEL = clusterEvent("Node", ActionType.UpdateNodeLabel);
const TAINT = clusterEvent("Node", ActionType.UpdateNodeTaint);
/** A change of spec.unschedulable counts as one of the taints. */
const UNSCHEDULABLE: ClusterEvent = { ...TAINT, label: "NodeSpecUnschedulableChange" };
const CONDITION = clusterEvent("Node", ActionType.UpdateNodeCondition);
const ANNOTATION = clusterEvent("Node", ActionType.UpdateNodeAnnotation);

/**
 * The events, in kube-scheduler's order; none when nothing changed that matters. A node that is
 * made unschedulable, or whose heartbeat alone moved on, is no reason to try pods again.
 */
export function nodeSchedulingPropertiesChange(node: Node, old: Node): ClusterEvent[] {
  const events: ClusterEvent[] = [];
  const wasUnschedulable = old.spec.unschedulable ?? false;
  if (wasUnschedulable && !(node.spec.unschedulable ?? false)) events.push(UNSCHEDULABLE);
  if (!semanticallyEqual(old.status.allocatable, node.status.allocatable)) events.push(ALLOCATABLE);
  if (!semanticallyEqual(old.metadata.labels, node.metadata.labels)) events.push(LABEL);
  if (!semanticallyEqual(old.spec.taints, node.spec.taints)) events.push(TAINT);
  if (!semanticallyEqual(conditionStatuses(old), conditionStatuses(node))) events.push(CONDITION);
  if (!semanticallyEqual(old.metadata.annotations, node.metadata.annotations))
    events.push(ANNOTATION);
  return events;
}

/** Status by condition type: reason, message and times do not count. */
function conditionStatuses(node: Node): Record<string, string> {
  const statuses: Record<string, string> = {};
  for (const { type, status } of node.status.conditions ?? []) statuses[type] = status;
  return statuses;
}
