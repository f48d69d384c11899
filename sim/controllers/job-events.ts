/**
 * JobEvents: which changes of Jobs and pods make the controller sync which Job, and when.
 * Source: the event handlers in pkg/controller/job/job_controller.go of v1.30.
 */
import {
  compileLabelSelector,
  controllerOf,
  type Job,
  type KeyRecord,
  type Pod,
} from "../api/index.ts";
import type { Indexer, SharedInformer } from "../client/index.ts";
import type { Micros } from "../kernel/index.ts";
import type { ControllerExpectations, UidExpectations } from "./expectations.ts";
import { hasFinalizer, isFinished } from "./job-count.ts";
import type { JobOrphans } from "./job-orphans.ts";
import { ownersSelecting, resolveController } from "./ownership.ts";
import { isTerminating } from "./pod-state.ts";

/** syncJobBatchPeriod: pod events wait so long for others, to be handled together. */
export const BATCH_US = 1_000_000;

/** What the controller did and has yet to see. */
export interface JobExpectations {
  readonly expectations: ControllerExpectations;
  /** Uids of pods whose finalizer was taken off, until that is seen. */
  readonly removals: UidExpectations;
}

interface Queue {
  enqueue(record: KeyRecord): void;
  enqueueAfter(record: KeyRecord, delayUs: Micros): void;
}

export interface JobEventsWiring {
  readonly jobs: SharedInformer<Job>;
  readonly pods: SharedInformer<Pod>;
  readonly reconciler: Queue;
  readonly orphans: JobOrphans;
  readonly state: () => JobExpectations;
}

export class JobEvents {
  readonly #wiring: JobEventsWiring;
  readonly #jobs: Indexer<Job>;
  readonly #reconciler: Queue;
  readonly #orphans: JobOrphans;

  constructor(wiring: JobEventsWiring) {
    const { jobs, pods, reconciler, orphans } = wiring;
    this.#wiring = wiring;
    this.#jobs = jobs.indexer;
    this.#reconciler = reconciler;
    this.#orphans = orphans;
    jobs.addEventHandler({
      onAdd: (record) => reconciler.enqueue(record),
      onUpdate: (record, old, job) => this.#onJobUpdated(record, old, job),
      onDelete: (record, last) => {
        reconciler.enqueue(record);
        orphans.enqueuePodsOf(last);
      },
    });
    pods.addEventHandler({
      onAdd: (record, pod) => this.#onPodAdded(record, pod),
      onUpdate: (record, old, pod) => this.#onPodUpdated(record, old, pod),
      onDelete: (record, last) => this.#onPodDeleted(record, last, true),
    });
  }

  #onJobUpdated(record: KeyRecord<Job>, old: Job, job: Job): void {
    if (job.metadata.generation === old.metadata.generation) this.#batch(record);
    else this.#reconciler.enqueue(record);
    if (isFinished(job)) this.#orphans.enqueuePodsOf(job);
  }

  #onPodAdded(record: KeyRecord<Pod>, pod: Pod): void {
    if (isTerminating(pod)) return this.#onPodDeleted(record, pod, false);
    if (controllerOf(pod) === undefined) return this.#onOrphan(record, pod);
    const job = this.#controllerOf(pod);
    if (job === undefined) return;
    this.#wiring.state().expectations.creationObserved(job);
    this.#batch(job);
  }

  #onPodUpdated(record: KeyRecord<Pod>, old: Pod, pod: Pod): void {
    if (isTerminating(pod)) return this.#onPodDeleted(record, pod, false);
    const isUntracked = !hasFinalizer(pod);
    const oldOwner = controllerOf(old);
    const owner = controllerOf(pod);
    const isMoved = oldOwner?.uid !== owner?.uid;
    for (const each of isMoved ? [old, pod] : [pod]) {
      const job = this.#controllerOf(each);
      if (job === undefined) continue;
      if (isUntracked) this.#wiring.state().removals.observed(job, pod.metadata.uid);
      this.#batch(job);
    }
    if (owner === undefined && (isMoved || old.metadata.labels !== pod.metadata.labels))
      this.#onOrphan(record, pod);
  }

  /** `isGone`: the object is; else it has only got its deletionTimestamp. */
  #onPodDeleted(record: KeyRecord<Pod>, pod: Pod, isGone: boolean): void {
    const job = this.#controllerOf(pod);
    const object = job && this.#jobs.get(job);
    if (job === undefined || object === undefined || isFinished(object)) {
      if (hasFinalizer(pod) && !isGone) this.#orphans.enqueue(record);
      return;
    }
    this.#wiring.state().expectations.deletionObserved(job);
    if (isGone || !hasFinalizer(pod)) this.#wiring.state().removals.observed(job, pod.metadata.uid);
    this.#batch(job);
  }

  #onOrphan(record: KeyRecord<Pod>, pod: Pod): void {
    if (hasFinalizer(pod)) this.#orphans.enqueue(record);
    const { labels = {} } = pod.metadata;
    for (const job of ownersSelecting(this.#jobs, pod.metadata, ({ spec }) =>
      compileLabelSelector(spec.selector).matches(labels),
    )) {
      this.#batch(job);
    }
  }

  #controllerOf(pod: Pod): KeyRecord<Job> | undefined {
    return resolveController(this.#jobs, "Job", pod);
  }

  /** enqueueSyncJobBatched */
  #batch(job: KeyRecord): void {
    this.#reconciler.enqueueAfter(job, BATCH_US);
  }
}
