/**
 * How many pods a Job gains or loses in one sync: deletions first, creations only when there are
 * none, and those only after the pause that failures impose.
 *
 * Source: manageJob in pkg/controller/job/job_controller.go of v1.30.
 */
import type { Job, Pod } from "../api/index.ts";
import type { Micros } from "../kernel/index.ts";
import { type BackoffRecord, remainingBackoffUs } from "./job-backoff.ts";
import { isIndexed, isSuspended, type PodCounts, wantedActive } from "./job-count.ts";
import { completionIndex, firstPendingIndexes } from "./job-indexes.ts";
import { podsForRemoval } from "./job-pods.ts";
import { isTerminating } from "./pod-state.ts";

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
  const replacesFailedOnly = job.spec.podReplacementPolicy === "Failed";
  const replaced = replacesFailedOnly ? terminating : 0;
  const createCount = Math.min(wanted - active.length - replaced, PODS_PER_SYNC);
  if (createCount <= 0) return NOTHING;
  const pauseUs = remainingBackoffUs(backoff, nowUs);
  if (pauseUs > 0) return { ...NOTHING, pauseUs };
  if (!isIndexed(job)) return { ...NOTHING, createCount };
  const { completions = 0 } = job.spec;
  const taken = new Set(counts.succeededIndexes);
  for (const pod of active) taken.add(completionIndex(pod, completions));
  if (replacesFailedOnly)
    for (const pod of pods) if (isTerminating(pod)) taken.add(completionIndex(pod, completions));
  const indexes = firstPendingIndexes(taken, createCount, completions);
  return { ...NOTHING, createCount: indexes.length, indexes };
}
