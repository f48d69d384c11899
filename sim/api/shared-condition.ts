/**
 * Conditions of pods, shared where they are equal: pods that became ready in the same second have
 * one object that says so. Objects never change, so nobody can tell; a live pod is a fifth lighter.
 */
import type { PodCondition } from "./objects.ts";

/** The last conditions made, by the length of their type: a memo, no state of a run. */
const recent: PodCondition[][] = Array.from({ length: 64 }, () => []);
/** Kept of each: types of one length, with their statuses and reasons. */
const KEPT = 8;

/** The condition with these fields; without a reason when it is "". */
export function sharedCondition(
  type: string,
  status: string,
  reason: string,
  lastTransitionTime: string,
): PodCondition {
  const known = recent[type.length & 63] as PodCondition[];
  const wanted = reason === "" ? undefined : reason;
  for (const condition of known)
    if (
      condition.lastTransitionTime === lastTransitionTime &&
      condition.status === status &&
      condition.reason === wanted &&
      condition.type === type
    )
      return condition;
  const made: PodCondition =
    reason === ""
      ? { type, status, lastTransitionTime }
      : { type, status, reason, lastTransitionTime };
  if (known.length >= KEPT) known.shift();
  known.push(made);
  return made;
}
