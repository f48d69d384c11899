/**
 * The next step of a Deployment: which of its ReplicaSets get which size.
 * Source: pkg/controller/deployment/rolling.go, recreate.go and sync.go of v1.30.
 */
import type { Deployment, ReplicaSet } from "../api/index.ts";
import {
  newSetReplicas,
  type Resize,
  scaleDownOldSets,
  scaleProportionally,
} from "./deployment-arithmetic.ts";
import { compareOldest, desiredAnnotation, desiredReplicas } from "./replica-set-order.ts";

/** Sets that ask for pods (FilterActiveReplicaSets). */
export function activeSets(sets: readonly ReplicaSet[]): ReplicaSet[] {
  return sets.filter((set) => desiredReplicas(set) > 0);
}

/** Whether the Deployment was resized since its sets were last scaled (isScalingEvent). */
export function isScalingEvent({ spec }: Deployment, sets: readonly ReplicaSet[]): boolean {
  return activeSets(sets).some((set) => {
    const desired = desiredAnnotation(set);
    return desired !== undefined && desired !== (spec.replicas ?? 1);
  });
}

/** A paused or resized Deployment (dc.scale). */
export function scaleSteps(
  deployment: Deployment,
  newSet: ReplicaSet | undefined,
  old: readonly ReplicaSet[],
): Resize[] {
  const { replicas = 1, strategy } = deployment.spec;
  const single = activeOrLatest(newSet, old);
  if (single !== undefined) {
    return desiredReplicas(single) === replicas ? [] : [{ set: single, replicas }];
  }
  const active = activeSets(old);
  if (isSaturated(deployment, newSet)) return active.map((set) => ({ set, replicas: 0 }));
  if (strategy?.type !== "RollingUpdate") return [];
  const all = newSet === undefined ? active : activeSets([...old, newSet]);
  return scaleProportionally(deployment, all);
}

/** The one set that counts, when there is only one (FindActiveOrLatest). */
function activeOrLatest(
  newSet: ReplicaSet | undefined,
  old: readonly ReplicaSet[],
): ReplicaSet | undefined {
  const active = activeSets(newSet === undefined ? old : [...old, newSet]);
  if (active.length > 1) return undefined;
  return active[0] ?? newSet ?? [...old].sort(compareOldest).at(-1);
}

/** The new set has all pods, and they are available (IsSaturated). */
function isSaturated({ spec }: Deployment, newSet: ReplicaSet | undefined): boolean {
  const { replicas = 1 } = spec;
  return (
    newSet !== undefined &&
    desiredReplicas(newSet) === replicas &&
    desiredAnnotation(newSet) === replicas &&
    newSet.status.availableReplicas === replicas
  );
}

/**
 * RollingUpdate: the new set up as far as maxSurge allows; when it cannot move, the old ones down as
 * far as availability allows. Empty: nothing to do now.
 */
export function rollingSteps(
  deployment: Deployment,
  newSet: ReplicaSet,
  old: readonly ReplicaSet[],
): Resize[] {
  const { replicas = 1 } = deployment.spec;
  const current = desiredReplicas(newSet);
  const wanted =
    current > replicas ? replicas : newSetReplicas(deployment, [...old, newSet], current);
  if (wanted !== current) return [{ set: newSet, replicas: wanted }];
  return scaleDownOldSets(deployment, activeSets(old), newSet);
}
