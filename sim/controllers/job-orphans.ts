/**
 * JobOrphans: takes the tracking finalizer off pods that no Job counts any more, so that they can
 * be deleted. Source: orphanWorker and syncOrphanPod in pkg/controller/job/job_controller.go of v1.30.
 */
import {
  controllerOf,
  type Job,
  type KeyRecord,
  type Manifest,
  type ObjectMeta,
  type Pod,
} from "../api/index.ts";
import type { ApiClient, Indexer, SharedInformer } from "../client/index.ts";
import type { Kernel } from "../kernel/index.ts";
import { hasFinalizer, isFinished, TRACKING_FINALIZER } from "./job-count.ts";
import { resolveController, selectOwned } from "./ownership.ts";
import { Reconciler, SyncWork } from "./reconciler.ts";

export interface JobOrphansSettings {
  readonly kernel: Kernel;
  readonly client: ApiClient;
  readonly jobs: SharedInformer<Job>;
  readonly pods: SharedInformer<Pod>;
  readonly controllerSync: string;
}

export class JobOrphans {
  readonly #jobs: Indexer<Job>;
  readonly #pods: Indexer<Pod>;
  readonly #reconciler: Reconciler<SyncWork, undefined>;

  constructor({ kernel, client, jobs, pods, controllerSync }: JobOrphansSettings) {
    this.#jobs = jobs.indexer;
    this.#pods = pods.indexer;
    this.#reconciler = new Reconciler(
      { kernel, client, name: "job-orphan-pod", workers: 1, controllerSync },
      {
        begin: (record) => new SyncWork(record),
        run: (work) => this.#release(work),
        answered: (work, call) => {
          if (!call.ok && call.code !== 404) work.error = call.message;
        },
      },
    );
  }

  /** Starts the workers: once the informers have synced. */
  run(): void {
    this.#reconciler.run();
  }

  enqueue(pod: KeyRecord<Pod>): void {
    this.#reconciler.enqueue(pod);
  }

  /** The Job is over: whatever still has the finalizer will not be counted (cleanupPodFinalizers). */
  enqueuePodsOf(job: Job): void {
    for (const record of selectOwned(this.#pods, job.metadata.uid, hasFinalizer))
      this.enqueue(record);
  }

  #release(work: SyncWork): string {
    const record = work.record as KeyRecord<Pod>;
    const pod = this.#pods.get(record);
    this.#reconciler.forget(record);
    if (pod === undefined || !hasFinalizer(pod)) return "done";
    if ((controllerOf(pod)?.kind ?? "Job") !== "Job") return "done"; // somebody else's
    const owner = resolveController(this.#jobs, "Job", pod);
    const job = owner && this.#jobs.get(owner);
    const isCounted = job !== undefined && !isFinished(job);
    if (!isCounted) this.#reconciler.patch(work, record, withoutFinalizer(pod), "", undefined);
    return "done";
  }
}

/** The patch that takes the tracking finalizer off a pod. */
export function withoutFinalizer({ metadata: { uid } }: Pod): Manifest {
  const metadata = { uid, "$deleteFromPrimitiveList/finalizers": [TRACKING_FINALIZER] };
  return { metadata: metadata as unknown as ObjectMeta };
}
