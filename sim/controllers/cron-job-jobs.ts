/**
 * The Jobs of a CronJob: how the next one is made, which old ones go, and which are listed as active.
 * Source: getJobFromTemplate2 in pkg/controller/cronjob/utils.go and cleanupFinishedJobs in
 * cronjob_controllerv2.go of v1.30.
 */
import {
  type CronJob,
  controllerRef,
  EPOCH_MS,
  findTimeZone,
  type Job,
  type Manifest,
  UTC,
} from "../api/index.ts";
import type { Micros } from "../kernel/index.ts";
import { momentUs } from "./job-count.ts";

const SCHEDULED = "batch.kubernetes.io/cronjob-scheduled-timestamp";

export type ActiveJob = NonNullable<CronJob["status"]["active"]>[number];

/** `name-<minutes since 1970>`: a second Job for one time would have the same name. */
export function jobName({ metadata }: CronJob, scheduledUs: Micros): string {
  return `${metadata.name}-${Math.floor((EPOCH_MS + scheduledUs / 1000) / 60_000)}`;
}

export function jobOf(cronJob: CronJob, scheduledUs: Micros): Manifest {
  const { metadata, spec } = cronJob.spec.jobTemplate;
  const zone = findTimeZone(cronJob.spec.timeZone ?? "") ?? UTC;
  const seconds = EPOCH_MS / 1000 + Math.floor(scheduledUs / 1_000_000);
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name: jobName(cronJob, scheduledUs),
      namespace: cronJob.metadata.namespace,
      labels: metadata?.labels ?? {},
      annotations: {
        ...metadata?.annotations,
        [SCHEDULED]: rfc3339(seconds, zone.offsetSeconds(seconds)),
      },
      ownerReferences: [controllerRef(cronJob)],
    },
    spec,
  };
}

/** `2024-01-01T09:00:00+09:00` */
function rfc3339(unixSeconds: number, offsetSeconds: number): string {
  const text = new Date((unixSeconds + offsetSeconds) * 1000).toISOString().slice(0, 19);
  if (offsetSeconds === 0) return `${text}Z`;
  const minutes = Math.abs(offsetSeconds) / 60;
  const two = (value: number): string => String(value).padStart(2, "0");
  const sign = offsetSeconds < 0 ? "-" : "+";
  return `${text}${sign}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** `Complete` or `Failed`; "" while the Job runs. */
export function finishedType({ status }: Job): string {
  const end = status.conditions?.find(
    ({ type, status: value }) => (type === "Complete" || type === "Failed") && value === "True",
  );
  return end?.type ?? "";
}

/** Finished Jobs beyond the limits of the history, the oldest of each kind first. */
export function outdatedJobs({ spec }: CronJob, jobs: readonly Job[]): Job[] {
  const beyond = (type: string, limit: number | undefined): Job[] => {
    const ended = jobs.filter((job) => finishedType(job) === type).sort(compareStart);
    return limit === undefined ? [] : ended.slice(0, Math.max(0, ended.length - limit));
  };
  return [
    ...beyond("Complete", spec.successfulJobsHistoryLimit),
    ...beyond("Failed", spec.failedJobsHistoryLimit),
  ];
}

/** By start, those that never started last, then by name (byJobStartTime). */
function compareStart(a: Job, b: Job): number {
  const aUs = momentUs(a.status.startTime) ?? Number.MAX_SAFE_INTEGER;
  const bUs = momentUs(b.status.startTime) ?? Number.MAX_SAFE_INTEGER;
  return aUs - bUs || (a.metadata.name < b.metadata.name ? -1 : 1);
}

export function isListed({ status }: CronJob, uid: string): boolean {
  return (status.active ?? []).some((each) => each.uid === uid);
}

/** The CronJob without this Job in its list of active ones; itself when it is not there. */
export function withoutActive(cronJob: CronJob, uid: string): CronJob {
  if (!isListed(cronJob, uid)) return cronJob;
  const active = (cronJob.status.active ?? []).filter((each) => each.uid !== uid);
  return { ...cronJob, status: { ...cronJob.status, active } };
}

/** The CronJob with one more active Job, of this scheduled time. */
export function withActive(cronJob: CronJob, job: Job, lastScheduleTime: string): CronJob {
  const { name, namespace, uid, resourceVersion } = job.metadata;
  const reference: ActiveJob = {
    kind: "Job",
    namespace,
    name,
    uid,
    apiVersion: "batch/v1",
    resourceVersion,
  };
  const active = [...(cronJob.status.active ?? []), reference];
  return { ...cronJob, status: { ...cronJob.status, active, lastScheduleTime } };
}
