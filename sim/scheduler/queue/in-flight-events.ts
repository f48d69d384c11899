/**
 * InFlightEvents: what happened in the cluster while pods were being tried, kept for as long as a
 * pod in flight may need it. Only with queueing hints: a pod that failed is then asked about each
 * event since its pop (kubernetes/pkg/scheduler/internal/queue/scheduling_queue.go, inFlightPods and
 * inFlightEvents, v1.30).
 */
import type { QueuedChange } from "./cluster-event.ts";

/** Plain data: part of the queue's state. */
export interface InFlightEvents {
  /** Number of the oldest change in `changes`. */
  firstNumber: number;
  readonly changes: QueuedChange[];
  /** By the pod's uid, in the order of pops: number of the first change that it has not seen. */
  readonly since: Map<string, number>;
}

export function createInFlightEvents(): InFlightEvents {
  return { firstNumber: 0, changes: [], since: new Map() };
}

/** A pod was popped: it is told of every change from now on. */
export function beginFlight(events: InFlightEvents, uid: string): void {
  events.since.delete(uid); // popped a second time, it is the last in the order of pops
  events.since.set(uid, events.firstNumber + events.changes.length);
}

/** Remembers a change, if any pod is in flight. */
export function recordChange(events: InFlightEvents, change: QueuedChange): void {
  if (events.since.size > 0) events.changes.push(change);
}

/** The changes since the pod was popped; undefined: it is not in flight. */
export function changesSince(
  events: InFlightEvents,
  uid: string,
): readonly QueuedChange[] | undefined {
  const since = events.since.get(uid);
  return since === undefined ? undefined : events.changes.slice(since - events.firstNumber);
}

/** The pod needs no more changes (DonePod). Drops those that nobody needs. */
export function endFlight(events: InFlightEvents, uid: string): void {
  if (!events.since.delete(uid)) return;
  // The pod that was popped first has seen the fewest changes.
  const oldest = events.since.values().next();
  const end = events.firstNumber + events.changes.length;
  const firstNumber = oldest.done === true ? end : oldest.value;
  events.changes.splice(0, firstNumber - events.firstNumber);
  events.firstNumber = firstNumber;
}
