/** What can be observed of the scheduler: fills its tracepoints, when anybody listens. */
import type { SchedulingQueueName, Trace } from "../api/index.ts";
import type { Kernel } from "../kernel/index.ts";
import type { QueuedPodInfo } from "./queue/queued-pod-info.ts";
import type { AttemptFailure, SchedulingCycle } from "./scheduling-cycle.ts";

export class SchedulerFacts {
  readonly #kernel: Kernel;
  readonly #trace: Trace;

  constructor(kernel: Kernel, trace: Trace) {
    this.#kernel = kernel;
    this.#trace = trace;
  }

  /** A pod has come into a queue; `event`: kube-scheduler's label of what brought it there. */
  queued(pod: QueuedPodInfo, event: string): void {
    const { podQueued } = this.#trace;
    if (!podQueued.on) return;
    const { record } = pod.info;
    podQueued.emit({ record, queue: queueName(pod), event, timeUs: this.#kernel.nowUs });
  }

  /** A pod is about to leave its queue. */
  dequeued(pod: QueuedPodInfo): void {
    const { podDequeued } = this.#trace;
    if (!podDequeued.on) return;
    const { record } = pod.info;
    podDequeued.emit({ record, queue: queueName(pod), timeUs: this.#kernel.nowUs });
  }

  /** A scheduling cycle has ended. */
  attempted(cycle: SchedulingCycle, failure: AttemptFailure | undefined): void {
    const { schedulingAttempt } = this.#trace;
    if (!schedulingAttempt.on) return;
    const { pod, profile, startUs, decision } = cycle;
    schedulingAttempt.emit({
      record: pod.info.record,
      profile,
      attempt: pod.attempts,
      firstQueuedUs: pod.firstQueuedUs,
      queuedUs: pod.activeUs,
      startUs,
      endUs: this.#kernel.nowUs,
      result: resultOf(failure),
      node: failure === undefined ? decision.node : "",
      evaluatedNodes: decision.evaluatedNodes,
      feasibleNodes: decision.feasibleNodes,
      bestTotal: decision.bestTotal,
      bestCount: decision.bestCount,
      message: failure?.message ?? "",
      victimCount: decision.postFilter?.victims.length,
      dryRunNodes: decision.postFilter?.dryRunNodes ?? 0,
    });
  }
}

function resultOf(failure: AttemptFailure | undefined): "scheduled" | "unschedulable" | "error" {
  if (failure === undefined) return "scheduled";
  return failure.reason === "Unschedulable" ? "unschedulable" : "error";
}

function queueName({ gated, place }: QueuedPodInfo): SchedulingQueueName {
  switch (place) {
    case "activeQ":
      return "active";
    case "backoffQ":
      return "backoff";
    case "unschedulablePods":
      return gated ? "gated" : "unschedulable";
    case "inFlight":
      throw new Error("a pod in flight is in no queue");
  }
}
