/**
 * JobAnswers: what the answers to a Job sync's calls change in the sync and in what the controller
 * expects to see; and the Events about pods that are made and deleted (RealPodControl in
 * pkg/controller/controller_utils.go of v1.30).
 */
import type { Job, KeyRecord, Pod } from "../api/index.ts";
import type { ApiCall, EventRecorder } from "../client/index.ts";
import type { BackoffRecord } from "./job-backoff.ts";
import type { JobExpectations } from "./job-events.ts";
import type { JobCall, JobSync } from "./job-sync.ts";
import { isNamespaceTerminating } from "./namespace-terminating.ts";
import type { Reconciler } from "./reconciler.ts";

export interface JobControllerState extends JobExpectations {
  readonly backoffs: Map<KeyRecord, BackoffRecord>;
}

export interface JobAnswersWiring {
  readonly reconciler: () => Reconciler<JobSync, JobCall>;
  readonly recorder: EventRecorder;
  readonly state: () => JobControllerState;
}

export class JobAnswers {
  readonly #wiring: JobAnswersWiring;

  constructor(wiring: JobAnswersWiring) {
    this.#wiring = wiring;
  }

  handle(work: JobSync, call: ApiCall, item: JobCall): void {
    const isOkOrGone = call.ok || call.code === 404;
    switch (item.call) {
      case "check": {
        const { metadata } = call.object ?? {};
        const isSame = metadata?.uid === work.job?.metadata.uid;
        if (!call.ok || !isSame) return abort(work, call.message || "original Job is gone");
        if (metadata?.deletionTimestamp !== undefined) abort(work, "it has just been deleted");
        return;
      }
      case "adopt":
        if (call.ok) work.keep(item.pod, call.object as Pod);
        else if (!isOkOrGone) abort(work, call.message);
        return;
      case "release":
        if (!isOkOrGone) abort(work, call.message);
        return;
      case "create":
        if (call.ok) this.#tell(work, "SuccessfulCreate", `Created pod: ${call.record?.name}`);
        else this.#onCreateFailed(work, call);
        return;
      case "drop":
        if (call.ok) this.#wiring.reconciler().delete(work, item.pod, { ...item, call: "delete" });
        else this.#onDropFailed(work, call);
        return;
      case "delete":
        if (call.ok) this.#onDeleted(work, item);
        else this.#onDropFailed(work, call);
        return;
      case "end":
        if (isOkOrGone) this.#onDeleted(work, item);
        else this.#onDeleteFailed(work, call);
        return;
      case "flush":
        if (!call.ok) return abort(work, call.message);
        work.job = call.object as Job;
        this.#wiring.state().backoffs.set(work.record, work.backoff);
        return;
      case "untrack":
        return this.#onUntracked(work, call, item.uid);
      case "status":
        if (!call.ok) work.error = call.message;
        else this.#tellFinished(work, call.object as Job);
        return;
    }
  }

  #onCreateFailed(work: JobSync, call: ApiCall): void {
    // Nothing can be made there any more: what was expected stays so, and nobody tries again.
    if (isNamespaceTerminating(call)) return;
    this.#tell(work, "FailedCreate", `Error creating: ${call.message}`, "Warning");
    work.creations.failures++;
    work.active--;
    work.error = call.message;
    this.#wiring.state().expectations.creationObserved(work.record);
  }

  /** The informer will see no deletion. */
  #onDropFailed(work: JobSync, call: ApiCall): void {
    this.#wiring.state().expectations.deletionObserved(work.record);
    if (call.code === 404) work.deletedCount++;
    else this.#onDeleteFailed(work, call);
  }

  #onDeleteFailed(work: JobSync, { message }: ApiCall): void {
    this.#tell(work, "FailedDelete", `Error deleting: ${message}`, "Warning");
    work.error = message;
  }

  #onDeleted(work: JobSync, { pod, wasReady }: { pod: KeyRecord; wasReady: boolean }): void {
    this.#tell(work, "SuccessfulDelete", `Deleted pod: ${pod.name}`);
    work.deletedCount++;
    if (wasReady) work.ready--;
  }

  #onUntracked(work: JobSync, call: ApiCall, uid: string): void {
    if (!call.ok) this.#wiring.state().removals.observed(work.record, uid);
    if (call.ok || call.code === 404) work.tracked.delete(uid);
    else work.error = call.message;
  }

  /** recordJobFinished */
  #tellFinished(work: JobSync, job: Job): void {
    const { ending } = work;
    if (ending === undefined) return;
    const { completions } = job.spec;
    if (ending.type !== "Complete")
      return this.#tell(work, ending.reason ?? "", ending.message ?? "", "Warning");
    if (completions !== undefined && (job.status.succeeded ?? 0) > completions) {
      const text = "Too many succeeded pods running after completion count reached";
      this.#tell(work, "TooManySucceededPods", text, "Warning");
    }
    this.#tell(work, "Completed", "Job completed");
  }

  #tell(
    { job }: JobSync,
    reason: string,
    message: string,
    type: "Normal" | "Warning" = "Normal",
  ): void {
    if (job !== undefined) this.#wiring.recorder.event(job, type, reason, message);
  }
}

/** Ends the sync: what comes next would build on what failed. */
function abort(work: JobSync, message: string): void {
  work.error = message;
  work.stage = "done";
}
