/**
 * JobController: runs a Job's pods until enough of them have succeeded.
 *
 *   start -> adopt -> manage -> create ... -> decide -> flush -> untrack -> settle -> done
 *
 * Pod events are batched: a Job is synced one second after the first of them.
 *
 * Source: pkg/controller/job/job_controller.go of v1.30. Not modelled: podFailurePolicy,
 * successPolicy, backoffLimitPerIndex, ttlSecondsAfterFinished, managedBy.
 */
import {
  compileLabelSelector,
  type Job,
  type KeyRecord,
  type Pod,
  timestamp,
} from "../api/index.ts";
import type { ApiCall, ApiClient, Indexer, SharedInformer } from "../client/index.ts";
import type { Kernel, Micros } from "../kernel/index.ts";
import { ControllerExpectations, UidExpectations } from "./expectations.ts";
import { type BackoffRecord, NO_FAILURES, nextBackoff } from "./job-backoff.ts";
import {
  countPods,
  failureOf,
  hasFinalizer,
  isDone,
  isFinished,
  isSuspended,
  momentUs,
  newCondition,
  TRACKING_FINALIZER,
} from "./job-count.ts";
import { BATCH_US, JobEvents, type JobExpectations } from "./job-events.ts";
import { JobOrphans, withoutFinalizer } from "./job-orphans.ts";
import { planJobPods } from "./job-plan.ts";
import { jobPod } from "./job-pods.ts";
import { type JobCall, JobSync } from "./job-sync.ts";
import { finishedStatus, settleUncounted, suspendedStatus, track } from "./job-tracking.ts";
import { adoptionPatch, claim, releasePatch } from "./ownership.ts";
import { compareActive } from "./pod-ranking.ts";
import { isPodReady } from "./pod-state.ts";
import { Reconciler } from "./reconciler.ts";
import { nextBatch, slowStart } from "./slow-start.ts";

/** kube-controller-manager --concurrent-job-syncs. */
const WORKERS = 5;
export interface JobControllerSettings {
  readonly kernel: Kernel;
  readonly client: ApiClient;
  readonly jobs: SharedInformer<Job>;
  readonly pods: SharedInformer<Pod>;
  readonly controllerSync: string;
}

interface JobControllerState extends JobExpectations {
  readonly backoffs: Map<KeyRecord, BackoffRecord>;
}

export class JobController {
  state: JobControllerState = {
    expectations: new ControllerExpectations(),
    removals: new UidExpectations(),
    backoffs: new Map(),
  };
  readonly #kernel: Kernel;
  readonly #jobs: Indexer<Job>;
  readonly #pods: Indexer<Pod>;
  readonly #reconciler: Reconciler<JobSync, JobCall>;
  readonly #orphans: JobOrphans;

