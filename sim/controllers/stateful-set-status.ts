/**
 * The status of a StatefulSet, counted from its pods.
 * Source: computeReplicaStatus in pkg/controller/statefulset/stateful_set_control.go,
 * completeRollingUpdate and inconsistentStatus in stateful_set_utils.go of v1.30.
 */
import type { Pod, StatefulSet } from "../api/index.ts";
import type { Micros } from "../kernel/index.ts";
import { isPodAvailable, isTerminating } from "./pod-state.ts";
import { podRevision } from "./stateful-set-identity.ts";
import { isRunningAndReady } from "./stateful-set-plan.ts";

type Status = StatefulSet["status"];

export interface Revisions {
  /** Names of the ControllerRevisions. */
  readonly current: string;
  readonly update: string;
  readonly collisionCount: number;
}

/** `deletedForUpdate`: pods of the current revision that this sync deleted, 0 or 1. */
export function statefulSetStatus(
  set: StatefulSet,
  pods: readonly Pod[],
  revisions: Revisions,
  deletedForUpdate: number,
  nowUs: Micros,
): Status {
  const { metadata, spec } = set;
  let [ready, available, current, updated] = [0, 0, 0, 0];
  for (const pod of pods) {
    if (isRunningAndReady(pod)) {
      ready++;
      if (isPodAvailable(pod, spec.minReadySeconds ?? 0, nowUs)) available++;
    }
    if (isTerminating(pod)) continue;
    const revision = podRevision(pod);
    if (revision === revisions.current) current++;
    if (revision === revisions.update) updated++;
  }
  const { replicas: wanted = 1 } = spec;
  const isComplete =
    spec.updateStrategy?.type === "RollingUpdate" &&
    updated === wanted &&
    ready === wanted &&
    pods.length === wanted;
  return {
    observedGeneration: metadata.generation ?? 0,
    replicas: pods.length,
    readyReplicas: ready,
    availableReplicas: available,
    currentReplicas: isComplete ? updated : current - deletedForUpdate,
    updatedReplicas: updated,
    currentRevision: isComplete ? revisions.update : revisions.current,
    updateRevision: revisions.update,
    collisionCount: revisions.collisionCount,
  };
}

const COUNTS = [
  "replicas",
  "readyReplicas",
  "availableReplicas",
  "currentReplicas",
  "updatedReplicas",
] as const;

/** Whether nothing of it need be written. */
export function isStatusCurrent(status: Status, old: Status): boolean {
  return (
    (status.observedGeneration ?? 0) <= (old.observedGeneration ?? 0) &&
    status.currentRevision === old.currentRevision &&
    status.updateRevision === old.updateRevision &&
    COUNTS.every((name) => (status[name] ?? 0) === (old[name] ?? 0))
  );
}
