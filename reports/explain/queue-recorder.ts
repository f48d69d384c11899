/** QueueRecorder: which pods are in which of the scheduler's queues, and since when. */
import type { Trace } from "../../sim/api/index.ts";
import type { QueueMoment } from "./moment.ts";
import type { QueueMove } from "./pod-story.ts";

/** As `stowage explain --at` names them, in this order. */
const QUEUES = ["active", "backoff", "unschedulable", "gated"];
/** Pods named per queue. */
const EXAMPLES = 5;

export class QueueRecorder {
  /** By `namespace/name`, in the order in which they came. */
  readonly #waiting = new Map<string, QueueMove>();

  attach(trace: Trace): void {
    trace.podQueued.subscribe(({ record, queue, event, timeUs }) => {
      this.#waiting.delete(record.key);
      this.#waiting.set(record.key, { timeUs, queue, event });
    });
    trace.podDequeued.subscribe(({ record }) => this.#waiting.delete(record.key));
  }

  /** The queues that hold pods now. */
  now(): QueueMoment[] {
    return QUEUES.flatMap((queue) => {
      const pods = [...this.#waiting].filter(([, move]) => move.queue === queue);
      if (pods.length === 0) return [];
      const examples = pods
        .slice(0, EXAMPLES)
        .map(([pod, { timeUs, event }]) => ({ pod, sinceUs: timeUs, event }));
      return [{ queue, count: pods.length, examples }];
    });
  }
}