  constructor(settings: JobControllerSettings) {
    const { kernel, client, jobs, pods, controllerSync } = settings;
    this.#kernel = kernel;
    this.#jobs = jobs.indexer;
    this.#pods = pods.indexer;
    this.#reconciler = new Reconciler(
      { kernel, client, name: "job", workers: WORKERS, controllerSync },
      {
        begin: (record) => new JobSync(record),
        run: (work) => this.#run(work),
        answered: (work, call, item) => this.#onAnswer(work, call, item),
      },
    );
    this.#orphans = new JobOrphans(settings);
    new JobEvents({
      jobs,
      pods,
      reconciler: this.#reconciler,
      orphans: this.#orphans,
      state: () => this.state,
    });
    kernel.keep("controller/job", this);
  }

  /** Starts the workers: once the informers have synced. */
  run(): void {
    this.#reconciler.run();
    this.#orphans.run();
  }

  #run(work: JobSync): string {
    if (work.stage === "start") return this.#start(work);
    const { job } = work;
    if (job === undefined) return "done";
    switch (work.stage) {
      case "adopt":
        return this.#adopt(work, job);
      case "manage":
        return this.#manage(work, job);
      case "create":
        return this.#createBatch(work, job);
      case "decide":
        return this.#decide(work, job);
      case "flush":
        return this.#flush(work, job);
      case "untrack":
        return this.#untrack(work);
      case "settle":
        return this.#settle(work, job);
      default:
        throw new Error(`job: unknown stage "${work.stage}"`);
    }
  }

  #start(work: JobSync): string {
    const { record } = work;
    const job = this.#jobs.get(record as KeyRecord<Job>);
    const { expectations, removals, backoffs } = this.state;
    if (job === undefined) {
      expectations.delete(record);
      removals.delete(record);
      this.#reconciler.forget(record);
    }
    if (job === undefined || isFinished(job)) {
      backoffs.delete(record);
      return "done";
    }
    work.job = job;
    work.isSatisfied = expectations.isSatisfied(record, this.#kernel.nowUs);
    const selector = compileLabelSelector(job.spec.selector);
    const claims = claim(this.#pods, job, selector, () => true);
    for (const key of claims.kept) {
      const pod = this.#pods.get(key);
      if (pod !== undefined) work.keep(key, pod);
    }
    work.orphans = claims.orphans;
    work.released = claims.released;
    if (work.orphans.length > 0) this.#reconciler.get(work, record, { call: "check" });
    return "adopt";
  }

  #adopt(work: JobSync, job: Job): string {
    for (const pod of work.released) {
      const object = this.#pods.get(pod);
      if (object === undefined) continue;
      const patch = releasePatch(job, object, [TRACKING_FINALIZER]);
      this.#reconciler.patch(work, pod, patch, "", { call: "release", pod });
    }
    for (const pod of work.orphans) {
      const object = this.#pods.get(pod);
      if (object === undefined) continue;
      const patch = adoptionPatch(job, object, [TRACKING_FINALIZER]);
      this.#reconciler.patch(work, pod, patch, "", { call: "adopt", pod });
    }
    return "manage";
  }

  /** Counts the pods, and makes or deletes as many as the Job wants. */
  #manage(work: JobSync, given: Job): string {
    const { record, pods } = work;
    const { nowUs } = this.#kernel;
    let job = given;
    if (job.status.startTime === undefined && !isSuspended(job)) {
      job = { ...job, status: { ...job.status, startTime: timestamp(nowUs) } };
      work.job = job;
    }
    const counts = countPods(job, pods, (uid) => this.state.removals.isExpected(record, uid));
    work.counts = counts;
    work.active = counts.active.length;
    work.ready = counts.active.filter(isPodReady).length;
    work.terminating = counts.terminating;
    const known = this.state.backoffs.get(record) ?? NO_FAILURES;
    work.backoff = nextBackoff(known, counts.newSucceeded, counts.newFailed);
    const startUs = momentUs(job.status.startTime);
    work.finished = failureOf(job, pods, counts.failed, startUs, nowUs);
    if (work.finished !== undefined) {
      for (const pod of [...counts.active].sort(compareActive)) this.#delete(work, pod, "end");
      return "decide";
    }
    this.#resyncAtDeadline(job, record, startUs);
    if (!work.isSatisfied || job.metadata.deletionTimestamp !== undefined) return "decide";
    work.isManaged = true;
    return this.#keepCount(work, job);
  }

  #resyncAtDeadline(job: Job, record: KeyRecord, startUs: Micros | undefined): void {
    const { activeDeadlineSeconds } = job.spec;
    if (activeDeadlineSeconds === undefined || startUs === undefined || isSuspended(job)) return;
    const dueUs = startUs + activeDeadlineSeconds * 1_000_000;
    this.#reconciler.enqueueAfter(record, dueUs - this.#kernel.nowUs);
  }

  #keepCount(work: JobSync, job: Job): string {
    const { record, counts, pods, backoff } = work;
    const { nowUs } = this.#kernel;
    if (counts === undefined) return "done";
    const { expectations } = this.state;
    const plan = planJobPods(job, pods, counts, backoff, nowUs);
    const { leaving, createCount, pauseUs } = plan;
    if (leaving.length > 0) {
      expectations.expectDeletions(record, leaving.length, nowUs);
      for (const pod of leaving) this.#delete(work, pod, "drop");
    }
    if (pauseUs > 0) {
      this.#reconciler.enqueueAfter(record, Math.max(BATCH_US, pauseUs));
      work.active = 0; // v1.30 reports none while it waits
    }
    if (createCount === 0) return "decide";
    expectations.expectCreations(record, createCount, nowUs);
    work.indexes = [...plan.indexes];
    work.active += createCount;
    work.creations = slowStart(createCount);
    return "create";
  }

  #createBatch(work: JobSync, job: Job): string {
    const { creations, record } = work;
    if (creations.failures > 0) {
      this.state.expectations.creationObserved(record, creations.remaining);
      work.active -= creations.remaining;
      return "decide";
    }
    const count = nextBatch(creations);
    if (count === 0) return "decide";
    for (let i = 0; i < count; i++) {
      const pod = jobPod(job, work.indexes.shift() ?? -1);
      this.#reconciler.create(work, "Pod", pod, { call: "create" });
    }
    return "create";
  }

  /** Whether the Job is over, and what its status says of it. */
  #decide(work: JobSync, job: Job): string {
    const { counts } = work;
    const { nowUs } = this.#kernel;
    if (counts === undefined) return "done";
    const hadActive = counts.active.length;
    work.active -= work.deletedCount;
    work.terminating += work.deletedCount;
    let { status } = job;
    if (work.finished !== undefined) {
      // Pods that are not gone, or not seen yet, would be missed in the counts.
      if (work.deletedCount !== hadActive || !work.isSatisfied) work.finished = undefined;
    } else if (isDone(job, work.active, counts.succeeded)) {
      work.finished = newCondition("Complete", "", "", nowUs);
    } else if (work.isManaged) {
      status = suspendedStatus(job, status, nowUs);
    }
    const { active, ready, terminating } = work;
    work.isDirty =
      status !== job.status ||
      active !== (status.active ?? 0) ||
      ready !== status.ready ||
      terminating !== status.terminating;
    work.job = { ...job, status: { ...status, active, ready, terminating } };
    return "flush";
  }

  #flush(work: JobSync, job: Job): string {
    const { record, pods, counts, finished } = work;
    if (counts === undefined) return "done";
    const isRemoved = (uid: string): boolean => this.state.removals.isExpected(record, uid);
    for (const pod of pods) {
      const { uid } = pod.metadata;
      if (hasFinalizer(pod) && !isRemoved(uid)) work.tracked.add(uid);
    }
    const input = { job, pods, counts, finished, isRemoved, tracked: work.tracked };
    const { status, isDirty, untracked, hasMore } = track(input);
    work.hasMore = hasMore;
    work.untracked = untracked.flatMap(({ metadata }) => work.keys.get(metadata.uid) ?? []);
    work.job = { ...job, status };
    if (work.isDirty || isDirty) {
      this.#reconciler.update(work, record, work.job, "status", { call: "flush" });
    }
    work.isDirty = false;
    return "untrack";
  }

  #untrack(work: JobSync): string {
    const pods = work.untracked.flatMap((pod) => this.#pods.get(pod) ?? []);
    const uids = pods.map(({ metadata }) => metadata.uid);
    if (uids.length > 0) this.state.removals.expect(work.record, uids);
    for (const object of pods) {
      const pod = work.keys.get(object.metadata.uid);
      if (pod === undefined) continue;
      this.#reconciler.patch(work, pod, withoutFinalizer(object), "", {
        call: "untrack",
        uid: object.metadata.uid,
      });
    }
    // Those that are gone altogether have no finalizer either.
    const left = new Set(uids);
    for (const { views } of work.untracked) {
      const uid = views[this.#pods.slot]?.metadata.uid;
      if (uid !== undefined && !left.has(uid)) work.tracked.delete(uid);
    }
    return "settle";
  }

  #settle(work: JobSync, job: Job): string {
    let status = settleUncounted(job.status, work.tracked);
    if (work.finished !== undefined && !work.hasMore && work.error === "")
      status = finishedStatus(status, work.finished) ?? status;
    if (status !== job.status)
      this.#reconciler.update(work, work.record, { ...job, status } as Job, "status", {
        call: "status",
      });
    return "done";
  }

  #delete(work: JobSync, pod: Pod, call: "drop" | "end"): void {
    const key = work.keys.get(pod.metadata.uid);
    if (key === undefined) throw new Error(`no key of pod ${pod.metadata.name}`);
    const item = { call, pod: key, wasReady: isPodReady(pod) };
    if (call === "end") this.#reconciler.delete(work, key, item);
    else this.#reconciler.patch(work, key, withoutFinalizer(pod), "", item);
  }

  #onAnswer(work: JobSync, call: ApiCall, item: JobCall): void {
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
        if (!call.ok) this.#onCreateFailed(work, call);
        return;
      case "drop":
        if (call.ok) this.#reconciler.delete(work, item.pod, { ...item, call: "delete" });
        else this.#onDropFailed(work, call);
        return;
      case "delete":
        if (call.ok) this.#onDeleted(work, item.wasReady);
        else this.#onDropFailed(work, call);
        return;
      case "end":
        if (isOkOrGone) this.#onDeleted(work, item.wasReady);
        else work.error = call.message;
        return;
      case "flush":
        if (!call.ok) return abort(work, call.message);
        work.job = call.object as Job;
        this.state.backoffs.set(work.record, work.backoff);
        return;
      case "untrack":
        return this.#onUntracked(work, call, item.uid);
      case "status":
        if (!call.ok) work.error = call.message;
        return;
    }
  }

  #onCreateFailed(work: JobSync, { message }: ApiCall): void {
    work.creations.failures++;
    work.active--;
    work.error = message;
    this.state.expectations.creationObserved(work.record);
  }

  /** The informer will see no deletion. */
  #onDropFailed(work: JobSync, { code, message }: ApiCall): void {
    this.state.expectations.deletionObserved(work.record);
    if (code === 404) work.deletedCount++;
    else work.error = message;
  }

  #onDeleted(work: JobSync, wasReady: boolean): void {
    work.deletedCount++;
    if (wasReady) work.ready--;
  }

  #onUntracked(work: JobSync, call: ApiCall, uid: string): void {
    if (!call.ok) this.state.removals.observed(work.record, uid);
    if (call.ok || call.code === 404) work.tracked.delete(uid);
    else work.error = call.message;
  }
}

/** Ends the sync: what comes next would build on what failed. */
function abort(work: JobSync, message: string): void {
  work.error = message;
  work.stage = "done";
}
