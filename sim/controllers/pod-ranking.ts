/**
 * Which pods go first when there are too many.
 *
 * Source: ActivePods and ActivePodsWithRanks in pkg/controller/controller_utils.go, and
 * getPodsToDelete in pkg/controller/replicaset/replica_set.go of v1.30.
 */
import { type Pod, timestampUs } from "../api/index.ts";
import type { Micros } from "../kernel/index.ts";
import { isPodActive, isPodReady, readySinceUs } from "./pod-state.ts";

const DELETION_COST = "controller.kubernetes.io/pod-deletion-cost";
const PHASES: readonly string[] = ["Pending", "Unknown", "Running"];

/**
 * The `count` pods that a ReplicaSet gives up first. `related` are the pods of all ReplicaSets of
 * the same owner: a node that holds many of them loses one before a node that holds few.
 */
export function podsToDelete(
  pods: readonly Pod[],
  related: readonly Pod[],
  count: number,
  nowUs: Micros,
): Pod[] {
  if (count >= pods.length) return [...pods];
  const onNode = new Map<string, number>();
  for (const pod of related) {
    if (!isPodActive(pod)) continue;
    const node = nodeOf(pod);
    onNode.set(node, (onNode.get(node) ?? 0) + 1);
  }
  const rankOf = (pod: Pod): number => onNode.get(nodeOf(pod)) ?? 0;
  return [...pods].sort((a, b) => compareRanked(a, b, rankOf(a), rankOf(b), nowUs)).slice(0, count);
}

/** Total order of a ReplicaSet's pods, first to be deleted first. Ranks: pods on the same node. */
export function compareRanked(a: Pod, b: Pod, rankA: number, rankB: number, nowUs: Micros): number {
  return (
    compareProgress(a, b) ||
    deletionCost(a) - deletionCost(b) ||
    rankB - rankA ||
    compareAges(readySinceUs(a), readySinceUs(b), a, b, nowUs) ||
    maxRestarts(b) - maxRestarts(a) ||
    compareAges(createdUs(a), createdUs(b), a, b, nowUs) ||
    byUid(a, b)
  );
}

/** Total order of a Job's active pods, first to be deleted first. */
export function compareActive(a: Pod, b: Pod): number {
  return (
    compareProgress(a, b) ||
    (readySinceUs(b) ?? 0) - (readySinceUs(a) ?? 0) ||
    maxRestarts(b) - maxRestarts(a) ||
    createdUs(b) - createdUs(a) ||
    byUid(a, b)
  );
}

/** Unassigned before assigned, pending before unknown before running, not ready before ready. */
function compareProgress(a: Pod, b: Pod): number {
  return (
    Number(nodeOf(a) !== "") - Number(nodeOf(b) !== "") ||
    PHASES.indexOf(a.status.phase ?? "") - PHASES.indexOf(b.status.phase ?? "") ||
    Number(isPodReady(a)) - Number(isPodReady(b))
  );
}

/** The younger first; ages within one power of two (in nanoseconds) are alike, and the uid decides. */
function compareAges(
  a: Micros | undefined,
  b: Micros | undefined,
  podA: Pod,
  podB: Pod,
  nowUs: Micros,
): number {
  if (a === undefined || b === undefined || a === b) return 0;
  return ageBucket(nowUs - a) - ageBucket(nowUs - b) || byUid(podA, podB);
}

/** The whole part of log2 of the age in nanoseconds; -1 for no age. */
export function ageBucket(ageUs: Micros): number {
  if (ageUs <= 0) return -1;
  let bucket = 0;
  for (let ns = ageUs * 1_000; ns >= 2; ns /= 2) bucket++;
  return bucket;
}

/** The annotation's whole number; 0 without one, or when it is none. */
function deletionCost({ metadata }: Pod): number {
  const text = metadata.annotations?.[DELETION_COST] ?? "0";
  return /^(0|-?[1-9]\d*)$/.test(text) ? Number(text) : 0;
}

function maxRestarts({ status }: Pod): number {
  let most = 0;
  for (const { restartCount } of status.containerStatuses ?? []) {
    if (restartCount > most) most = restartCount;
  }
  return most;
}

const nodeOf = ({ spec }: Pod): string => spec.nodeName ?? "";

const createdUs = ({ metadata }: Pod): Micros => timestampUs(metadata.creationTimestamp);

const byUid = (a: Pod, b: Pod): number =>
  a.metadata.uid < b.metadata.uid ? -1 : a.metadata.uid > b.metadata.uid ? 1 : 0;
