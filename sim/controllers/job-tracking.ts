/**
 * The status of a Job in the three steps that make its counts exact: list ended pods as uncounted,
 * take their finalizers off, then move them from the lists to the counters.
 *
 * Source: trackJobStatusAndRemoveFinalizers in pkg/controller/job/job_controller.go of v1.30.
 */
import { findCondition, type Job, type Pod, timestamp, withFields } from "../api/index.ts";
import type { Micros } from "../kernel/index.ts";
import {
  hasFinalizer,
  isIndexed,
  isPodFailed,
  isSuspended,
  type JobCondition,
  newCondition,
  type PodCounts,
  union,
} from "./job-count.ts";
import { judgeFailure } from "./job-failure-policy.ts";
import { completionIndex, formatIndexes } from "./job-indexes.ts";

/** MaxUncountedPods: ended pods taken into one sync. */
const UNCOUNTED_MAX = 500;

type JobStatus = Job["status"];

/** What tracking finds; `status` lists the newly ended pods. */
export interface Tracked {
  readonly status: JobStatus;
  readonly isDirty: boolean;
  /** Pods whose finalizer comes off. */
  readonly untracked: Pod[];
  /** Not all ended pods fitted. */
  readonly hasMore: boolean;
}

export interface TrackingInput {
  readonly job: Job;
  readonly pods: readonly Pod[];
  readonly counts: PodCounts;
  readonly finished: JobCondition | undefined;
  /** The pod's finalizer was taken off by us; the informer is only behind. */
  readonly isRemoved: (uid: string) => boolean;
  readonly tracked: ReadonlySet<string>;
}

/** Nothing is to be counted as long as all of the Job's pods are active. */
export function isQuiet({ metadata, status }: Job, finished: JobCondition | undefined): boolean {
  return (
    finished === undefined && metadata.deletionTimestamp === undefined && !hasUncounted(status)
  );
}

function hasUncounted({ uncountedTerminatedPods: lists }: JobStatus): boolean {
  return (lists?.succeeded?.length ?? 0) > 0 || (lists?.failed?.length ?? 0) > 0;
}

/** Uids of the pods that still have the finalizer. */
export function trackedUids(
  pods: readonly Pod[],
  isRemoved: (uid: string) => boolean,
): Set<string> {
  const tracked = new Set<string>();
  for (const pod of pods) {
    const { uid } = pod.metadata;
    if (hasFinalizer(pod) && !isRemoved(uid)) tracked.add(uid);
  }
  return tracked;
}

/** Lists the ended pods in the status, up to the limit. */
export function track(input: TrackingInput): Tracked {
  const { job, counts, finished } = input;
  const settled = settleUncounted(job.status, input.tracked);
  let isDirty = settled !== job.status;
  const { succeeded = [], failed = [] } = settled.uncountedTerminatedPods ?? {};
  const ended = inOrder(job, endedPods(input));
  if (ended.length === 0 && !isIndexed(job)) {
    const status = { ...settled, uncountedTerminatedPods: listsOf({ succeeded, failed }) };
    return { status, isDirty, untracked: ended, hasMore: false };
  }
  const lists = { succeeded: [...succeeded], failed: [...failed] };
  const wasFailed = new Set(failed);
  const wasSucceeded = new Set(succeeded);
  const oldIndexes = new Set(counts.oldIndexes);
  const newIndexes: number[] = [];
  const untracked: Pod[] = [];
  let hasMore = false;
  // A pod that still ran when its Job failed has failed too.
  const failsAll = finished !== undefined && finished.type !== "SuccessCriteriaMet";
  for (const pod of ended) {
    const { uid } = pod.metadata;
    untracked.push(pod);
    const index = isIndexed(job) ? completionIndex(pod, job.spec.completions ?? 0) : -1;
    if (wasFailed.has(uid)) continue;
    if (pod.status.phase === "Succeeded") {
      if (!isIndexed(job)) {
        if (!wasSucceeded.has(uid)) lists.succeeded.push(uid);
      } else if (index >= 0 && !oldIndexes.has(index)) newIndexes.push(index);
    } else if ((failsAll || isPodFailed(job, pod)) && (!isIndexed(job) || index >= 0)) {
      if (judgeFailure(job, pod).counts) lists.failed.push(uid);
    }
    if (newIndexes.length + lists.succeeded.length + lists.failed.length >= UNCOUNTED_MAX) {
      hasMore = true;
      break;
    }
  }
  isDirty ||=
    newIndexes.length > 0 ||
    lists.succeeded.length > succeeded.length ||
    lists.failed.length > failed.length;
  const status: JobStatus = { ...settled, uncountedTerminatedPods: listsOf(lists) };
  if (isIndexed(job)) isDirty = noteIndexes(status, counts, newIndexes) || isDirty;
  return { status, isDirty, untracked, hasMore };
}

