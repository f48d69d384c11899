/**
 * Counting a Job's pods: which have ended and are not in its status yet, and what the Job therefore
 * wants next. A pod carries a finalizer until it is counted, so that none is counted twice or lost.
 *
 * Source: pkg/controller/job/job_controller.go and tracking_utils.go of v1.30.
 */
import { type Job, type Pod, timestamp, timestampUs } from "../api/index.ts";
import type { Micros } from "../kernel/index.ts";
import { judgeFailure } from "./job-failure-policy.ts";
import { isIndexFailed, podsToReplace } from "./job-index-failures.ts";
import { completionIndex, parseIndexes } from "./job-indexes.ts";
import { isPodTerminal, isTerminating } from "./pod-state.ts";

export const TRACKING_FINALIZER = "batch.kubernetes.io/job-tracking";

type JobStatus = Job["status"];
export type JobCondition = NonNullable<JobStatus["conditions"]>[number];

export const isIndexed = ({ spec }: Job): boolean => spec.completionMode === "Indexed";

export const isSuspended = ({ spec }: Job): boolean => spec.suspend === true;

/** Complete or Failed. */
export function isFinished({ status }: Job): boolean {
  const { conditions } = status;
  if (conditions === undefined) return false;
  return conditions.some(
    ({ type, status: value }) => (type === "Complete" || type === "Failed") && value === "True",
  );
}

export function hasFinalizer({ metadata }: Pod): boolean {
  return metadata.finalizers?.includes(TRACKING_FINALIZER) === true;
}

/** Only pods that have failed by themselves are replaced (onlyReplaceFailedPods). */
export function replacesFailedOnly({ spec }: Job): boolean {
  return spec.podReplacementPolicy === "Failed" || spec.podFailurePolicy !== undefined;
}

/** A pod that is deleted before it succeeded has failed, unless only ended pods are replaced. */
export function isPodFailed(job: Job, pod: Pod): boolean {
  const { phase } = pod.status;
  if (phase === "Failed") return true;
  return phase !== "Succeeded" && isTerminating(pod) && !replacesFailedOnly(job);
}

/** A Job's pods at one moment. */
export interface PodCounts {
  readonly active: Pod[];
  readonly terminating: number;
  /** Ended, with a finalizer, and in no list of the status. */
  readonly newSucceeded: Pod[];
  readonly newFailed: Pod[];
  /** In all: counted before, listed as uncounted, and new. */
  readonly succeeded: number;
  readonly failed: number;
  /** Of an Indexed Job, ascending: from its status, and with the new ones. */
  readonly oldIndexes: readonly number[];
  readonly succeededIndexes: readonly number[];
  /** The same of those that failed for good; undefined without backoffLimitPerIndex. */
  readonly failedIndexes: readonly number[] | undefined;
  /** With backoffLimitPerIndex: the failed pods that wait to be replaced, by index. */
  readonly toReplace: ReadonlyMap<number, Pod>;
}

const NOTHING: ReadonlyMap<number, Pod> = new Map();

