/**
 * What happens to a pod whose attempt failed: it goes back to the queue, and its status says why
 * (kubernetes/pkg/scheduler/schedule_one.go, handleSchedulingFailure, v1.30).
 */
import type { Pod } from "../api/index.ts";
import type { ApiClient, CallbackId, EventRecorder, SharedInformer } from "../client/index.ts";
import type { Kernel } from "../kernel/index.ts";
import { createPodInfo, type SchedulerCache } from "./framework/index.ts";
import { failureStatusPatch } from "./pod-scheduled-condition.ts";
import type { QueuedPodInfo } from "./queue/queued-pod-info.ts";
import type { SchedulingQueue } from "./queue/scheduling-queue.ts";
import type { AttemptFailure } from "./scheduling-cycle.ts";

export interface FailureHandlerSettings {
  readonly kernel: Kernel;
  readonly client: ApiClient;
  readonly pods: SharedInformer<Pod>;
  readonly cache: SchedulerCache;
  readonly queue: SchedulingQueue;
  readonly events: EventRecorder;
  /** Gets the answer of the status patch, and whether the scheduling loop waits for it. */
  readonly onPatched: CallbackId<PatchContext>;
}

export interface PatchContext {
  readonly blocksLoop: boolean;
}

/** Longest note of an Event (validation.NoteLengthLimit). */
const NOTE_LENGTH_MAX = 1024;

export class FailureHandler {
  readonly #settings: FailureHandlerSettings;

  constructor(settings: FailureHandlerSettings) {
    this.#settings = settings;
  }

  /**
   * Puts the pod back and patches its status where that changes. `blocksLoop` is handed on with the
   * patch. True: a patch was sent.
   */
  handle(pod: QueuedPodInfo, failure: AttemptFailure, context: PatchContext): boolean {
    const { kernel, client, queue, events, onPatched } = this.#settings;
    const { record, pod: tried } = pod.info;
    const { uid } = tried.metadata;
    pod.rejectorPlugins = [...failure.rejectorPlugins].sort();
    this.#putBack(pod);
    queue.done(uid);
    if (this.#isPending(pod)) queue.addNominatedPod(pod.info, failure.nomination);
    const { reason, message, nomination: nominatedNodeName } = failure;
    events.event(tried, "Warning", "FailedScheduling", truncateMessage(message));
    const patch = failureStatusPatch(tried, { reason, message, nominatedNodeName }, kernel.nowUs);
    if (patch === undefined) return false;
    client.patch(record, patch, "status", onPatched, context);
    return true;
  }

  /** Back to the queue, as the informer knows the pod now; not if it is gone, or bound after all. */
  #putBack(pod: QueuedPodInfo): void {
    const { pods, cache, queue } = this.#settings;
    const { record } = pod.info;
    const current = pods.indexer.get(record);
    if (current === undefined || (current.spec.nodeName ?? "") !== "") return;
    if (current !== pod.info.pod) pod.info = createPodInfo(record, current, cache.state.resources);
    queue.addUnschedulableIfNotPresent(pod, queue.schedulingCycle);
  }

  /** The nominator takes in only pods that exist and are not bound. */
  #isPending({ info: { record } }: QueuedPodInfo): boolean {
    const current = this.#settings.pods.indexer.get(record);
    return current !== undefined && (current.spec.nodeName ?? "") === "";
  }
}

function truncateMessage(message: string): string {
  if (message.length <= NOTE_LENGTH_MAX) return message;
  const suffix = " ...";
  return message.slice(0, NOTE_LENGTH_MAX - suffix.length) + suffix;
}
