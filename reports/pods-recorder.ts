/** PodsRecorder: a row per pod with every moment of its life (pods.csv). */
import { type PodJourney, PREEMPTED } from "./pod-journey.ts";
import type { PodJourneys } from "./pod-journeys.ts";
import { NEVER, type Row, type RowSink, secondsCell } from "./row.ts";

/** Columns of a pod's row, in order. What each one means stands in docs/outputs.md. */
export const podColumns = [
  "namespace",
  "pod",
  "owner_kind",
  "owner",
  "priority",
  "cpu_request_milli",
  "memory_request_bytes",
  "other_requests",
  "node",
  "phase",
  "attempts",
  "created_s",
  "queued_s",
  "first_attempt_s",
  "last_attempt_start_s",
  "last_attempt_end_s",
  "bound_s",
  "observed_s",
  "image_pull_queued_s",
  "image_pull_start_s",
  "image_pull_end_s",
  "started_s",
  "start_observed_s",
  "finished_s",
  "deleted_s",
  "reason",
] as const;

/**
 * Rows leave as pods are deleted; those of pods that still exist at the end of the run follow in
 * order of creation.
 */
export class PodsRecorder {
  readonly #sink: RowSink;

  constructor(sink: RowSink) {
    this.#sink = sink;
  }

  attach(journeys: PodJourneys): void {
    journeys.observe({ closed: (journey) => this.#sink(podRow(journey)) });
  }
}

/** The cells of `podColumns`. */
export function podRow(journey: PodJourney): Row {
  return [
    journey.namespace,
    journey.name,
    journey.ownerKind,
    journey.ownerName,
    journey.priority,
    journey.requests.get("cpu") ?? 0,
    journey.requests.get("memory") ?? 0,
    otherRequests(journey),
    journey.node,
    journey.phase,
    journey.attempts,
    secondsCell(journey.createdUs),
    secondsCell(journey.queuedUs),
    secondsCell(journey.firstAttemptUs),
    secondsCell(journey.lastAttemptStartUs),
    secondsCell(journey.lastAttemptEndUs),
    secondsCell(journey.boundUs),
    secondsCell(journey.observedUs),
    secondsCell(journey.pullQueuedUs),
    secondsCell(journey.pullStartedUs),
    secondsCell(journey.pullFinishedUs),
    secondsCell(journey.startedUs),
    secondsCell(journey.startSeenUs()),
    secondsCell(journey.finishedUs),
    secondsCell(journey.deletedUs),
    podReason(journey),
  ];
}

/** `name=amount` of all resources but cpu and memory, by name, joined with `;`. */
function otherRequests(journey: PodJourney): string {
  const others: string[] = [];
  for (const [resource, amount] of journey.requests)
    if (resource !== "cpu" && resource !== "memory") others.push(`${resource}=${amount}`);
  return others.length < 2 ? (others[0] ?? "") : others.sort().join(";");
}

/** Why the pod never ran, or why it failed or had to go; "" for a pod that ran. */
export function podReason(journey: PodJourney): string {
  if (journey.isPreempted) return PREEMPTED;
  if (journey.startedUs !== NEVER || journey.finishReason !== "") return journey.finishReason;
  const isDeleted = journey.deletedUs !== NEVER;
  if (journey.boundUs !== NEVER)
    return isDeleted ? "deleted before it started" : "not started at the end of the run";
  if (journey.message !== "") return journey.message;
  if (isDeleted) return "deleted before it was bound";
  if (journey.attempts > 0) return "not bound at the end of the run";
  if (journey.queuedUs !== NEVER) return "pending at the end of the run: not attempted yet";
  if (journey.isGated) return "pending at the end of the run: it has scheduling gates";
  const scheduler = journey.schedulerName;
  return `pending at the end of the run: it never entered the active queue of ${scheduler}`;
}
