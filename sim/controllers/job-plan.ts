/**
 * How many pods a Job gains or loses in one sync: deletions first, creations only when there are
 * none, and those only after the pause that failures impose.
 *
 * Source: manageJob in pkg/controller/job/job_controller.go of v1.30.
 */
import type { Job, Pod } from "../api/index.ts";
import type { Micros } from "../kernel/index.ts";
import { type BackoffRecord, remainingBackoffUs } from "./job-backoff.ts";
import {
  isIndexed,
  isSuspended,
  type PodCounts,
  replacesFailedOnly,
  wantedActive,
} from "./job-count.ts";
import { indexPauseUs } from "./job-index-failures.ts";
import { completionIndex, firstPendingIndexes } from "./job-indexes.ts";
import { podsForRemoval } from "./job-pods.ts";
import { isPodTerminal, isTerminating } from "./pod-state.ts";

/** MaxPodCreateDeletePerSync. */
const PODS_PER_SYNC = 500;

export interface JobPlan {
  readonly leaving: readonly Pod[];
  /** Pods to make; of an Indexed Job, with these indexes. */
  readonly createCount: number;
  readonly indexes: readonly number[];
  /** Pods are missing, but must not be made before this time has passed; else 0. */
  readonly pauseUs: Micros;
}

const NOTHING: JobPlan = { leaving: [], createCount: 0, indexes: [], pauseUs: 0 };

/** `pods` are all of the Job's pods, `counts` what they amount to. */
export function planJobPods(
  job: Job,
  pods: readonly Pod[],
  counts: PodCounts,
  backoff: BackoffRecord,
  nowUs: Micros,
): JobPlan {
  const { active, succeeded, terminating } = counts;
  const wanted = isSuspended(job) ? 0 : wantedActive(job, active.length, succeeded);
  const surplus = Math.max(0, active.length - wanted);
  const leaving = podsForRemoval(job, active, surplus).slice(0, PODS_PER_SYNC);
  if (leaving.length > 0 || isSuspended(job)) return { ...NOTHING, leaving };
  const replaced = replacesFailedOnly(job) ? terminating : 0;
  const createCount = Math.min(wanted - active.length - replaced, PODS_PER_SYNC);
  if (createCount <= 0) return NOTHING;
  // With backoffLimitPerIndex each index waits for itself.
  const isPerIndex = counts.failedIndexes !== undefined;
  const pauseUs = isPerIndex ? 0 : remainingBackoffUs(backoff, nowUs);
  if (pauseUs > 0) return { ...NOTHING, pauseUs };
  if (!isIndexed(job)) return { ...NOTHING, createCount };
  const indexes = firstPendingIndexes(
    takenIndexes(job, pods, counts),
    createCount,
    job.spec.completions ?? 0,
  );
  return isPerIndex
    ? planPerIndex(indexes, counts, nowUs)
    : { ...NOTHING, createCount: indexes.length, indexes };
}

/** Indexes that need no pod: done, failed for good, or with a pod. */
function takenIndexes(job: Job, pods: readonly Pod[], counts: PodCounts): Set<number> {
  const { completions = 0 } = job.spec;
  const taken = new Set([...counts.succeededIndexes, ...(counts.failedIndexes ?? [])]);
  for (const pod of counts.active) taken.add(completionIndex(pod, completions));
  if (!replacesFailedOnly(job)) return taken;
  for (const pod of pods)
    if (isTerminating(pod) && !isPodTerminal(pod)) taken.add(completionIndex(pod, completions));
  return taken;
}

/** The indexes whose pause is over; none: the shortest pause (getPodCreationInfoForIndependentIndexes). */
function planPerIndex(
  indexes: readonly number[],
  { toReplace }: PodCounts,
  nowUs: Micros,
): JobPlan {
  const pauses = indexes.map((index) => indexPauseUs(toReplace.get(index), nowUs));
  const due = indexes.filter((_index, i) => pauses[i] === 0);
  if (due.length > 0) return { ...NOTHING, createCount: due.length, indexes: due };
  return { ...NOTHING, pauseUs: pauses.length === 0 ? 0 : Math.min(...pauses) };
}
