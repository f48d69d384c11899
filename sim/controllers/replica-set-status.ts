/**
 * The status of a ReplicaSet, counted from its pods.
 * Source: pkg/controller/replicaset/replica_set_utils.go of v1.30.
 */
import {
  findCondition,
  type Pod,
  type ReplicaSet,
  removeCondition,
  selectorFromSet,
  setCondition,
  timestamp,
} from "../api/index.ts";
import type { Micros } from "../kernel/index.ts";
import { isPodAvailable, isPodReady } from "./pod-state.ts";

type ReplicaSetStatus = ReplicaSet["status"];

/** Why pods could not be made or deleted. */
export interface ReplicaFailure {
  readonly reason: "FailedCreate" | "FailedDelete";
  readonly message: string;
}

/** What the status should be, given the active pods; `failure` of this sync, if any. */
export function replicaSetStatus(
  set: ReplicaSet,
  pods: readonly Pod[],
  failure: ReplicaFailure | undefined,
  nowUs: Micros,
): ReplicaSetStatus {
  const templateLabels = selectorFromSet(set.spec.template?.metadata?.labels ?? {});
  const minReadySeconds = set.spec.minReadySeconds ?? 0;
  const status: ReplicaSetStatus = {
    replicas: pods.length,
    fullyLabeledReplicas: 0,
    readyReplicas: 0,
    availableReplicas: 0,
    observedGeneration: set.metadata.generation ?? 0,
  };
  for (const pod of pods) {
    if (templateLabels.matches(pod.metadata.labels ?? {})) count(status, "fullyLabeledReplicas");
    if (!isPodReady(pod)) continue;
    count(status, "readyReplicas");
    if (isPodAvailable(pod, minReadySeconds, nowUs)) count(status, "availableReplicas");
  }
  const conditions = failureCondition(set.status.conditions, failure, nowUs);
  if (conditions !== undefined && conditions.length > 0) status.conditions = [...conditions];
  return status;
}

type Counter = "fullyLabeledReplicas" | "readyReplicas" | "availableReplicas";

function count(status: ReplicaSetStatus, counter: Counter): void {
  status[counter] = (status[counter] ?? 0) + 1;
}

/** ReplicaFailure stays as it was first set while the failure lasts. */
function failureCondition(
  conditions: ReplicaSetStatus["conditions"],
  failure: ReplicaFailure | undefined,
  nowUs: Micros,
): ReplicaSetStatus["conditions"] {
  if (failure === undefined) {
    return conditions === undefined
      ? undefined
      : [...removeCondition(conditions, "ReplicaFailure")];
  }
  if (findCondition(conditions, "ReplicaFailure") !== undefined) return conditions;
  const lastTransitionTime = timestamp(nowUs);
  const condition = { type: "ReplicaFailure", status: "True", lastTransitionTime, ...failure };
  return [...setCondition(conditions, condition)];
}

/** Whether writing `next` would change anything. */
export function isStatusEqual(next: ReplicaSetStatus, old: ReplicaSetStatus): boolean {
  return (
    next.replicas === old.replicas &&
    (next.fullyLabeledReplicas ?? 0) === (old.fullyLabeledReplicas ?? 0) &&
    (next.readyReplicas ?? 0) === (old.readyReplicas ?? 0) &&
    (next.availableReplicas ?? 0) === (old.availableReplicas ?? 0) &&
    next.observedGeneration === old.observedGeneration &&
    JSON.stringify(next.conditions ?? []) === JSON.stringify(old.conditions ?? [])
  );
}
