/**
 * What the controller notes on a Deployment apart from its counts: that it is paused, and which
 * revision its new ReplicaSet has. Each is a patch that fails when the Deployment has changed.
 *
 * Source: checkPausedConditions and getNewReplicaSet in pkg/controller/deployment/sync.go of v1.30.
 */
import { type Deployment, findCondition, type Manifest, type ReplicaSet } from "../api/index.ts";
import type { Micros } from "../kernel/index.ts";
import { hasProgressDeadline, newCondition, withCondition } from "./deployment-status.ts";
import { REVISION } from "./replica-set-order.ts";

/** Undefined when what the Deployment says of a pause is true already. */
export function pausePatch(deployment: Deployment, nowUs: Micros): Manifest | undefined {
  if (!hasProgressDeadline(deployment)) return undefined;
  const { metadata, spec, status } = deployment;
  const isNoted = findCondition(status.conditions, "Progressing")?.reason === "DeploymentPaused";
  const isPaused = spec.paused === true;
  if (isPaused === isNoted) return undefined;
  const [reason, message] = isPaused
    ? ["DeploymentPaused", "Deployment is paused"]
    : ["DeploymentResumed", "Deployment is resumed"];
  const condition = newCondition("Progressing", "Unknown", reason, message, nowUs);
  const { uid, resourceVersion } = metadata;
  const conditions = withCondition(status.conditions ?? [], condition);
  return { metadata: { uid, resourceVersion }, status: { conditions } };
}

/**
 * The Deployment carries its new set's revision, and says once that it found or made the set.
 * Undefined when it does already.
 */
export function revisionPatch(
  deployment: Deployment,
  newSet: ReplicaSet,
  hasCreated: boolean,
  nowUs: Micros,
): Manifest | undefined {
  const { metadata, status } = deployment;
  const revision = newSet.metadata.annotations?.[REVISION] ?? "";
  const isKnown = findCondition(status.conditions, "Progressing") !== undefined;
  const saysSo = hasProgressDeadline(deployment) && (hasCreated || !isKnown);
  if (metadata.annotations?.[REVISION] === revision && !saysSo) return undefined;
  const { uid, resourceVersion } = metadata;
  const patch = { metadata: { uid, resourceVersion, annotations: { [REVISION]: revision } } };
  if (!saysSo) return patch;
  const [reason, verb] = hasCreated
    ? ["NewReplicaSetCreated", "Created"]
    : ["FoundNewReplicaSet", "Found"];
  const message = `${verb} new replica set "${newSet.metadata.name}"`;
  const condition = newCondition("Progressing", "True", reason, message, nowUs);
  return { ...patch, status: { conditions: withCondition(status.conditions ?? [], condition) } };
}
