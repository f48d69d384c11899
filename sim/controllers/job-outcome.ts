/**
 * How a Job ends: the condition that says why, if it must end now. `FailureTarget` and
 * `SuccessCriteriaMet` stand in the status before the finalizers of the last pods come off;
 * `Failed` and `Complete` after that.
 *
 * Source: syncJob in pkg/controller/job/job_controller.go of v1.30.
 */
import { findCondition, type Job, type Pod } from "../api/index.ts";
import type { Micros } from "../kernel/index.ts";
import {
  isIndexed,
  isPodFailed,
  isSuspended,
  type JobCondition,
  newCondition,
  type PodCounts,
} from "./job-count.ts";
import { failJobMessage } from "./job-failure-policy.ts";
import { metSuccessRule } from "./job-success-policy.ts";

export interface OutcomeInput {
  readonly job: Job;
  readonly pods: readonly Pod[];
  readonly counts: PodCounts;
  readonly startUs: Micros | undefined;
  readonly nowUs: Micros;
  /** successPolicy is heeded (feature gate JobSuccessPolicy). */
  readonly hasSuccessPolicy: boolean;
}

/** Undefined: the Job goes on, or has all its completions. */
export function jobOutcome(input: OutcomeInput): JobCondition | undefined {
  return knownOutcome(input) ?? failure(input) ?? indexFailure(input) ?? success(input);
}

/** What an earlier sync has decided, or a pod's failure by policy. */
function knownOutcome(input: OutcomeInput): JobCondition | undefined {
  const { job, pods, nowUs, hasSuccessPolicy } = input;
  const { conditions } = job.status;
  const met = findCondition(conditions, "SuccessCriteriaMet");
  if (hasSuccessPolicy && met?.status === "True") return met;
  const target = findCondition(conditions, "FailureTarget");
  if (target?.status === "True") return finalCondition(target, nowUs);
  const message = failJobMessage(job, pods, (pod) => isPodFailed(job, pod));
  if (message === "") return undefined;
  return newCondition("FailureTarget", "PodFailurePolicy", message, nowUs);
}

function failure({ job, pods, counts, startUs, nowUs }: OutcomeInput): JobCondition | undefined {
  const { backoffLimit = 6, activeDeadlineSeconds } = job.spec;
  if (counts.failed > backoffLimit || isPastRestarts(job, pods)) {
    const text = "Job has reached the specified backoff limit";
    return newCondition("Failed", "BackoffLimitExceeded", text, nowUs);
  }
  if (activeDeadlineSeconds === undefined || startUs === undefined || isSuspended(job))
    return undefined;
  if (nowUs - startUs < activeDeadlineSeconds * 1_000_000) return undefined;
  const text = "Job was active longer than specified deadline";
  return newCondition("Failed", "DeadlineExceeded", text, nowUs);
}

/** Containers that restart in place count against the limit too (pastBackoffLimitOnFailure). */
function isPastRestarts({ spec }: Job, pods: readonly Pod[]): boolean {
  if (spec.template.spec?.restartPolicy !== "OnFailure") return false;
  let restarts = 0;
  for (const { status } of pods) {
    if (status.phase !== "Running" && status.phase !== "Pending") continue;
    for (const { restartCount } of status.initContainerStatuses ?? []) restarts += restartCount;
    for (const { restartCount } of status.containerStatuses ?? []) restarts += restartCount;
  }
  const { backoffLimit = 6 } = spec;
  return backoffLimit === 0 ? restarts > 0 : restarts >= backoffLimit;
}

function indexFailure({ job, counts, nowUs }: OutcomeInput): JobCondition | undefined {
  const { failedIndexes, succeededIndexes } = counts;
  if (failedIndexes === undefined || failedIndexes.length === 0) return undefined;
  const { maxFailedIndexes = Number.POSITIVE_INFINITY, completions = 0 } = job.spec;
  if (failedIndexes.length > maxFailedIndexes) {
    const text = "Job has exceeded the specified maximal number of failed indexes";
    return newCondition("Failed", "MaxFailedIndexesExceeded", text, nowUs);
  }
  if (failedIndexes.length + succeededIndexes.length < completions) return undefined;
  return newCondition("Failed", "FailedIndexes", "Job has failed indexes", nowUs);
}

function success(input: OutcomeInput): JobCondition | undefined {
  const { job, counts, nowUs, hasSuccessPolicy } = input;
  if (!hasSuccessPolicy || !isIndexed(job)) return undefined;
  const message = metSuccessRule(job, counts.succeededIndexes);
  if (message === "") return undefined;
  return newCondition("SuccessCriteriaMet", "SuccessPolicy", message, nowUs);
}

/** The condition that follows an interim one; itself when it is final. */
export function finalCondition(condition: JobCondition, nowUs: Micros): JobCondition {
  const { type, reason = "", message = "" } = condition;
  if (type === "FailureTarget") return newCondition("Failed", reason, message, nowUs);
  if (type === "SuccessCriteriaMet") return newCondition("Complete", reason, message, nowUs);
  return condition;
}
