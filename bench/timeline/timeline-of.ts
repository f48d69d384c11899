/** What happened to an object of a recorded run between apply and ready. */
import {
  buildTimeline,
  type ObjectName,
  type Timeline,
  TimelineRecorder,
  type Verification,
} from "../../reports/index.ts";
import { InputError, type Micros, nearestName } from "../../sim/kernel/index.ts";
import { type RepeatHooks, type RepeatQuery, repeatRun } from "../repeat/index.ts";

export interface TimelineQuery extends RepeatQuery {
  readonly object: ObjectName;
  /** Tell about the first change of the object at or after this virtual time. */
  readonly afterUs: Micros;
  /** Go on to the end of the run, so that its whole digest is compared. */
  readonly untilEnd: boolean;
}

export interface TimelineAnswer {
  readonly timeline: Timeline;
  readonly verified: Verification;
}

/** Rejects with InputError for a user's mistake and where the run cannot be repeated. */
export async function timelineOf(
  query: TimelineQuery,
  hooks: RepeatHooks,
): Promise<TimelineAnswer> {
  const recorder = new TimelineRecorder({ object: query.object, afterUs: query.afterUs });
  const { labels, endUs, isWhole, verifiedWrites } = await repeatRun(query, hooks, {
    attach: ({ trace }) => recorder.attach(trace),
    isDone: (nowUs) => !query.untilEnd && recorder.isDone(nowUs),
  });
  const { policy, workload, seed } = labels;
  const timeline = buildTimeline(recorder, { policy, workload, seed }, endUs);
  if (timeline === undefined) throw unknownObject(query, recorder);
  return { timeline, verified: { commits: verifiedWrites, isWhole } };
}

function unknownObject({ run, object, afterUs }: TimelineQuery, recorder: TimelineRecorder) {
  const { kind, namespace, name } = object;
  const key = `${namespace}/${name}`;
  if (recorder.target !== undefined && recorder.target.commits.length > 0) {
    const seconds = afterUs / 1_000_000;
    return new InputError(
      `${run}: ${kind} ${key} is not changed at or after ${seconds} s (--after).`,
    );
  }
  const names = [...new Set(recorder.names)];
  const near = nearestName(key, names);
  const sameStem = names.filter((each) => each.startsWith(key)).slice(0, 5);
  const hint =
    sameStem.length > 0
      ? `Names that begin so: ${sameStem.join(", ")}.`
      : near !== undefined
        ? `Did you mean ${near}?`
        : names.length === 0
          ? `The run has no ${kind}.`
          : `The first of ${names.length}: ${names.slice(0, 5).join(", ")}.`;
  return new InputError(`${run}: there is no ${kind} ${key} in this run. ${hint}`);
}
