/**
 * What the controller notes on a Deployment apart from its counts: that it is paused, which revision
 * its new ReplicaSet has, and that this could not be made. Each is an update of the status, which
 * takes the annotations along, and fails when the Deployment has changed.
 *
 * Source: checkPausedConditions and getNewReplicaSet in pkg/controller/deployment/sync.go of v1.30.
 */
import { type Deployment, findCondition, type ReplicaSet } from "../api/index.ts";
import type { Micros } from "../kernel/index.ts";
import {
  hasProgressDeadline,
  newCondition,
  TIMED_OUT,
  withCondition,
} from "./deployment-status.ts";
import { REVISION } from "./replica-set-order.ts";

/** With a note of a pause or of its end; undefined when what it says of that is true already. */
export function pauseNoted(deployment: Deployment, nowUs: Micros): Deployment | undefined {
  if (!hasProgressDeadline(deployment)) return undefined;
  const { spec, status } = deployment;
  const reason = findCondition(status.conditions, "Progressing")?.reason;
  if (reason === TIMED_OUT) return undefined; // a lack of progress stays on record
  const isPaused = spec.paused === true;
  if (isPaused === (reason === "DeploymentPaused")) return undefined;
  return isPaused
    ? progressing(deployment, "Unknown", "DeploymentPaused", "Deployment is paused", nowUs)
    : progressing(deployment, "Unknown", "DeploymentResumed", "Deployment is resumed", nowUs);
}

/**
 * With its new set's revision, and a note that it was found or made. Undefined when it has both
 * already.
 */
export function revisionNoted(
  deployment: Deployment,
  newSet: ReplicaSet,
  hasCreated: boolean,
  nowUs: Micros,
): Deployment | undefined {
  const { metadata, status } = deployment;
  const revision = newSet.metadata.annotations?.[REVISION] ?? "";
  const isKnown = findCondition(status.conditions, "Progressing") !== undefined;
  const saysSo = hasProgressDeadline(deployment) && (hasCreated || !isKnown);
  if (metadata.annotations?.[REVISION] === revision && !saysSo) return undefined;
  const annotations = { ...metadata.annotations, [REVISION]: revision };
  const next: Deployment = { ...deployment, metadata: { ...metadata, annotations } };
  if (!saysSo) return next;
  const [reason, verb] = hasCreated
    ? ["NewReplicaSetCreated", "Created"]
    : ["FoundNewReplicaSet", "Found"];
  const message = `${verb} new replica set "${newSet.metadata.name}"`;
  return progressing(next, "True", reason, message, nowUs);
}

/** With a note that its ReplicaSet could not be made; itself without a progress deadline. */
export function failureNoted(deployment: Deployment, message: string, nowUs: Micros): Deployment {
  if (!hasProgressDeadline(deployment)) return deployment;
  return progressing(deployment, "False", FAILED_CREATE, message, nowUs);
}

/** FailedRSCreateReason; also the reason of an Event. */
export const FAILED_CREATE = "ReplicaSetCreateError";

function progressing(
  deployment: Deployment,
  status: string,
  reason: string,
  message: string,
  nowUs: Micros,
): Deployment {
  const condition = newCondition("Progressing", status, reason, message, nowUs);
  const conditions = withCondition(deployment.status.conditions ?? [], condition);
  return { ...deployment, status: { ...deployment.status, conditions } };
}
