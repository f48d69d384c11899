/**
 * The condition PodScheduled that a failed attempt leaves on the pod
 * (kubernetes/pkg/scheduler/schedule_one.go, updatePod, and pkg/api/v1/pod, UpdatePodCondition,
 * v1.30).
 */
import { type Manifest, type Pod, type PodCondition, timestamp } from "../api/index.ts";
import type { Micros } from "../kernel/index.ts";

export interface FailureCondition {
  /** Unschedulable: the plugins rejected it. SchedulerError: something went wrong. */
  readonly reason: "Unschedulable" | "SchedulerError";
  readonly message: string;
  /** Node that preemption nominated; undefined leaves the pod's nomination as it is. */
  readonly nominatedNodeName: string | undefined;
}

/** The status patch to send, or undefined when the pod says all this already. */
export function failureStatusPatch(
  pod: Pod,
  failure: FailureCondition,
  nowUs: Micros,
): Manifest | undefined {
  const { reason, message, nominatedNodeName } = failure;
  const old = pod.status.conditions?.find(({ type }) => type === "PodScheduled");
  const isSame = old?.status === "False" && old.reason === reason && old.message === message;
  const isNominated =
    nominatedNodeName === undefined || nominatedNodeName === (pod.status.nominatedNodeName ?? "");
  if (isSame && isNominated) return undefined;
  const isStill = old?.status === "False" && old.lastTransitionTime !== undefined;
  const condition: PodCondition = {
    type: "PodScheduled",
    status: "False",
    reason,
    message,
    lastProbeTime: null as unknown as string,
    lastTransitionTime: isStill ? (old.lastTransitionTime as string) : timestamp(nowUs),
  };
  const status = isNominated ? {} : { nominatedNodeName };
  return { status: { ...status, ...(isSame ? {} : { conditions: [condition] }) } };
}
