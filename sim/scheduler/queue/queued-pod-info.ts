/**
 * QueuedPodInfo: a pod with what the scheduling queue knows about it
 * (kubernetes/pkg/scheduler/framework/types.go, QueuedPodInfo, v1.30).
 */
import type { PodInfo, QueuedPod } from "../framework/interface.ts";

/** Where a pod is. `inFlight`: it was popped and has not been put back. */
export type QueuePlace = "activeQ" | "backoffQ" | "unschedulablePods" | "inFlight";

/** Plain data: it belongs to the state of the queue, or of the scheduler while in flight. */
export class QueuedPodInfo implements QueuedPod {
  info: PodInfo;
  /** Unique running number over all pods of this queue; breaks every tie. */
  readonly seq: number;
  /** When it came into the queue, or was put back after its last attempt. */
  timestampUs: number;
  /** When it first came into the queue; never refreshed. */
  readonly firstQueuedUs: number;
  /** When it last entered the active queue; -1 if never. */
  activeUs = -1;
  /** Attempts begun: counted when it is popped. */
  attempts = 0;
  /** Plugins that rejected it in its last attempt, sorted; empty after an error. */
  rejectorPlugins: readonly string[] = [];
  /** A PreEnqueue plugin keeps it out of the active queue. */
  gated = false;
  place: QueuePlace = "inFlight";
  /** Index in the heap of its place; -1 when it is in none. */
  heapIndex = -1;

  constructor(info: PodInfo, seq: number, nowUs: number) {
    this.info = info;
    this.seq = seq;
    this.timestampUs = nowUs;
    this.firstQueuedUs = nowUs;
  }
}
