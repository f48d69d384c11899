/**
 * CronJobController: makes a Job at each time of a schedule.
 *
 *   start (old Jobs go) -> children -> missing -> schedule -> replace -> create -> adopt -> status
 *
 * Its timers are background events: a CronJob alone does not keep a run alive.
 *
 * Source: pkg/controller/cronjob/cronjob_controllerv2.go of v1.30.
 */
import {
  type CronJob,
  controllerOf,
  type Job,
  type KeyRecord,
  timestamp,
  timestampUs,
} from "../api/index.ts";
import type { ApiCall, ApiClient, EventRecorder, Indexer } from "../client/index.ts";
import type { Kernel } from "../kernel/index.ts";
import type { Controller, ControllerContext } from "./controller.ts";
import {
  finishedType,
  isListed,
  jobName,
  jobOf,
  outdatedJobs,
  withActive,
  withoutActive,
} from "./cron-job-jobs.ts";
import { type CronJobCall, CronJobSync } from "./cron-job-sync.ts";
import { missedRuns, scheduleOf, untilNextUs } from "./cron-job-times.ts";
import { isNamespaceTerminating } from "./namespace-terminating.ts";
import { Reconciler } from "./reconciler.ts";

/** kube-controller-manager --concurrent-cron-job-syncs. */
const WORKERS = 5;
/** Index of Jobs by the namespace and name of their controller: its uid is not looked at. */
const BY_OWNER_NAME = "owner-name";
const TOO_MANY =
  "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew";

export class CronJobController implements Controller {
  readonly #kernel: Kernel;
  readonly #client: ApiClient;
  readonly #cronJobs: Indexer<CronJob>;
  readonly #jobs: Indexer<Job>;
  readonly #recorder: EventRecorder;
  readonly #reconciler: Reconciler<CronJobSync, CronJobCall>;

