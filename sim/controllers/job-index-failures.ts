/**
 * backoffLimitPerIndex: failures of each index of an Indexed Job, counted in an annotation that a
 * failed pod hands on to the one that replaces it. The failed pod is kept until that one is there.
 *
 * Source: pkg/controller/job/indexed_job_utils.go and backoff_utils.go of v1.30 (KEP-3850).
 */
import type { Job, Pod } from "../api/index.ts";
import type { Micros } from "../kernel/index.ts";
import { finishedUs, remainingPauseUs } from "./job-backoff.ts";
import { judgeFailure } from "./job-failure-policy.ts";
import { completionIndex } from "./job-indexes.ts";

const FAILURES = "batch.kubernetes.io/job-index-failure-count";
const IGNORED_FAILURES = "batch.kubernetes.io/job-index-ignored-failure-count";

/** Failures of the pod's index before this pod, without and with those that a policy ignores. */
const countedFailures = (pod: Pod): number => numberOf(pod, FAILURES);
const allFailures = (pod: Pod): number => countedFailures(pod) + numberOf(pod, IGNORED_FAILURES);

function numberOf({ metadata }: Pod, annotation: string): number {
  const text = metadata.annotations?.[annotation] ?? "";
  return /^\d+$/.test(text) ? Number(text) : 0;
}

/** Whether the failure of this pod is the last that its index may have. */
export function isIndexFailed(job: Job, failed: Pod): boolean {
  const { counts, failsIndex } = judgeFailure(job, failed);
  if (failsIndex) return true;
  return counts && countedFailures(failed) >= (job.spec.backoffLimitPerIndex ?? 0);
}

/**
 * The failed pod that each index waits to replace. `failed` are pods with a finalizer; of several
 * for one index the one with the most failures, then the last, is the one.
 */
export function podsToReplace(
  failed: readonly Pod[],
  completions: number,
  isSettled: (index: number) => boolean,
): Map<number, Pod> {
  const byIndex = new Map<number, Pod>();
  for (const pod of failed) {
    const index = completionIndex(pod, completions);
    if (index < 0 || isSettled(index)) continue;
    const known = byIndex.get(index);
    if (known === undefined || compareFailures(known, pod) < 0) byIndex.set(index, pod);
  }
  return byIndex;
}

function compareFailures(a: Pod, b: Pod): number {
  return (
    allFailures(a) - allFailures(b) ||
    finishedUs(a) - finishedUs(b) ||
    (a.metadata.name < b.metadata.name ? -1 : 1)
  );
}

/** How long an index must still wait for its next pod; 0: not at all. */
export function indexPauseUs(replaced: Pod | undefined, nowUs: Micros): Micros {
  if (replaced === undefined) return 0;
  return remainingPauseUs(allFailures(replaced) + 1, finishedUs(replaced), nowUs);
}

/** The annotations by which the next pod of an index knows of the failures before it. */
export function failureAnnotations(job: Job, replaced: Pod | undefined): Record<string, string> {
  if (replaced === undefined) return { [FAILURES]: "0" };
  const { counts } = judgeFailure(job, replaced);
  const ignored = numberOf(replaced, IGNORED_FAILURES) + (counts ? 0 : 1);
  return {
    [FAILURES]: String(countedFailures(replaced) + (counts ? 1 : 0)),
    ...(ignored === 0 ? {} : { [IGNORED_FAILURES]: String(ignored) }),
  };
}
