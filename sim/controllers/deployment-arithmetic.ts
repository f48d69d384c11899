/**
 * The arithmetic of rollouts: how many pods may be above, and how many missing, at any time.
 * Pure functions over the sizes of ReplicaSets.
 *
 * Source: pkg/controller/deployment/util/deployment_util.go, rolling.go and sync.go of v1.30.
 */
import type { Deployment, ReplicaSet } from "../api/index.ts";
import {
  compareNewest,
  compareOldest,
  desiredReplicas,
  maxReplicasAnnotation,
} from "./replica-set-order.ts";

/** A ReplicaSet and the size that it should have. */
export interface Resize {
  readonly set: ReplicaSet;
  readonly replicas: number;
}

/** A count, or a percentage of `total` rounded up or down (GetScaledValueFromIntOrPercent). */
export function scaledValue(value: number | string, total: number, isRoundedUp: boolean): number {
  if (typeof value === "number") return value;
  const share = (Number(value.slice(0, -1)) * total) / 100;
  return isRoundedUp ? Math.ceil(share) : Math.floor(share);
}

/** maxSurge and maxUnavailable in pods; both 0 only for a Deployment that is recreated, or empty. */
export function fenceposts({ spec }: Deployment): { maxSurge: number; maxUnavailable: number } {
  const { replicas = 1, strategy } = spec;
  if (strategy?.type !== "RollingUpdate") return { maxSurge: 0, maxUnavailable: 0 };
  const rolling = strategy.rollingUpdate ?? {};
  const maxSurge = scaledValue(rolling.maxSurge ?? "25%", replicas, true);
  let maxUnavailable = scaledValue(rolling.maxUnavailable ?? "25%", replicas, false);
  // Percentages of a small Deployment may both round to 0: then it could never move.
  if (maxSurge === 0 && maxUnavailable === 0) maxUnavailable = 1;
  return { maxSurge, maxUnavailable: Math.min(maxUnavailable, replicas) };
}

/** The size that the new ReplicaSet should have, given all of them (NewRSNewReplicas). */
export function newSetReplicas(
  deployment: Deployment,
  all: readonly ReplicaSet[],
  current: number,
): number {
  const { replicas = 1, strategy } = deployment.spec;
  if (strategy?.type === "Recreate") return replicas;
  const maxTotal = replicas + fenceposts(deployment).maxSurge;
  const total = sumReplicas(all);
  if (total >= maxTotal) return current;
  return current + Math.min(maxTotal - total, replicas - current);
}

/**
 * How far the old ReplicaSets go down in this step: first the pods that are not healthy, which cost
 * no availability, then as many as availability allows. One entry per step of the real controller.
 */
export function scaleDownOldSets(
  deployment: Deployment,
  old: readonly ReplicaSet[],
  newSet: ReplicaSet,
): Resize[] {
  const oldPods = sumReplicas(old);
  if (oldPods === 0) return [];
  const { replicas = 1 } = deployment.spec;
  const minAvailable = replicas - fenceposts(deployment).maxUnavailable;
  const newUnavailable = desiredReplicas(newSet) - (newSet.status.availableReplicas ?? 0);
  const maxScaledDown = oldPods + desiredReplicas(newSet) - minAvailable - newUnavailable;
  if (maxScaledDown <= 0) return [];
  const sorted = [...old].sort(compareOldest);
  const { resizes: cleaned, isSure } = cleanupUnhealthy(sorted, maxScaledDown);
  if (!isSure) return cleaned;
  const sizes = new Map(cleaned.map(({ set, replicas }) => [set, replicas]));
  const available = sumAvailable(old) + (newSet.status.availableReplicas ?? 0);
  return [...cleaned, ...scaleDownHealthy(sorted, sizes, available - minAvailable)];
}

/**
 * cleanupUnhealthyReplicas. Not sure: a set tells of more available pods than it is to have, so its
 * status is older than its size, and whoever trusted it would take too many away.
 */
function cleanupUnhealthy(
  old: readonly ReplicaSet[],
  maxCount: number,
): { readonly resizes: Resize[]; readonly isSure: boolean } {
  const resizes: Resize[] = [];
  let left = maxCount;
  for (const set of old) {
    if (left <= 0) break;
    const size = desiredReplicas(set);
    if (size === 0) continue;
    const count = Math.min(left, size - (set.status.availableReplicas ?? 0));
    if (count < 0) return { resizes, isSure: false };
    if (count === 0) continue;
    left -= count;
    resizes.push({ set, replicas: size - count });
  }
  return { resizes, isSure: true };
}

/** scaleDownOldReplicaSetsForRollingUpdate; `sizes` are those already changed. */
function scaleDownHealthy(
  old: readonly ReplicaSet[],
  sizes: ReadonlyMap<ReplicaSet, number>,
  maxCount: number,
): Resize[] {
  const resizes: Resize[] = [];
  let left = maxCount;
  for (const set of old) {
    if (left <= 0) break;
    const size = sizes.get(set) ?? desiredReplicas(set);
    if (size === 0) continue;
    const count = Math.min(size, left);
    left -= count;
    resizes.push({ set, replicas: size - count });
  }
  return resizes;
}

/**
 * Sizes after the Deployment itself was resized in the middle of a rollout: the difference is shared
 * out in proportion to the sizes of its active ReplicaSets (dc.scale).
 */
export function scaleProportionally(
  deployment: Deployment,
  active: readonly ReplicaSet[],
): Resize[] {
  const { replicas = 1 } = deployment.spec;
  const { maxSurge } = fenceposts(deployment);
  const allowed = replicas > 0 ? replicas + maxSurge : 0;
  const toAdd = allowed - sumReplicas(active);
  const sorted = [...active].sort(toAdd > 0 ? compareNewest : compareOldestBySize);
  let added = 0;
  const sizes = sorted.map((set) => {
    const share = proportion(deployment, set, toAdd, added);
    added += share;
    return desiredReplicas(set) + share;
  });
  // What rounding left over goes to the first.
  return sorted.map((set, i) => {
    const size = (sizes[i] ?? 0) + (i === 0 ? toAdd - added : 0);
    return { set, replicas: Math.max(0, size) };
  });
}

const compareOldestBySize = (a: ReplicaSet, b: ReplicaSet): number =>
  desiredReplicas(b) - desiredReplicas(a) || compareOldest(a, b);

/** GetProportion */
function proportion(deployment: Deployment, set: ReplicaSet, toAdd: number, added: number): number {
  if (desiredReplicas(set) === 0 || toAdd === 0 || toAdd === added) return 0;
  const fraction = setFraction(deployment, set);
  return toAdd > 0 ? Math.min(fraction, toAdd - added) : Math.max(fraction, toAdd - added);
}

/** getReplicaSetFraction: the change that keeps the set's share of the Deployment. */
function setFraction(deployment: Deployment, set: ReplicaSet): number {
  const { replicas = 1 } = deployment.spec;
  const size = desiredReplicas(set);
  if (replicas === 0) return -size;
  const total = replicas + fenceposts(deployment).maxSurge;
  const before = maxReplicasAnnotation(set) ?? deployment.status.replicas ?? 0;
  // Before is the Deployment's old size; a set that was never annotated in an empty one keeps its own.
  if (before === 0) return 0;
  return Math.floor((size * total) / before + 0.5) - size;
}

export function sumReplicas(sets: readonly ReplicaSet[]): number {
  return sets.reduce((sum, set) => sum + desiredReplicas(set), 0);
}

export function sumAvailable(sets: readonly ReplicaSet[]): number {
  return sets.reduce((sum, { status }) => sum + (status.availableReplicas ?? 0), 0);
}