  constructor(context: ControllerContext) {
    const { kernel } = context;
    const { controllerSync } = context.latency;
    const client = context.client("cronjob-controller");
    const cronJobs = context.informer<CronJob>("CronJob");
    const jobs = context.informer<Job>("Job");
    this.#kernel = kernel;
    this.#client = client;
    this.#cronJobs = cronJobs.indexer;
    this.#jobs = jobs.indexer;
    this.#recorder = context.events(client, "cronjob-controller");
    const ownerName = (job: Job): string | undefined => {
      const owner = controllerOf(job);
      return owner === undefined ? undefined : `${job.metadata.namespace}/${owner.name}`;
    };
    jobs.indexer.addIndex(BY_OWNER_NAME, ownerName, "metadata");
    this.#reconciler = new Reconciler(
      { kernel, client, name: "cronjob", workers: WORKERS, controllerSync },
      {
        begin: (record) => new CronJobSync(record),
        run: (work) => this.#run(work),
        answered: (work, call, item) => this.#onAnswer(work, call, item),
      },
    );
    cronJobs.addEventHandler({
      onAdd: (record) => this.#reconciler.enqueue(record),
      onUpdate: (record, old, cronJob) => this.#onUpdated(record, old, cronJob),
      onDelete: (record) => this.#reconciler.enqueue(record),
    });
    jobs.addEventHandler({
      onAdd: (_record, job) => this.#onJob(job),
      onUpdate: (_record, old, job) => {
        if (controllerOf(old)?.uid !== controllerOf(job)?.uid) this.#onJob(old);
        this.#onJob(job);
      },
      onDelete: (_record, last) => this.#onJob(last),
    });
  }

  /** Starts the workers: once the informers have synced. */
  run(): void {
    this.#reconciler.run();
  }

  /** Another schedule is met at its own next time; any other change is looked at now. */
  #onUpdated(record: KeyRecord<CronJob>, old: CronJob, cronJob: CronJob): void {
    const { spec } = cronJob;
    if (old.spec.schedule === spec.schedule && old.spec.timeZone === spec.timeZone)
      return this.#reconciler.enqueue(record);
    const parsed = scheduleOf(cronJob);
    if (!parsed.ok) {
      const text = `unparseable schedule for cronjob: ${spec.schedule}`;
      return this.#recorder.event(cronJob, "Warning", "UnParseableCronJobSchedule", text);
    }
    const delayUs = untilNextUs(cronJob, parsed.schedule, this.#kernel.nowUs);
    this.#reconciler.enqueueAfterInBackground(record, delayUs);
  }

  #onJob(job: Job): void {
    if (this.#cronJobs.size === 0) return;
    const owner = controllerOf(job);
    if (owner?.kind !== "CronJob") return;
    const record = this.#client.record("CronJob", job.metadata.namespace, owner.name);
    const cronJob = this.#cronJobs.get(record as KeyRecord<CronJob>);
    if (cronJob?.metadata.uid === owner.uid) this.#reconciler.enqueue(record);
  }

  #run(work: CronJobSync): string {
    if (work.stage === "start") return this.#start(work);
    const { cronJob } = work;
    if (cronJob === undefined) return "done";
    // What was done so far is written, whatever failed.
    if (work.error !== "" && work.stage !== "status" && work.stage !== "requeue") return "status";
    switch (work.stage) {
      case "children":
        return this.#noteChildren(work);
      case "missing":
        return this.#findMissing(work, cronJob);
      case "schedule":
        return this.#schedule(work, cronJob);
      case "replace":
        return this.#replace(work, cronJob);
      case "create":
        this.#reconciler.create(work, "Job", jobOf(cronJob, work.scheduledUs), { call: "create" });
        return "status";
      case "status":
        if (work.isDirty)
          this.#reconciler.update(work, work.record, cronJob, "status", { call: "status" });
        return "requeue";
      case "requeue":
        if (work.requeueUs >= 0 && work.error === "")
          this.#reconciler.enqueueAfterInBackground(work.record, work.requeueUs);
        return "done";
      default:
        throw new Error(`cronjob: unknown stage "${work.stage}"`);
    }
  }

  #start(work: CronJobSync): string {
    const cronJob = this.#cronJobs.get(work.record as KeyRecord<CronJob>);
    if (cronJob === undefined) {
      this.#reconciler.forget(work.record);
      return "done";
    }
    work.cronJob = cronJob;
    const { namespace, name } = cronJob.metadata;
    const records = this.#jobs.byIndex(BY_OWNER_NAME, `${namespace}/${name}`);
    work.jobs = records.flatMap((record) => this.#jobs.get(record) ?? []);
    for (const job of outdatedJobs(cronJob, work.jobs)) {
      const options = { propagationPolicy: "Background" } as const;
      this.#reconciler.delete(work, this.#recordOf(job), { call: "clean", job }, options);
    }
    // A Job that is not listed may be one that the informer knows before it knows the status.
    const isUnlisted = (job: Job): boolean =>
      finishedType(job) === "" && !isListed(cronJob, job.metadata.uid);
    if (work.jobs.some(isUnlisted)) this.#reconciler.get(work, work.record, { call: "check" });
    return "children";
  }

  /** The list of active Jobs follows those that have ended. */
  #noteChildren(work: CronJobSync): string {
    for (const job of work.jobs) {
      const { cronJob } = work;
      if (cronJob === undefined) return "done";
      const { uid, name } = job.metadata;
      const type = finishedType(job);
      const wasListed = isListed(cronJob, uid);
      if (type === "" && !wasListed) {
        if (work.fresh !== undefined && isListed(work.fresh, uid)) work.cronJob = work.fresh;
        else {
          const text = `Saw a job that the controller did not create or forgot: ${name}`;
          this.#recorder.event(cronJob, "Warning", "UnexpectedJob", text);
        }
        continue;
      }
      if (type !== "" && wasListed) {
        const text = `Saw completed job: ${name}, condition: ${type}`;
        this.#recorder.event(cronJob, "Normal", "SawCompletedJob", text);
        this.#change(work, withoutActive(cronJob, uid));
      }
      if (type === "Complete") this.#noteSuccess(work, job.status.completionTime);
    }
    return "missing";
  }

  #noteSuccess(work: CronJobSync, completionTime: string | undefined): void {
    const { cronJob } = work;
    if (cronJob === undefined || completionTime === undefined) return;
    const { lastSuccessfulTime } = cronJob.status;
    const isLater =
      lastSuccessfulTime === undefined ||
      timestampUs(completionTime) > timestampUs(lastSuccessfulTime);
    if (!isLater) return;
    const status = { ...cronJob.status, lastSuccessfulTime: completionTime };
    this.#change(work, { ...cronJob, status });
  }

  /** Active Jobs that the informer does not have are looked for at the API server. */
  #findMissing(work: CronJobSync, { status }: CronJob): string {
    const known = new Set(work.jobs.map(({ metadata }) => metadata.uid));
    for (const { uid = "", namespace = "", name = "" } of status.active ?? []) {
      if (known.has(uid)) continue;
      const record = this.#client.record("Job", namespace, name);
      this.#reconciler.get(work, record, { call: "missing", uid, name });
    }
    return "schedule";
  }

  /** Whether a run is due, and may start. */
  #schedule(work: CronJobSync, cronJob: CronJob): string {
    const { metadata, spec, status } = cronJob;
    if (metadata.deletionTimestamp !== undefined || spec.suspend === true) return "status";
    const parsed = scheduleOf(cronJob);
    if (!parsed.ok) {
      const text = `unparseable schedule: ${JSON.stringify(spec.schedule)} : ${parsed.error}`;
      this.#recorder.event(cronJob, "Warning", "UnparseableSchedule", text);
      return "status";
    }
    const { nowUs } = this.#kernel;
    work.nowUs = nowUs;
    const missed = missedRuns(cronJob, parsed.schedule, nowUs, true);
    if (missed.fault !== "") {
      const text = `invalid schedule: ${spec.schedule} : ${missed.fault}`;
      this.#recorder.event(cronJob, "Warning", "InvalidSchedule", text);
      return "status";
    }
    work.requeueUs = untilNextUs(cronJob, parsed.schedule, nowUs);
    const { latestUs } = missed;
    if (latestUs === undefined) return "status";
    if (missed.count === "many")
      this.#recorder.event(cronJob, "Warning", "TooManyMissedTimes", TOO_MANY);
    const { startingDeadlineSeconds } = spec;
    if (
      startingDeadlineSeconds !== undefined &&
      latestUs + startingDeadlineSeconds * 1_000_000 < nowUs
    ) {
      const text = `Missed scheduled time to start a job: ${rfc1123(timestamp(latestUs))}`;
      this.#recorder.event(cronJob, "Warning", "MissSchedule", text);
      return "status";
    }
    const name = jobName(cronJob, latestUs);
    const active = status.active ?? [];
    if (
      active.some((each) => each.name === name && each.namespace === metadata.namespace) ||
      status.lastScheduleTime === timestamp(latestUs)
    ) {
      return "status"; // this run has been started
    }
    if (spec.concurrencyPolicy === "Forbid" && active.length > 0) {
      const text =
        "Not starting job because prior execution is running and concurrency policy is Forbid";
      this.#recorder.event(cronJob, "Normal", "JobAlreadyActive", text);
      return "status";
    }
    work.scheduledUs = latestUs;
    if (spec.concurrencyPolicy === "Replace") return "replace";
    return "create";
  }

  /** All that still run are read and deleted before the next is made. */
  #replace(work: CronJobSync, { status }: CronJob): string {
    work.requeueUs = -1;
    for (const { namespace = "", name = "" } of status.active ?? []) {
      const record = this.#client.record("Job", namespace, name);
      this.#reconciler.get(work, record, { call: "find", record });
    }
    return "create";
  }

  #onAnswer(work: CronJobSync, call: ApiCall, item: CronJobCall): void {
    const { cronJob } = work;
    if (cronJob === undefined) return;
    switch (item.call) {
      case "check":
        if (call.ok) work.fresh = call.object as CronJob;
        else work.error = call.message;
        return;
      case "clean":
      case "replace":
        return this.#onDeleted(work, call, item);
      case "missing":
        if (call.code === 404) {
          const text = `Active job went missing: ${item.name}`;
          this.#recorder.event(cronJob, "Normal", "MissingJob", text);
          this.#change(work, withoutActive(cronJob, item.uid));
        } else if (!call.ok) work.error = call.message;
        return;
      case "find": {
        if (!call.ok) {
          this.#recorder.event(cronJob, "Warning", "FailedGet", `Get job: ${call.message}`);
          work.error = call.message;
          return;
        }
        const job = call.object as Job;
        const options = { propagationPolicy: "Background" } as const;
        this.#reconciler.delete(work, item.record, { call: "replace", job }, options);
        return;
      }
      case "create":
        return this.#onCreated(work, cronJob, call);
      case "existing":
        return this.#onExisting(work, cronJob, call);
      case "status":
        if (!call.ok) work.error = call.message;
        return;
    }
  }

  #onDeleted(
    work: CronJobSync,
    call: ApiCall,
    item: { readonly call: "clean" | "replace"; readonly job: Job },
  ): void {
    const { cronJob } = work;
    const { namespace, name, uid } = item.job.metadata;
    if (cronJob === undefined) return;
    if (!call.ok) {
      const text = `Deleted job: ${call.message}`;
      this.#recorder.event(cronJob, "Warning", "FailedDelete", text);
      if (item.call === "replace") work.error = `could not replace job ${namespace}/${name}`;
      return;
    }
    this.#recorder.event(cronJob, "Normal", "SuccessfulDelete", `Deleted job ${name}`);
    this.#change(work, withoutActive(cronJob, uid));
    work.isDirty = true;
  }

  #onCreated(work: CronJobSync, cronJob: CronJob, call: ApiCall): void {
    if (call.ok) {
      const text = `Created job ${call.record?.name}`;
      this.#recorder.event(cronJob, "Normal", "SuccessfulCreate", text);
      return this.#list(work, cronJob, call.object as Job);
    }
    if (call.reason === "AlreadyExists" && call.record !== undefined) {
      this.#reconciler.get(work, call.record, { call: "existing" });
      return;
    }
    if (!isNamespaceTerminating(call)) {
      const text = `Error creating job: ${call.message}`;
      this.#recorder.event(cronJob, "Warning", "FailedCreate", text);
    }
    work.error = call.message;
  }

  /** Made before, by this controller, which then failed to list it; or somebody else's. */
  #onExisting(work: CronJobSync, cronJob: CronJob, call: ApiCall): void {
    if (!call.ok) {
      work.error = call.message;
      return;
    }
    const job = call.object as Job;
    const isOurs = controllerOf(job)?.uid === cronJob.metadata.uid;
    if (isOurs && !isListed(cronJob, job.metadata.uid)) return this.#list(work, cronJob, job);
    work.requeueUs = -1;
  }

  /** The Job that was just made is active, and its time is done. */
  #list(work: CronJobSync, cronJob: CronJob, job: Job): void {
    const next = withActive(cronJob, job, timestamp(work.scheduledUs));
    this.#change(work, next);
    const parsed = scheduleOf(next);
    if (parsed.ok) work.requeueUs = untilNextUs(next, parsed.schedule, work.nowUs);
  }

  #change(work: CronJobSync, cronJob: CronJob): void {
    if (cronJob === work.cronJob) return;
    work.cronJob = cronJob;
    work.isDirty = true;
  }

  #recordOf({ metadata }: Job): KeyRecord {
    return this.#client.record("Job", metadata.namespace, metadata.name);
  }
}

/** `Mon, 01 Jan 2024 00:00:00 +0000` */
function rfc1123(text: string): string {
  return new Date(Date.parse(text)).toUTCString().replace("GMT", "+0000");
}