/** `isRemoved`: the pod's finalizer was taken off by us; the informer is only behind. */
export function countPods(
  job: Job,
  pods: readonly Pod[],
  isRemoved: (uid: string) => boolean,
): PodCounts {
  const { status, spec } = job;
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
  const completions = spec.completions ?? 0;
  const isNew = (pod: Pod, known: readonly string[]): boolean => {
    const { uid } = pod.metadata;
    if (!hasFinalizer(pod) || known.includes(uid) || isRemoved(uid)) return false;
    return !isIndexed(job) || completionIndex(pod, completions) >= 0;
  };
  const newSucceeded: Pod[] = [];
  const newFailed: Pod[] = [];
  const active: Pod[] = [];
  let terminating = 0;
  for (const pod of pods) {
    if (pod.status.phase === "Succeeded") {
      if (isNew(pod, succeeded)) newSucceeded.push(pod);
      continue;
    }
    if (isPodFailed(job, pod) && isNew(pod, failed)) newFailed.push(pod);
    if (isPodTerminal(pod)) continue;
    if (isTerminating(pod)) terminating++;
    else active.push(pod);
  }
  const oldIndexes = isIndexed(job) ? parseIndexes(status.completedIndexes ?? "", completions) : [];
  const fresh = newSucceeded.map((pod) => completionIndex(pod, completions));
  const succeededIndexes = isIndexed(job) ? union(oldIndexes, fresh) : [];
  const counted =
    spec.podFailurePolicy === undefined
      ? newFailed.length
      : newFailed.filter((pod) => judgeFailure(job, pod).counts).length;
  return {
    active,
    terminating,
    newSucceeded,
    newFailed,
    succeeded: isIndexed(job)
      ? succeededIndexes.length
      : (status.succeeded ?? 0) + newSucceeded.length + succeeded.length,
    failed: (status.failed ?? 0) + counted + failed.length,
    oldIndexes,
    succeededIndexes,
    ...countIndexFailures(job, { pods, active, succeededIndexes, isRemoved }),
  };
}

interface IndexedPods {
  readonly pods: readonly Pod[];
  readonly active: readonly Pod[];
  readonly succeededIndexes: readonly number[];
  readonly isRemoved: (uid: string) => boolean;
}

/** calculateFailedIndexes and getPodsWithDelayedDeletionPerIndex. */
function countIndexFailures(
  job: Job,
  { pods, active, succeededIndexes, isRemoved }: IndexedPods,
): Pick<PodCounts, "failedIndexes" | "toReplace"> {
  const { backoffLimitPerIndex, completions = 0 } = job.spec;
  if (backoffLimitPerIndex === undefined || !isIndexed(job))
    return { failedIndexes: undefined, toReplace: NOTHING };
  const failed = pods.filter((pod) => hasFinalizer(pod) && isPodFailed(job, pod));
  const fresh = failed
    .filter((pod) => isIndexFailed(job, pod))
    .map((pod) => completionIndex(pod, completions))
    .filter((index) => index >= 0);
  const failedIndexes = union(parseIndexes(job.status.failedIndexes ?? "", completions), fresh);
  const settled = new Set([...succeededIndexes, ...failedIndexes]);
  // The count of failures lives on in the pod that replaces the failed one.
  for (const pod of active) settled.add(completionIndex(pod, completions));
  const kept = failed.filter(({ metadata }) => !isRemoved(metadata.uid));
  return {
    failedIndexes,
    toReplace: podsToReplace(kept, completions, (index) => settled.has(index)),
  };
}

export function union(a: readonly number[], b: readonly number[]): number[] {
  return [...new Set([...a, ...b])].sort((x, y) => x - y);
}

/** How many pods should be active now (the first half of manageJob). */
export function wantedActive({ spec }: Job, active: number, succeeded: number): number {
  const { completions, parallelism = 1 } = spec;
  // Without completions any success ends the Job: what runs may run on, nothing new is started.
  if (completions === undefined) return succeeded > 0 ? active : parallelism;
  return Math.max(0, Math.min(completions - succeeded, parallelism));
}

/** Whether the Job has succeeded, with `active` pods left. */
export function isDone({ spec }: Job, active: number, succeeded: number): boolean {
  if (active > 0) return false;
  return spec.completions === undefined ? succeeded > 0 : succeeded >= spec.completions;
}

export function newCondition(
  type: string,
  reason: string,
  message: string,
  nowUs: Micros,
  status = "True",
): JobCondition {
  const now = timestamp(nowUs);
  const said = reason === "" ? {} : { reason, message };
  return { type, status, lastProbeTime: now, lastTransitionTime: now, ...said };
}

/** The moment of an API timestamp; undefined without one. */
export function momentUs(text: string | undefined): Micros | undefined {
  return text === undefined ? undefined : timestampUs(text);
}
