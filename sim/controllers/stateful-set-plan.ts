/**
 * What a StatefulSet does next, decided from what is there: pure functions.
 *
 * OrderedReady is monotonic: the first pod that is missing, going or not available blocks all that
 * comes after it, and one pod is made or deleted at a time. Parallel looks at each pod by itself;
 * both roll a new template out one pod at a time, from the highest ordinal down.
 *
 * Source: updateStatefulSet, processReplica and processCondemned in
 * pkg/controller/statefulset/stateful_set_control.go of v1.30.
 */
import type { Pod, StatefulSet } from "../api/index.ts";
import type { Micros } from "../kernel/index.ts";
import { isPodAvailable, isPodReady, isPodTerminal, isTerminating } from "./pod-state.ts";
import { isInRange, ordinalOf, podRevision, startOrdinal } from "./stateful-set-identity.ts";

/** The pods of a set, by their part in it. */
export interface StatefulPods {
  /** By index: ordinal less the first one; undefined where there is none. */
  readonly replicas: readonly (Pod | undefined)[];
  /** Those that the set should not have, highest ordinal first. */
  readonly condemned: readonly Pod[];
}

/** What to do about one replica. */
export type ReplicaAction =
  | { readonly action: "create"; readonly ordinal: number }
  | { readonly action: "delete" | "claims" | "mend"; readonly pod: Pod };

export interface Plan {
  readonly actions: readonly ReplicaAction[];
  /** Nothing more is done in this sync. */
  readonly isBlocked: boolean;
}

export function sortOut(set: StatefulSet, pods: readonly Pod[]): StatefulPods {
  const { replicas: count = 1 } = set.spec;
  const replicas: (Pod | undefined)[] = new Array<undefined>(count).fill(undefined);
  const condemned: Pod[] = [];
  for (const pod of pods) {
    if (isInRange(set, pod)) replicas[ordinalOf(pod) - startOrdinal(set)] = pod;
    else condemned.push(pod);
  }
  condemned.sort((a, b) => ordinalOf(b) - ordinalOf(a));
  return { replicas, condemned };
}

export function isMonotonic({ spec }: StatefulSet): boolean {
  return spec.podManagementPolicy !== "Parallel";
}

/** Of the replicas from index `from` to before `to`: what each needs, up to the first that blocks. */
export function replicaPlan(
  set: StatefulSet,
  { replicas }: StatefulPods,
  from: number,
  to: number,
  nowUs: Micros,
): Plan {
  const actions: ReplicaAction[] = [];
  const blocks = isMonotonic(set);
  for (let i = from; i < to; i++) {
    const pod = replicas[i];
    if (pod === undefined) {
      actions.push({ action: "create", ordinal: startOrdinal(set) + i });
      if (blocks) return { actions, isBlocked: true };
      continue;
    }
    if (isPodTerminal(pod)) {
      // Whatever it ended with: the next sync makes a new one, once this one is gone.
      if (!isTerminating(pod)) actions.push({ action: "delete", pod });
      if (blocks) return { actions, isBlocked: true };
      continue;
    }
    const isPending = pod.status.phase === "Pending";
    if (isPending) actions.push({ action: "claims", pod });
    if (blocks && isUnavailable(set, pod, nowUs)) return { actions, isBlocked: true };
    if (!isPending) actions.push({ action: "mend", pod });
  }
  return { actions, isBlocked: false };
}

/** Of the condemned pods from index `from` to before `to`: which are deleted now. */
export function condemnedPlan(
  set: StatefulSet,
  pods: StatefulPods,
  from: number,
  to: number,
  nowUs: Micros,
): { readonly deleted: readonly Pod[]; readonly isBlocked: boolean } {
  const batch = pods.condemned.slice(from, to);
  if (!isMonotonic(set))
    return { deleted: batch.filter((pod) => !isTerminating(pod)), isBlocked: false };
  const pod = batch[0];
  if (pod === undefined) return { deleted: [], isBlocked: false };
  const isWaiting =
    isTerminating(pod) ||
    (!isRunningAndAvailable(set, pod, nowUs) && pod !== firstUnavailable(set, pods, nowUs));
  return { deleted: isWaiting ? [] : [pod], isBlocked: true };
}

/** The pod that the rolling update deletes now, given its revision's name; undefined: none. */
export function podToUpdate(
  set: StatefulSet,
  { replicas }: StatefulPods,
  updateRevision: string,
  nowUs: Micros,
): Pod | undefined {
  const { updateStrategy } = set.spec;
  if (updateStrategy?.type === "OnDelete") return undefined;
  const partition = updateStrategy?.rollingUpdate?.partition ?? 0;
  for (let i = replicas.length - 1; i >= partition; i--) {
    const pod = replicas[i];
    if (pod === undefined) return undefined; // it was made in this sync
    if (podRevision(pod) !== updateRevision && !isTerminating(pod)) return pod;
    if (isUnavailable(set, pod, nowUs)) return undefined;
  }
  return undefined;
}

/** Whether a new pod of this ordinal is of the current revision and not yet of the update's. */
export function isCurrentWanted(set: StatefulSet, ordinal: number): boolean {
  const { type, rollingUpdate } = set.spec.updateStrategy ?? {};
  const index = ordinal - startOrdinal(set);
  if (rollingUpdate !== undefined) return index < (rollingUpdate.partition ?? 0);
  return type === "RollingUpdate" && index < (set.status.currentReplicas ?? 0);
}

/** isRunningAndReady. */
export function isRunningAndReady(pod: Pod): boolean {
  return pod.status.phase === "Running" && isPodReady(pod);
}

function isRunningAndAvailable({ spec }: StatefulSet, pod: Pod, nowUs: Micros): boolean {
  return isRunningAndReady(pod) && isPodAvailable(pod, spec.minReadySeconds ?? 0, nowUs);
}

function isUnavailable(set: StatefulSet, pod: Pod, nowUs: Micros): boolean {
  return isTerminating(pod) || !isRunningAndAvailable(set, pod, nowUs);
}

/** Of the replicas first, then of the condemned, by ordinal. */
function firstUnavailable(
  set: StatefulSet,
  { replicas, condemned }: StatefulPods,
  nowUs: Micros,
): Pod | undefined {
  for (const pod of replicas) {
    if (pod === undefined || isUnavailable(set, pod, nowUs)) return pod;
  }
  return condemned.findLast((pod) => isUnavailable(set, pod, nowUs));
}
