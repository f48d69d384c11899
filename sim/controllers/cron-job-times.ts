/**
 * When a CronJob's Jobs are due: the last time that was missed, and how long until the next.
 * Source: pkg/controller/cronjob/utils.go of v1.30.
 */
import {
  type CronJob,
  type CronSchedule,
  findTimeZone,
  type ParsedSchedule,
  parseCronSchedule,
  timestampUs,
} from "../api/index.ts";
import type { Micros } from "../kernel/index.ts";

/** nextScheduleDelta: syncs come a little after the time, so that clocks need not be exact. */
const NEXT_SCHEDULE_DELTA_US = 100_000;
const MISSED_MAX = 100;
const SECOND_US = 1_000_000;

/** What of a schedule has passed. */
export interface MissedRuns {
  /** The latest time that was missed; undefined: none. */
  readonly latestUs: Micros | undefined;
  /** The time from which on runs are owed: the last run's, or the CronJob's creation. */
  readonly sinceUs: Micros;
  /** Runs were missed since, perhaps more than a hundred. */
  readonly count: "none" | "few" | "many";
  /** The schedule is never met, or too often. */
  readonly fault: string;
}

/** The schedule of a CronJob, in its time zone. */
export function scheduleOf({ spec }: CronJob): ParsedSchedule {
  if (spec.timeZone === undefined || spec.schedule.includes("TZ"))
    return parseCronSchedule(spec.schedule);
  return parseCronSchedule(spec.schedule, findTimeZone(spec.timeZone));
}

/**
 * Looks for the latest run that is owed at `nowUs`. `heedsDeadline`: runs from before
 * startingDeadlineSeconds ago are not owed any more (mostRecentScheduleTime).
 */
export function missedRuns(
  { metadata, spec, status }: CronJob,
  schedule: CronSchedule,
  nowUs: Micros,
  heedsDeadline: boolean,
): MissedRuns {
  let sinceUs = timestampUs(status.lastScheduleTime ?? metadata.creationTimestamp);
  const { startingDeadlineSeconds } = spec;
  if (heedsDeadline && startingDeadlineSeconds !== undefined)
    sinceUs = Math.max(sinceUs, nowUs - startingDeadlineSeconds * SECOND_US);
  const none: MissedRuns = { latestUs: undefined, sinceUs, count: "none", fault: "" };
  const firstUs = schedule.next(sinceUs);
  if (firstUs !== undefined && nowUs < firstUs) return none;
  const secondUs = firstUs === undefined ? undefined : schedule.next(firstUs);
  if (firstUs !== undefined && secondUs !== undefined && nowUs < secondUs)
    return { ...none, latestUs: firstUs };
  const betweenUs = (secondUs ?? 0) - (firstUs ?? 0);
  if (firstUs === undefined || secondUs === undefined || betweenUs < SECOND_US) {
    return { ...none, fault: "time difference between two schedules is less than 1 second" };
  }
  // A guess by the distance of the first two, which two runs back is safe for most schedules.
  const count = Math.floor((nowUs - firstUs) / betweenUs) + 1;
  let latestUs: Micros | undefined;
  let timeUs = schedule.next(firstUs + (count - 2) * betweenUs);
  while (timeUs !== undefined && timeUs <= nowUs) {
    latestUs = timeUs;
    timeUs = schedule.next(timeUs);
  }
  return { ...none, latestUs, count: count > MISSED_MAX ? "many" : "few" };
}

/** How long until the CronJob must be looked at again (nextScheduleTimeDuration). */
export function untilNextUs(cronJob: CronJob, schedule: CronSchedule, nowUs: Micros): Micros {
  const { latestUs, sinceUs, count, fault } = missedRuns(cronJob, schedule, nowUs, false);
  const fromUs = fault !== "" ? nowUs : (latestUs ?? (count === "none" ? sinceUs : nowUs));
  const nextUs = schedule.next(fromUs);
  return nextUs === undefined ? 0 : nextUs + NEXT_SCHEDULE_DELTA_US - nowUs;
}
