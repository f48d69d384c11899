/**
 * The pause before a Job's failed pods are replaced: 10 s after the first failure since the last
 * success, doubling to ten minutes.
 *
 * Source: pkg/controller/job/backoff_utils.go of v1.30; DefaultJobPodFailureBackOff and
 * MaxJobPodFailureBackOff in job_controller.go (10 s and 10 min).
 */
import { findCondition, type Pod, timestampUs } from "../api/index.ts";
import type { Micros } from "../kernel/index.ts";

const BASE_US = 10_000_000;
const MAX_US = 600_000_000;

/** What is remembered of a Job between syncs. */
export interface BackoffRecord {
  readonly failuresAfterLastSuccess: number;
  /** -1: none. */
  readonly lastFailureUs: Micros;
}

export const NO_FAILURES: BackoffRecord = { failuresAfterLastSuccess: 0, lastFailureUs: -1 };

/** The record after these pods have ended, which were not counted before. */
export function nextBackoff(
  record: BackoffRecord,
  succeeded: readonly Pod[],
  failed: readonly Pod[],
): BackoffRecord {
  if (succeeded.length === 0 && failed.length === 0) return record;
  let lastSuccessUs = -1;
  for (const pod of succeeded) lastSuccessUs = Math.max(lastSuccessUs, finishedUs(pod));
  let count = succeeded.length === 0 ? record.failuresAfterLastSuccess : 0;
  let lastFailureUs = -1;
  for (const pod of failed) {
    const endUs = finishedUs(pod);
    if (endUs < lastSuccessUs) continue;
    count++;
    lastFailureUs = Math.max(lastFailureUs, endUs);
  }
  return count === 0 ? NO_FAILURES : { failuresAfterLastSuccess: count, lastFailureUs };
}

/** How long the Job still has to wait before it makes pods; 0: not at all. */
export function remainingBackoffUs(record: BackoffRecord, nowUs: Micros): Micros {
  return remainingPauseUs(record.failuresAfterLastSuccess, record.lastFailureUs, nowUs);
}

/** The rest of the pause after so many failures in a row (getRemainingTimeForFailuresCount). */
export function remainingPauseUs(failures: number, lastFailureUs: Micros, nowUs: Micros): Micros {
  if (failures === 0) return 0;
  let pauseUs = BASE_US;
  for (let i = 1; i < failures && pauseUs < MAX_US; i++) pauseUs *= 2;
  return Math.max(0, Math.min(pauseUs, MAX_US) - (nowUs - lastFailureUs));
}

/** When the pod ended: its containers say so; else when it stopped being ready, or was deleted. */
export function finishedUs({ metadata, status }: Pod): Micros {
  let lastUs = -1;
  for (const { state } of status.containerStatuses ?? []) {
    const text = state?.terminated?.finishedAt;
    if (text === undefined) return withoutContainers({ metadata, status } as Pod);
    lastUs = Math.max(lastUs, timestampUs(text));
  }
  return lastUs >= 0 ? lastUs : withoutContainers({ metadata, status } as Pod);
}

function withoutContainers({ metadata, status }: Pod): Micros {
  const ready = findCondition(status.conditions, "Ready");
  if (ready?.status === "False" && ready.lastTransitionTime !== undefined)
    return timestampUs(ready.lastTransitionTime);
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, creationTimestamp } = metadata;
  if (deletionTimestamp === undefined) return timestampUs(creationTimestamp);
  return timestampUs(deletionTimestamp) - deletionGracePeriodSeconds * 1_000_000;
}
