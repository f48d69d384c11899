/**
 * TtlAfterFinishedController: deletes finished Jobs ttlSecondsAfterFinished after their end.
 *
 *   start (time left? comes back then) -> fresh (read from the API server, looked at again) -> delete
 *
 * Source: pkg/controller/ttlafterfinished/ttlafterfinished_controller.go of v1.30.
 */
import type { Job, KeyRecord } from "../api/index.ts";
import type { ApiCall, Indexer } from "../client/index.ts";
import type { Kernel, Micros } from "../kernel/index.ts";
import type { Controller, ControllerContext } from "./controller.ts";
import { isFinished, momentUs } from "./job-count.ts";
import { Reconciler, SyncWork } from "./reconciler.ts";

/** kube-controller-manager --concurrent-ttl-after-finished-syncs. */
const WORKERS = 5;

class TtlSync extends SyncWork {
  /** As the API server has it; undefined: it is gone. */
  fresh: Job | undefined = undefined;
}

export class TtlAfterFinishedController implements Controller {
  readonly #kernel: Kernel;
  readonly #jobs: Indexer<Job>;
  readonly #reconciler: Reconciler<TtlSync, "get" | "delete">;

  constructor(context: ControllerContext) {
    const { kernel } = context;
    const { controllerSync } = context.latency;
    const client = context.client("ttl-after-finished-controller");
    const jobs = context.informer<Job>("Job");
    this.#kernel = kernel;
    this.#jobs = jobs.indexer;
    this.#reconciler = new Reconciler(
      { kernel, client, name: "ttl-after-finished", workers: WORKERS, controllerSync },
      {
        begin: (record) => new TtlSync(record),
        run: (work) => this.#run(work),
        answered: (work, call, item) => onAnswer(work, call, item),
      },
    );
    jobs.addEventHandler({
      onAdd: (record, job) => this.#onChanged(record, job),
      onUpdate: (record, _old, job) => this.#onChanged(record, job),
    });
  }

  /** Starts the workers: once the informers have synced. */
  run(): void {
    this.#reconciler.run();
  }

  #onChanged(record: KeyRecord<Job>, job: Job): void {
    if (expiresAtUs(job) !== undefined) this.#reconciler.enqueue(record);
  }

  #run(work: TtlSync): string {
    if (work.stage === "start") {
      const job = this.#jobs.get(work.record as KeyRecord<Job>);
      if (job === undefined) this.#reconciler.forget(work.record);
      if (job === undefined || !this.#isExpired(work, job)) return "done";
      // What the informer has may be old: the TTL may have been changed.
      this.#reconciler.get(work, work.record, "get");
      return "fresh";
    }
    const { fresh } = work;
    if (fresh === undefined || work.error !== "" || !this.#isExpired(work, fresh)) return "done";
    const { uid } = fresh.metadata;
    this.#reconciler.delete(work, work.record, "delete", { uid, propagationPolicy: "Foreground" });
    return "done";
  }

  /** Whether the time is over; if it is still to come the Job is looked at again then. */
  #isExpired({ record }: TtlSync, job: Job): boolean {
    const dueUs = expiresAtUs(job);
    if (dueUs === undefined) return false;
    const leftUs = dueUs - this.#kernel.nowUs;
    if (leftUs > 0) this.#reconciler.enqueueAfter(record, leftUs);
    return leftUs <= 0;
  }
}

/** When a Job is to go; undefined: never, not yet known, or it is going. */
function expiresAtUs(job: Job): Micros | undefined {
  const { ttlSecondsAfterFinished } = job.spec;
  if (ttlSecondsAfterFinished === undefined || !isFinished(job)) return undefined;
  if (job.metadata.deletionTimestamp !== undefined) return undefined;
  const end = job.status.conditions?.find(
    ({ type, status }) => (type === "Complete" || type === "Failed") && status === "True",
  );
  const endUs = momentUs(end?.lastTransitionTime);
  return endUs === undefined ? undefined : endUs + ttlSecondsAfterFinished * 1_000_000;
}

function onAnswer(work: TtlSync, call: ApiCall, item: "get" | "delete"): void {
  if (item === "get" && call.ok) work.fresh = call.object as Job;
  else if (!call.ok && !(item === "get" && call.code === 404)) work.error = call.message;
}
