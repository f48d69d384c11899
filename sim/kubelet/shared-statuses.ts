/**
 * Statuses of containers, shared where they are equal: pods of one template that start in the same
 * second have one list that says so. Objects never change, so nobody can tell; a live pod is lighter.
 */
import type { core } from "../api/index.ts";

type Statuses = core.ContainerStatus[];

/** The last lists made: a memo, no state of a run. */
const recent: Statuses[] = [];
const KEPT = 8;

/** An equal list that was made before, or else this one. */
export function sharedStatuses(statuses: Statuses): Statuses {
  if (statuses.some(hasEnded)) return statuses;
  for (const known of recent) if (areEqual(known, statuses)) return known;
  if (recent.length >= KEPT) recent.shift();
  recent.push(statuses);
  return statuses;
}

/** What has ended is told apart by its times: it is seldom equal to another. */
function hasEnded({ state, lastState }: core.ContainerStatus): boolean {
  return state?.terminated !== undefined || lastState !== undefined;
}

function areEqual(a: Statuses, b: Statuses): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!isEqual(a[i], b[i])) return false;
  return true;
}

function isEqual(a: core.ContainerStatus | undefined, b: core.ContainerStatus | undefined) {
  if (a === undefined || b === undefined) return false;
  return (
    isStateEqual(a.state, b.state) &&
    a.name === b.name &&
    a.image === b.image &&
    a.imageID === b.imageID &&
    a.ready === b.ready &&
    a.started === b.started &&
    a.restartCount === b.restartCount
  );
}

function isStateEqual(a: core.ContainerState = {}, b: core.ContainerState = {}): boolean {
  return (
    a.running?.startedAt === b.running?.startedAt &&
    a.waiting?.reason === b.waiting?.reason &&
    a.waiting?.message === b.waiting?.message
  );
}
