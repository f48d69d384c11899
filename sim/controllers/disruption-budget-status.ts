/**
 * The arithmetic of a PodDisruptionBudget: how many of its pods may go now. Pure functions.
 *
 * Source: pkg/controller/disruption/disruption.go of v1.30 and
 * staging/src/k8s.io/component-helpers/apps/poddisruptionbudget/helpers.go.
 */
import {
  findCondition,
  type Pod,
  type PodDisruptionBudget,
  semanticallyEqual,
  setCondition,
  timestamp,
  timestampUs,
} from "../api/index.ts";
import type { Micros } from "../kernel/index.ts";
import { scaledValue } from "./deployment-arithmetic.ts";
import { isPodReady, isTerminating } from "./pod-state.ts";

export type BudgetStatus = PodDisruptionBudget["status"];

/** How long an eviction that was granted may take until its pod is seen to end (DeletionTimeout). */
export const DELETION_TIMEOUT_US = 120_000_000;

const DISRUPTION_ALLOWED = "DisruptionAllowed";

/** Pods that there should be, and how many of them must be healthy. */
export interface Expectation {
  readonly expectedPods: number;
  readonly desiredHealthy: number;
}

/**
 * What the budget asks for. `scale` is the sum of the replicas of the pods' controllers; `podCount`
 * counts for a minAvailable that is a number (getExpectedPodCount).
 */
export function expectation(
  { minAvailable, maxUnavailable }: PodDisruptionBudget["spec"],
  podCount: number,
  scale: number,
): Expectation {
  if (maxUnavailable !== undefined) {
    const unavailable = scaledValue(maxUnavailable, scale, true);
    return { expectedPods: scale, desiredHealthy: Math.max(0, scale - unavailable) };
  }
  if (typeof minAvailable === "number") {
    return { expectedPods: podCount, desiredHealthy: minAvailable };
  }
  if (minAvailable === undefined) return { expectedPods: 0, desiredHealthy: 0 };
  return { expectedPods: scale, desiredHealthy: scaledValue(minAvailable, scale, true) };
}

/** Whether the controllers' scale matters (getExpectedScale). */
export function needsScale({ minAvailable, maxUnavailable }: PodDisruptionBudget["spec"]): boolean {
  return maxUnavailable !== undefined || typeof minAvailable === "string";
}

/** Evictions that were granted and whose pods are still there. */
export interface DisruptedPods {
  /** Time of each eviction, by name of the pod. */
  readonly pods: Readonly<Record<string, string>>;
  /** When the first of them is given up; Infinity: there are none. */
  readonly recheckUs: Micros;
}

/** Leaves out pods that end or are gone, and those that should have ended (buildDisruptedPodMap). */
export function disruptedPods(
  { status }: PodDisruptionBudget,
  pods: readonly Pod[],
  nowUs: Micros,
): DisruptedPods {
  const kept: [string, string][] = [];
  let recheckUs = Number.POSITIVE_INFINITY;
  for (const pod of pods) {
    const { name } = pod.metadata;
    const evicted = status.disruptedPods?.[name];
    if (evicted === undefined || isTerminating(pod)) continue;
    const deadlineUs = timestampUs(evicted) + DELETION_TIMEOUT_US;
    if (deadlineUs < nowUs) continue;
    kept.push([name, evicted]);
    recheckUs = Math.min(recheckUs, deadlineUs);
  }
  return { pods: Object.fromEntries(kept), recheckUs };
}

/** Ready pods that neither end nor are about to (countHealthyPods). */
export function countHealthy(
  pods: readonly Pod[],
  { pods: disrupted }: DisruptedPods,
  nowUs: Micros,
): number {
  return pods.filter((pod) => {
    const evicted = disrupted[pod.metadata.name];
    const isLeaving = evicted !== undefined && timestampUs(evicted) + DELETION_TIMEOUT_US > nowUs;
    return !isTerminating(pod) && !isLeaving && isPodReady(pod);
  }).length;
}

/** The new status; the old one itself when nothing changes (updatePdbStatus). */
export function budgetStatus(
  budget: PodDisruptionBudget,
  { expectedPods, desiredHealthy }: Expectation,
  currentHealthy: number,
  disrupted: DisruptedPods,
  nowUs: Micros,
): BudgetStatus {
  const { metadata, status: old } = budget;
  const spare = currentHealthy - desiredHealthy;
  const disruptionsAllowed = expectedPods <= 0 || spare <= 0 ? 0 : spare;
  const isAllowed = disruptionsAllowed > 0;
  const { generation = 1 } = metadata;
  const condition = findCondition(old.conditions, DISRUPTION_ALLOWED);
  if (
    old.currentHealthy === currentHealthy &&
    old.desiredHealthy === desiredHealthy &&
    old.expectedPods === expectedPods &&
    old.disruptionsAllowed === disruptionsAllowed &&
    semanticallyEqual(old.disruptedPods ?? {}, disrupted.pods) &&
    old.observedGeneration === generation &&
    condition?.status === (isAllowed ? "True" : "False")
  ) {
    return old;
  }
  const conditions = setCondition(old.conditions, {
    type: DISRUPTION_ALLOWED,
    status: isAllowed ? "True" : "False",
    reason: isAllowed ? "SufficientPods" : "InsufficientPods",
    message: "",
    lastTransitionTime: timestamp(nowUs),
    observedGeneration: generation,
  });
  return {
    currentHealthy,
    desiredHealthy,
    expectedPods,
    disruptionsAllowed,
    ...(Object.keys(disrupted.pods).length > 0 ? { disruptedPods: { ...disrupted.pods } } : {}),
    observedGeneration: generation,
    conditions: [...conditions],
  };
}

/** Nothing may be disrupted while the budget cannot be worked out (failSafe). */
export function failedStatus(old: BudgetStatus, message: string, nowUs: Micros): BudgetStatus {
  const conditions = setCondition(old.conditions, {
    type: DISRUPTION_ALLOWED,
    status: "False",
    reason: "SyncFailed",
    message,
    lastTransitionTime: timestamp(nowUs),
    ...(old.observedGeneration === undefined ? {} : { observedGeneration: old.observedGeneration }),
  });
  if (conditions === old.conditions && old.disruptionsAllowed === 0) return old;
  return { ...old, disruptionsAllowed: 0, conditions: [...conditions] };
}
