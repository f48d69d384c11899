/**
 * What preemption does once it has chosen: the victims go, and pods of lower priority that were
 * promised a place on the node lose the promise, so that they look for another one at once.
 *
 * Source: prepareCandidate and getLowerPriorityNominatedPods of
 * kubernetes/pkg/scheduler/framework/preemption/preemption.go, v1.30.
 */
import { findCondition, type Pod, type PodCondition, timestamp } from "../../sim/api/index.ts";
import type { Micros } from "../../sim/kernel/index.ts";
import type { NodeInfo, PodInfo, PostFilterContext } from "../../sim/scheduler/index.ts";

/**
 * Asks for what makes room for `pod` on the node. A victim that waits at Permit is rejected by whoever
 * sends the requests, and not deleted.
 */
export function evictVictims(
  pod: PodInfo,
  node: NodeInfo,
  victims: readonly PodInfo[],
  context: PostFilterContext,
): void {
  const { requests, kernel, nominator } = context;
  const note = `Preempted by pod ${pod.pod.metadata.uid} on node ${node.name}`;
  for (const { record } of victims) {
    // The dry run may be older than the pod's newest status.
    const victim = node.pods.find((info) => info.record === record)?.pod;
    if (victim === undefined) throw new Error(`victim ${record.key} is not on node ${node.name}`);
    const condition = disruptionTarget(victim, pod.pod.spec.schedulerName ?? "", kernel.nowUs);
    if (condition !== undefined) {
      requests.patch(record, { status: { conditions: [condition] } }, "status");
    }
    requests.delete(record);
    requests.event(victim, "Normal", "Preempted", note);
  }
  for (const other of nominator.podsOn(node.name)) {
    const isPromised = (other.pod.status.nominatedNodeName ?? "") !== "";
    if (other.priority >= pod.priority || !isPromised) continue;
    requests.patch(other.record, { status: { nominatedNodeName: "" } }, "status");
  }
}

/** The condition that says why the pod ends; undefined when the pod has it already. */
function disruptionTarget(
  victim: Pod,
  schedulerName: string,
  nowUs: Micros,
): PodCondition | undefined {
  const reason = "PreemptionByScheduler";
  const message = `${schedulerName}: preempting to accommodate a higher priority pod`;
  const old = findCondition(victim.status.conditions, "DisruptionTarget");
  const isStill = old?.status === "True";
  if (isStill && old.reason === reason && old.message === message) return undefined;
  const since = isStill ? old.lastTransitionTime : undefined;
  return {
    type: "DisruptionTarget",
    status: "True",
    reason,
    message,
    lastTransitionTime: since ?? timestamp(nowUs),
  };
}
