/** What controllers ask of a pod. Source: pkg/api/v1/pod/util.go of v1.30. */
import { findCondition, isConditionTrue, type Pod, timestampUs } from "../api/index.ts";
import type { Micros } from "../kernel/index.ts";

export function isPodReady({ status }: Pod): boolean {
  return isConditionTrue(status.conditions, "Ready");
}

/** Not ended and not being deleted (IsPodActive in pkg/controller/controller_utils.go). */
export function isPodActive(pod: Pod): boolean {
  return !isPodTerminal(pod) && !isTerminating(pod);
}

/** Ended by itself. */
export function isPodTerminal({ status: { phase } }: Pod): boolean {
  return phase === "Succeeded" || phase === "Failed";
}

/** Being deleted. */
export function isTerminating({ metadata }: Pod): boolean {
  return metadata.deletionTimestamp !== undefined;
}

/** Since when the pod is ready; undefined when it is not. */
export function readySinceUs({ status }: Pod): Micros | undefined {
  const ready = findCondition(status.conditions, "Ready");
  if (ready?.status !== "True" || ready.lastTransitionTime === undefined) return undefined;
  return timestampUs(ready.lastTransitionTime);
}

/** Ready for longer than `minReadySeconds` (IsPodAvailable). */
export function isPodAvailable(pod: Pod, minReadySeconds: number, nowUs: Micros): boolean {
  if (!isPodReady(pod)) return false;
  if (minReadySeconds === 0) return true;
  const sinceUs = readySinceUs(pod);
  return sinceUs !== undefined && sinceUs + minReadySeconds * 1_000_000 < nowUs;
}
