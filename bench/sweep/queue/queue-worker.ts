/** A worker: takes runs from the queue until it is told to stop. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Job } from "bullmq";
import { InputError } from "../../../sim/kernel/index.ts";
import { type PlanHooks, planStudy } from "../../study/index.ts";
import { RunFolders } from "../run-folders.ts";
import type { Executor } from "../run-task.ts";
import { labelText } from "../sweep.ts";
import { forBullmq, parseRedisUrl, refuseAbsentRedis } from "./connection.ts";
import { queuePackages } from "./packages.ts";
import { packFolder } from "./packed-run.ts";
import {
  QUEUE_NAME,
  type QueuedAnswer,
  type QueuedTask,
  workerSettings,
} from "./queue-executor.ts";

export interface WorkerOptions {
  /** `redis://...` */
  readonly url: string;
  /** Runs the runs; in threads, so that this one can tell Redis that it lives. */
  readonly executor: Executor;
  /** Folder that takes the place of the experiment's; undefined: it is at the same path here. */
  readonly inputs: string | undefined;
  /** End when the queue is empty. */
  readonly untilEmpty: boolean;
  readonly onRunDone: (label: string, message: string | undefined) => void;
  readonly notice: (text: string) => void;
}

/** A worker that says nothing for so long is dead: another one takes its run. Our assumption. */
const LOCK_MS = 15_000;
const LOOK_FOR_THE_DEAD_MS = 5_000;

/** Resolves when the signal says stop; runs that are under way are given back to the queue. */
export async function workQueue(options: WorkerOptions, hooks: PlanHooks): Promise<void> {
  const { bullmq, Redis } = await queuePackages();
  const address = parseRedisUrl(options.url);
  await refuseAbsentRedis(address, { bullmq, Redis });
  const results = mkdtempSync(join(tmpdir(), "stowage-worker-"));
  const worker = new bullmq.Worker<QueuedTask, QueuedAnswer>(
    QUEUE_NAME,
    (job) => perform(job, results, options, hooks),
    {
      connection: forBullmq(address),
      concurrency: options.executor.slots(),
      lockDuration: LOCK_MS,
      stalledInterval: LOOK_FOR_THE_DEAD_MS,
      ...workerSettings,
    },
  );
  worker.on("error", (error) => {
    if (!hooks.signal.aborted) options.notice(`${options.url}: ${error.message}`);
  });
  try {
    await stopped(hooks.signal, options.untilEmpty ? worker : undefined);
  } finally {
    await worker.close(true);
    rmSync(results, { recursive: true, force: true });
  }
}

type Drainable = { on(event: "drained", listener: () => void): unknown };

function stopped(signal: AbortSignal, drained: Drainable | undefined): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
    drained?.on("drained", resolve);
  });
}

async function perform(
  job: Job<QueuedTask, QueuedAnswer>,
  results: string,
  { executor, inputs, onRunDone }: WorkerOptions,
  hooks: PlanHooks,
): Promise<QueuedAnswer> {
  const task = withInputs(job.data, inputs);
  const label = labelText({ labels: task.labels });
  const fault = await faultOfInputs(task, hooks);
  if (fault !== undefined) {
    onRunDone(label, fault);
    return { ok: false, message: fault, isInput: true };
  }
  const { version: _version, ...rest } = task;
  const verdict = await executor.run(
    { ...rest, directory: results },
    {
      signal: hooks.signal,
      onProgress: (fraction) => void job.updateProgress(fraction).catch(() => {}),
    },
  );
  onRunDone(label, verdict.ok ? undefined : verdict.message);
  if (!verdict.ok) return verdict;
  const folders = new RunFolders(results);
  const packed = packFolder(folders.path(task.key));
  folders.discard(folders.path(task.key));
  return { ok: true, packed };
}

/** The task with the folder of its inputs on this machine. */
function withInputs(task: QueuedTask, inputs: string | undefined): QueuedTask {
  if (inputs === undefined) return task;
  const { experiment } = task;
  const { workloadBase } = experiment;
  const policies = experiment.policies.map((policy) => ({
    ...policy,
    path: policy.path?.startsWith(`${workloadBase}/`)
      ? join(inputs, policy.path.slice(workloadBase.length + 1))
      : policy.path,
  }));
  return { ...task, experiment: { ...experiment, workloadBase: inputs, policies } };
}

/** Why the run would not be the same one here; undefined: it is. */
async function faultOfInputs(
  { key, version, labels, experiment }: QueuedTask,
  hooks: PlanHooks,
): Promise<string | undefined> {
  if (version !== hooks.version)
    return `a worker is of stowage ${hooks.version}, the sweep of ${version}. Install the same.`;
  const study = {
    name: "",
    parameters: [],
    directory: "",
    points: [{ labels, experiment }],
  };
  try {
    const [own] = (await planStudy(study, hooks)).runs;
    return own?.key === key
      ? undefined
      : "the input files of a worker are others than the sweep's. Copy them to the worker again.";
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return `a worker cannot read the inputs: ${error.message} Copy them there, or name their folder with --inputs.`;
  }
}
