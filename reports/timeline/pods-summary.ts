/** The pods of a controller: when each passed what every pod passes. */
import type { Micros } from "../../sim/kernel/index.ts";
import type { CommitNote, ObjectLog } from "./object-log.ts";
import type { PodMilestones, PodsSummary } from "./timeline.ts";
import type { TimelineRecorder } from "./timeline-recorder.ts";

/** The pods that belong to the object, directly or not, made since the change; as they were made. */
export function podsOf(
  recorder: TimelineRecorder,
  target: ObjectLog,
  change: CommitNote,
): ObjectLog[] {
  const belongs = (log: ObjectLog): boolean => {
    for (let at = log.owner; at !== undefined; ) {
      const owner = recorder.log(at);
      if (owner === target) return true;
      at = owner?.owner;
    }
    return false;
  };
  const created = (log: ObjectLog): number => log.commits[0]?.revision ?? -1;
  return [...recorder.logs()]
    .filter((log) => log.kind === "Pod" && created(log) >= change.revision && belongs(log))
    .sort((a, b) => created(a) - created(b));
}

export function milestonesOf(log: ObjectLog): PodMilestones {
  const at = (timeUs: Micros): Micros | undefined => (timeUs < 0 ? undefined : timeUs);
  return {
    name: log.name,
    node: log.node,
    createdUs: log.commits[0]?.timeUs ?? 0,
    boundUs: log.commits.find(({ isBound }) => isBound)?.timeUs,
    observedUs: at(log.observedUs),
    startedUs: at(log.startedUs),
    readyUs: log.readyCommit?.timeUs,
  };
}

export function summarizePods(pods: readonly PodMilestones[]): PodsSummary {
  const ready = pods
    .filter(({ readyUs }) => readyUs !== undefined)
    .sort((a, b) => (a.readyUs ?? 0) - (b.readyUs ?? 0) || (a.name < b.name ? -1 : 1));
  return {
    count: pods.length,
    ready: ready.length,
    first: ready[0],
    median: ready[(ready.length - 1) >> 1],
    last: ready.at(-1),
  };
}
