/**
 * The status of a Deployment and its conditions.
 * Source: pkg/controller/deployment/sync.go (calculateStatus), progress.go and
 * util/deployment_util.go of v1.30.
 */
import {
  type Deployment,
  findCondition,
  type ReplicaSet,
  timestamp,
  timestampUs,
} from "../api/index.ts";
import type { Micros } from "../kernel/index.ts";
import { fenceposts, sumAvailable, sumReplicas } from "./deployment-arithmetic.ts";

type Status = Deployment["status"];
type Condition = NonNullable<Status["conditions"]>[number];

const NEVER = 2_147_483_647;
const SECOND_US = 1_000_000;

/** Reason of a Deployment that made no progress for progressDeadlineSeconds (TimedOutReason). */
export const TIMED_OUT = "ProgressDeadlineExceeded";

/** A Deployment whose progressDeadlineSeconds is the largest number has none. */
export function hasProgressDeadline({ spec }: Deployment): boolean {
  return spec.progressDeadlineSeconds !== undefined && spec.progressDeadlineSeconds !== NEVER;
}

/** Counts and Available, from the sets' own statuses. */
export function deploymentStatus(
  deployment: Deployment,
  all: readonly ReplicaSet[],
  newSet: ReplicaSet | undefined,
  nowUs: Micros,
): Status {
  const { replicas = 1 } = deployment.spec;
  const available = sumAvailable(all);
  const isAvailable = available >= replicas - fenceposts(deployment).maxUnavailable;
  const { collisionCount, conditions = [] } = deployment.status;
  return {
    observedGeneration: deployment.metadata.generation ?? 0,
    replicas: all.reduce((sum, { status }) => sum + status.replicas, 0),
    updatedReplicas: newSet?.status.replicas ?? 0,
    readyReplicas: all.reduce((sum, { status }) => sum + (status.readyReplicas ?? 0), 0),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, sumReplicas(all) - available),
    ...(collisionCount === undefined ? {} : { collisionCount }),
    conditions: withCondition(
      conditions,
      isAvailable
        ? newCondition(
            "Available",
            "True",
            "MinimumReplicasAvailable",
            "Deployment has minimum availability.",
            nowUs,
          )
        : newCondition(
            "Available",
            "False",
            "MinimumReplicasUnavailable",
            "Deployment does not have minimum availability.",
            nowUs,
          ),
    ),
  };
}

/** The status after a step of a rollout: also Progressing and ReplicaFailure (syncRolloutStatus). */
export function rolloutStatus(
  deployment: Deployment,
  all: readonly ReplicaSet[],
  newSet: ReplicaSet | undefined,
  nowUs: Micros,
): Status {
  const status = deploymentStatus(deployment, all, newSet, nowUs);
  let conditions = status.conditions ?? [];
  const current = findCondition(deployment.status.conditions, "Progressing");
  if (!hasProgressDeadline(deployment)) conditions = without(conditions, "Progressing");
  else if (
    status.replicas !== status.updatedReplicas ||
    current?.reason !== "NewReplicaSetAvailable"
  ) {
    conditions = withProgress(deployment, status, conditions, newSet, nowUs);
  }
  const failure = replicaFailure(all, newSet);
  conditions =
    failure === undefined
      ? without(conditions, "ReplicaFailure")
      : withCondition(conditions, failure);
  return { ...status, conditions };
}

/** The failure of the new set, or else of another, as a condition of the Deployment. */
function replicaFailure(
  all: readonly ReplicaSet[],
  newSet: ReplicaSet | undefined,
): Condition | undefined {
  for (const set of newSet === undefined ? all : [newSet, ...all]) {
    const failure = findCondition(set.status.conditions, "ReplicaFailure");
    if (failure === undefined) continue;
    const { type, status, reason = "", message = "", lastTransitionTime } = failure;
    const times =
      lastTransitionTime === undefined
        ? {}
        : { lastUpdateTime: lastTransitionTime, lastTransitionTime };
    return { type, status, ...times, reason, message };
  }
  return undefined;
}

