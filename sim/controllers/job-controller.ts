/**
 * JobController: runs a Job's pods until enough of them have succeeded.
 *
 *   start -> adopt -> manage -> create ... -> decide -> flush -> untrack -> settle -> done
 *
 * Pod events are batched: a Job is synced one second after the first of them.
 *
 * Source: pkg/controller/job/job_controller.go of v1.30. Its alpha field managedBy is not modelled.
 */
import {
  compileLabelSelector,
  type Job,
  type KeyRecord,
  type Pod,
  timestamp,
} from "../api/index.ts";
import type { EventRecorder, Indexer } from "../client/index.ts";
import type { Kernel, Micros } from "../kernel/index.ts";
import type { Controller, ControllerContext } from "./controller.ts";
import { ControllerExpectations, UidExpectations } from "./expectations.ts";
import { JobAnswers, type JobControllerState } from "./job-answers.ts";
import { NO_FAILURES, nextBackoff } from "./job-backoff.ts";
import {
  countPods,
  isDone,
  isFinished,
  isIndexed,
  isSuspended,
  momentUs,
  newCondition,
  TRACKING_FINALIZER,
} from "./job-count.ts";
import { BATCH_US, JobEvents } from "./job-events.ts";
import { JobOrphans, withoutFinalizer } from "./job-orphans.ts";
import { finalCondition, jobOutcome } from "./job-outcome.ts";
import { planJobPods } from "./job-plan.ts";
import { jobPod } from "./job-pods.ts";
import { type JobCall, JobSync } from "./job-sync.ts";
import {
  finishedStatus,
  interimStatus,
  isQuiet,
  settleUncounted,
  suspendedStatus,
  track,
  trackedUids,
} from "./job-tracking.ts";
import { adoptionPatch, claim, releasePatch } from "./ownership.ts";
import { compareActive } from "./pod-ranking.ts";
import { isPodReady } from "./pod-state.ts";
import { Reconciler } from "./reconciler.ts";
import { nextBatch, slowStart } from "./slow-start.ts";

/** kube-controller-manager --concurrent-job-syncs. */
const WORKERS = 5;

export class JobController implements Controller {
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
  readonly #recorder: EventRecorder;
  /** successPolicy is heeded. */
  readonly #hasSuccessPolicy: boolean;

  constructor(context: ControllerContext) {
    const { kernel } = context;
    const { controllerSync } = context.latency;
    const client = context.client("job-controller");
    const jobs = context.informer<Job>("Job");
    const pods = context.informer<Pod>("Pod");
    this.#kernel = kernel;
    this.#jobs = jobs.indexer;
    this.#pods = pods.indexer;
    this.#hasSuccessPolicy = context.options.jobSuccessPolicy;
    this.#recorder = context.events(client, "job-controller");
    const answers = new JobAnswers({
      reconciler: () => this.#reconciler,
      recorder: this.#recorder,
      state: () => this.state,
    });
    this.#reconciler = new Reconciler(
      { kernel, client, name: "job", workers: WORKERS, controllerSync },
      {
        begin: (record) => new JobSync(record),
        run: (work) => this.#run(work),
        answered: (work, call, item) => answers.handle(work, call, item),
      },
    );
    this.#orphans = new JobOrphans({ kernel, client, jobs, pods, controllerSync });
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
      this.#reconciler.cancelAfter(record); // the deadline of a Job that is over
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
    const hasSuccessPolicy = this.#hasSuccessPolicy;
    work.finished = jobOutcome({ job, pods, counts, startUs, nowUs, hasSuccessPolicy });
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
    const plain = isIndexed(job) ? undefined : jobPod(job, -1); // one for all: none has a name yet
    for (let i = 0; i < count; i++) {
      const index = work.indexes.shift() ?? -1;
      const pod = plain ?? jobPod(job, index, work.counts?.toReplace.get(index));
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
      status = this.#suspend(job, nowUs);
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

  /** The status with what suspending or resuming the Job changes. */
  #suspend(job: Job, nowUs: Micros): Job["status"] {
    const status = suspendedStatus(job, job.status, nowUs);
    if (status !== job.status) {
      const [reason, text] = isSuspended(job) ? ["Suspended", "suspended"] : ["Resumed", "resumed"];
      this.#recorder.event(job, "Normal", reason, `Job ${text}`);
    }
    return status;
  }

  #flush(work: JobSync, job: Job): string {
    const { record, pods, counts, finished } = work;
    if (counts === undefined) return "done";
    const isRemoved = (uid: string): boolean => this.state.removals.isExpected(record, uid);
    if (!isQuiet(job, finished) || counts.active.length < pods.length)
      work.tracked = trackedUids(pods, isRemoved);
    const input = { job, pods, counts, finished, isRemoved, tracked: work.tracked };
    const { status: tracked, isDirty, untracked, hasMore } = track(input);
    // Why the Job ends is on record before the last pods may go.
    const status = finished === undefined ? tracked : interimStatus(tracked, finished);
    work.hasMore = hasMore;
    work.untracked = untracked.flatMap(({ metadata }) => work.keyOf(metadata.uid) ?? []);
    work.finished = finished && finalCondition(finished, this.#kernel.nowUs);
    work.job = { ...job, status };
    if (work.isDirty || isDirty || status !== tracked) {
      this.#reconciler.update(work, record, work.job, "status", { call: "flush" });
    }
    work.isDirty = false;
    return "untrack";
  }

  #untrack(work: JobSync): string {
    if (work.untracked.length === 0) return "settle";
    const pods = work.untracked.flatMap((pod) => this.#pods.get(pod) ?? []);
    const uids = pods.map(({ metadata }) => metadata.uid);
    if (uids.length > 0) this.state.removals.expect(work.record, uids);
    for (const object of pods) {
      const pod = work.keyOf(object.metadata.uid);
      if (pod === undefined) continue;
      this.#reconciler.patch(work, pod, withoutFinalizer(object), "", {
        call: "untrack",
        uid: object.metadata.uid,
      });
    }
    // Those that are gone altogether have no finalizer either.
    const left = new Set(uids);
    for (const record of work.untracked) {
      const uid = this.#pods.get(record)?.metadata.uid;
      if (uid !== undefined && !left.has(uid)) work.tracked.delete(uid);
    }
    return "settle";
  }

  #settle(work: JobSync, job: Job): string {
    let status = settleUncounted(job.status, work.tracked);
    if (work.finished !== undefined && !work.hasMore && work.error === "") {
      const finished = finishedStatus(status, work.finished);
      if (finished !== undefined) work.ending = work.finished;
      status = finished ?? status;
    }
    if (status !== job.status)
      this.#reconciler.update(work, work.record, { ...job, status } as Job, "status", {
        call: "status",
      });
    return "done";
  }

  #delete(work: JobSync, pod: Pod, call: "drop" | "end"): void {
    const key = work.keyOf(pod.metadata.uid);
    if (key === undefined) throw new Error(`no key of pod ${pod.metadata.name}`);
    const item = { call, pod: key, wasReady: isPodReady(pod) };
    if (call === "end") this.#reconciler.delete(work, key, item);
    else this.#reconciler.patch(work, key, withoutFinalizer(pod), "", item);
  }
}