/** Pods whose finalizer may come off (canRemoveFinalizer). */
function endedPods({ job, pods, counts, finished, isRemoved }: TrackingInput): Pod[] {
  const isOver = finished !== undefined || job.metadata.deletionTimestamp !== undefined;
  const { completions = 0 } = job.spec;
  return pods.filter((pod) => {
    if (!hasFinalizer(pod) || isRemoved(pod.metadata.uid)) return false;
    if (isOver || pod.status.phase === "Succeeded") return true;
    if (!isPodFailed(job, pod)) return false;
    if (counts.toReplace.size === 0) return true;
    // It waits for the pod that takes its count of failures over.
    const waiting = counts.toReplace.get(completionIndex(pod, completions));
    return waiting?.metadata.uid !== pod.metadata.uid;
  });
}

/** Writes the indexes into the status; true when that changes something. */
function noteIndexes(status: JobStatus, counts: PodCounts, newIndexes: readonly number[]): boolean {
  const { completedIndexes = "", failedIndexes } = status;
  const indexes = union(counts.succeededIndexes, newIndexes);
  status.succeeded = indexes.length;
  status.completedIndexes = formatIndexes(indexes);
  if (counts.failedIndexes === undefined) delete status.failedIndexes;
  else status.failedIndexes = formatIndexes(counts.failedIndexes);
  return status.completedIndexes !== completedIndexes || status.failedIndexes !== failedIndexes;
}

/** Sorted by completion index, so that indexes complete in ascending order, then by uid. */
function inOrder(job: Job, pods: Pod[]): Pod[] {
  const completions = isIndexed(job) ? (job.spec.completions ?? 0) : 0;
  const indexOf = (pod: Pod): number => completionIndex(pod, completions);
  if (pods.length < 2) return pods;
  return pods.sort((a, b) => indexOf(a) - indexOf(b) || (a.metadata.uid < b.metadata.uid ? -1 : 1));
}

/**
 * Moves pods without a finalizer from the lists of uncounted pods to the counters; the status itself
 * when there is none (cleanUncountedPodsWithoutFinalizers).
 */
export function settleUncounted(status: JobStatus, tracked: ReadonlySet<string>): JobStatus {
  if (!hasUncounted(status)) return status;
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
  const left = {
    succeeded: succeeded.filter((uid) => tracked.has(uid)),
    failed: failed.filter((uid) => tracked.has(uid)),
  };
  const newSucceeded = succeeded.length - left.succeeded.length;
  const newFailed = failed.length - left.failed.length;
  if (newSucceeded === 0 && newFailed === 0) return status;
  return withFields(status, {
    succeeded: (status.succeeded ?? 0) + newSucceeded,
    failed: (status.failed ?? 0) + newFailed,
    uncountedTerminatedPods: listsOf(left),
  });
}

function listsOf({ succeeded, failed }: { succeeded: string[]; failed: string[] }): {
  succeeded?: string[];
  failed?: string[];
} {
  return {
    ...(succeeded.length === 0 ? {} : { succeeded }),
    ...(failed.length === 0 ? {} : { failed }),
  };
}

/** The status of a finished Job; undefined while pods are uncounted (enactJobFinished). */
export function finishedStatus(status: JobStatus, condition: JobCondition): JobStatus | undefined {
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
  if (succeeded.length + failed.length > 0) return undefined;
  const conditions = ensureCondition(status.conditions ?? [], condition);
  const finished: JobStatus = { ...status, conditions };
  if (condition.type === "Complete" && condition.lastTransitionTime !== undefined)
    finished.completionTime = condition.lastTransitionTime;
  return finished;
}

/** The status with what suspending and resuming changes; itself when nothing does. */
export function suspendedStatus(job: Job, status: JobStatus, nowUs: Micros): JobStatus {
  const old = status.conditions ?? [];
  const isNow = isSuspended(job);
  const condition = isNow
    ? newCondition("Suspended", "JobSuspended", "Job suspended", nowUs)
    : newCondition("Suspended", "JobResumed", "Job resumed", nowUs, "False");
  const conditions = ensureCondition(old, condition);
  if (conditions === old) return status;
  // A Job that is resumed begins anew, since its deadline counts the time that it is active.
  return isNow ? { ...status, conditions } : { ...status, conditions, startTime: timestamp(nowUs) };
}

/** A condition that is not there is False already (ensureJobConditionStatus). */
function ensureCondition(conditions: JobCondition[], condition: JobCondition): JobCondition[] {
  const known = findCondition(conditions, condition.type);
  if (known === undefined)
    return condition.status === "False" ? conditions : [...conditions, condition];
  const isSame =
    known.status === condition.status &&
    known.reason === condition.reason &&
    known.message === condition.message;
  return isSame ? conditions : conditions.map((each) => (each === known ? condition : each));
}

/**
 * Appends the interim condition of a Job that is to end, `FailureTarget` or `SuccessCriteriaMet`;
 * the status itself when it has it already, or the condition is final.
 */
export function interimStatus(status: JobStatus, condition: JobCondition): JobStatus {
  const { type } = condition;
  if (type !== "FailureTarget" && type !== "SuccessCriteriaMet") return status;
  const { conditions = [] } = status;
  if (findCondition(conditions, type)?.status === "True") return status;
  return { ...status, conditions: [...conditions, condition] };
}