function withProgress(
  deployment: Deployment,
  status: Status,
  conditions: Condition[],
  newSet: ReplicaSet | undefined,
  nowUs: Micros,
): Condition[] {
  const name =
    newSet === undefined
      ? `Deployment "${deployment.metadata.name}"`
      : `ReplicaSet "${newSet.metadata.name}"`;
  if (isComplete(deployment, status)) {
    const text = `${name} has successfully progressed.`;
    return withCondition(
      conditions,
      newCondition("Progressing", "True", "NewReplicaSetAvailable", text, nowUs),
    );
  }
  if (!isProgressing(deployment.status, status)) {
    if (!isTimedOut(deployment, status, nowUs)) return conditions;
    const text = `${name} has timed out progressing.`;
    return withCondition(conditions, newCondition("Progressing", "False", TIMED_OUT, text, nowUs));
  }
  const text = `${name} is progressing.`;
  const condition = newCondition("Progressing", "True", "ReplicaSetUpdated", text, nowUs);
  const current = findCondition(deployment.status.conditions, "Progressing");
  if (current?.status === "True" && current.lastTransitionTime !== undefined)
    condition.lastTransitionTime = current.lastTransitionTime;
  return [...without(conditions, "Progressing"), condition];
}

/** All pods are new and available, and the newest spec was seen (DeploymentComplete). */
export function isComplete({ spec, metadata }: Deployment, status: Status): boolean {
  const { replicas = 1 } = spec;
  return (
    status.updatedReplicas === replicas &&
    status.replicas === replicas &&
    status.availableReplicas === replicas &&
    (status.observedGeneration ?? 0) >= (metadata.generation ?? 0)
  );
}

/** DeploymentProgressing */
function isProgressing(old: Status, next: Status): boolean {
  const oldSets = (status: Status): number =>
    (status.replicas ?? 0) - (status.updatedReplicas ?? 0);
  return (
    (next.updatedReplicas ?? 0) > (old.updatedReplicas ?? 0) ||
    oldSets(next) < oldSets(old) ||
    (next.readyReplicas ?? 0) > (old.readyReplicas ?? 0) ||
    (next.availableReplicas ?? 0) > (old.availableReplicas ?? 0)
  );
}

/** No progress for longer than the deadline (DeploymentTimedOut). */
function isTimedOut({ spec }: Deployment, status: Status, nowUs: Micros): boolean {
  const condition = findCondition(status.conditions, "Progressing");
  if (condition?.lastUpdateTime === undefined) return false;
  if (condition.reason === "NewReplicaSetAvailable") return false;
  if (condition.reason === TIMED_OUT) return true;
  const deadlineUs = (spec.progressDeadlineSeconds ?? 0) * SECOND_US;
  return timestampUs(condition.lastUpdateTime) + deadlineUs < nowUs;
}

/**
 * How long until the rollout's deadline must be looked at, when nothing moves; -1: it need not be,
 * 0: soon (requeueStuckDeployment).
 */
export function deadlineCheckUs(deployment: Deployment, status: Status, nowUs: Micros): Micros {
  const current = findCondition(deployment.status.conditions, "Progressing");
  if (!hasProgressDeadline(deployment) || current?.lastUpdateTime === undefined) return -1;
  if (isComplete(deployment, status) || current.reason === TIMED_OUT) return -1;
  // It never times out (isTimedOut). The real one looks on, ten times a second, and finds nothing.
  if (current.reason === "NewReplicaSetAvailable") return -1;
  const deadlineUs = (deployment.spec.progressDeadlineSeconds ?? 0) * SECOND_US;
  const afterUs = timestampUs(current.lastUpdateTime) + deadlineUs - nowUs;
  // A second is added so that the time has surely passed by then.
  return afterUs < SECOND_US ? 0 : afterUs + SECOND_US;
}

export function newCondition(
  type: string,
  status: string,
  reason: string,
  message: string,
  nowUs: Micros,
): Condition {
  const now = timestamp(nowUs);
  return { type, status, lastUpdateTime: now, lastTransitionTime: now, reason, message };
}

/**
 * Conditions with one set. Nothing changes while status and reason stay, and the transition time
 * stays with the status (SetDeploymentCondition).
 */
export function withCondition(conditions: readonly Condition[], condition: Condition): Condition[] {
  const current = findCondition(conditions, condition.type);
  if (current?.status === condition.status && current.reason === condition.reason)
    return [...conditions];
  const isSame = current?.status === condition.status;
  const { lastTransitionTime } = isSame ? current : condition;
  const next = lastTransitionTime === undefined ? condition : { ...condition, lastTransitionTime };
  return [...without(conditions, condition.type), next];
}

function without(conditions: readonly Condition[], type: string): Condition[] {
  return conditions.filter((each) => each.type !== type);
}
