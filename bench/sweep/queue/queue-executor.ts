/** Runs a sweep's runs by workers on any machines: a BullMQ queue on Redis carries them. */
import type { Job, Queue, QueueEvents } from "bullmq";
import type { InputError } from "../../../sim/kernel/index.ts";
import { RunFolders } from "../run-folders.ts";
import type { Executor, ExecutorOptions, RunTask, RunVerdict } from "../run-task.ts";
import {
  forBullmq,
  parseRedisUrl,
  type RedisAddress,
  refuseAbsentRedis,
  Watchdog,
} from "./connection.ts";
import { type QueuePackages, queuePackages } from "./packages.ts";
import { unpackFolder } from "./packed-run.ts";

/** Every sweep and every worker of a Redis database use the same queue. */
export const QUEUE_NAME = "stowage-runs";

/** What a job carries: the task without the folder of whoever asked for it. */
export type QueuedTask = Omit<RunTask, "directory"> & {
  /** Version of stowage that made the key. */
  readonly version: string;
};

/** What a worker answers. */
export type QueuedAnswer =
  | { readonly ok: true; readonly packed: string }
  | Exclude<RunVerdict, { readonly ok: true }>;

export interface QueueOptions {
  /** `redis://...` */
  readonly url: string;
  readonly version: string;
  readonly notice: (text: string) => void;
  /** How long Redis may be away, in milliseconds. */
  readonly awayMs?: number;
}

/** Tasks that are in the queue at a time: enough for any number of workers we know of. */
const IN_FLIGHT = 200;

/** A run that took so many workers with it is at fault itself. */
const DEATHS_MAX = 5;

/** Rejects with InputError when the packages or Redis are not there. */
export async function queueExecutor(options: QueueOptions): Promise<Executor> {
  const packages = await queuePackages();
  const address = parseRedisUrl(options.url);
  await refuseAbsentRedis(address, packages);
  const executor = new QueueExecutor(address, packages, options);
  await executor.prepare();
  return executor;
}

class QueueExecutor implements Executor {
  readonly #queue: Queue<QueuedTask, QueuedAnswer>;
  readonly #events: QueueEvents;
  readonly #watchdog: Watchdog;
  readonly #version: string;
  readonly #listeners = new Map<string, (fraction: number) => void>();
  readonly #lost: Promise<never>;

  constructor(address: RedisAddress, packages: QueuePackages, options: QueueOptions) {
    const { Queue: MakeQueue, QueueEvents: MakeEvents } = packages.bullmq;
    const connection = forBullmq(address);
    this.#version = options.version;
    this.#queue = new MakeQueue(QUEUE_NAME, { connection });
    this.#events = new MakeEvents(QUEUE_NAME, { connection });
    this.#queue.on("error", () => {}); // the watchdog tells
    this.#events.on("error", () => {});
    this.#events.on("progress", ({ jobId, data }) => {
      if (typeof data === "number") this.#listeners.get(jobId)?.(data);
    });
    let giveUp: (error: InputError) => void = () => {};
    this.#lost = new Promise((_resolve, reject) => {
      giveUp = reject;
    });
    this.#lost.catch(() => {}); // whoever waits is told
    const told = { lost: giveUp, notice: options.notice };
    this.#watchdog = new Watchdog(address, packages, told, options.awayMs);
  }

  async prepare(): Promise<void> {
    await this.#events.waitUntilReady();
  }

  slots(): number {
    return IN_FLIGHT;
  }

  async run(task: RunTask, { onProgress, signal }: ExecutorOptions): Promise<RunVerdict> {
    this.#listeners.set(task.key, onProgress);
    const aborted = abortOf(signal);
    try {
      return await Promise.race([this.#submit(task), this.#lost, aborted.promise]);
    } catch (error) {
      if (signal.aborted) await atMost(PARTING_MS, this.#withdraw(task.key));
      throw error;
    } finally {
      aborted.forget();
      this.#listeners.delete(task.key);
    }
  }

  async #submit({ directory, ...task }: RunTask): Promise<RunVerdict> {
    const { key } = task;
    // The same key is the same job, whoever asks for it: bullmq keeps it once.
    const job = await this.#queue.add("run", { ...task, version: this.#version }, { jobId: key });
    const answer = await this.#answer(job);
    if (!answer.ok) return answer;
    const folders = new RunFolders(directory);
    const folder = folders.begin(key);
    unpackFolder(answer.packed, folder);
    folders.finish(key, folder);
    return { ok: true };
  }

  async #answer(job: Job<QueuedTask, QueuedAnswer>): Promise<QueuedAnswer> {
    try {
      return await job.waitUntilFinished(this.#events);
    } catch (error) {
      const message = (error as Error).message;
      if (!message.includes("stalled")) throw error;
      const died = `it ended ${DEATHS_MAX} workers: they died while they ran it`;
      return { ok: false, message: died, isInput: false };
    } finally {
      await job.remove().catch(() => {}); // its folder is here, and another asker has his own copy
    }
  }

  /** Takes back a job that nobody has begun. */
  async #withdraw(key: string): Promise<void> {
    const job = await this.#queue.getJob(key);
    if ((await job?.getState()) === "waiting") await job?.remove().catch(() => {});
  }

  async close(): Promise<void> {
    this.#watchdog.close();
    const closed = Promise.allSettled([this.#events.close(), this.#queue.close()]);
    await atMost(PARTING_MS, closed);
    await atMost(
      PARTING_MS,
      Promise.allSettled([this.#events.disconnect(), this.#queue.disconnect()]),
    );
  }
}

/** A Redis that is away keeps nobody waiting who wants to go. */
const PARTING_MS = 2_000;

async function atMost(ms: number, promise: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([promise.catch(() => {}), late]);
  clearTimeout(timer);
}

/** What workers are told about runs whose worker died. */
export const workerSettings = { maxStalledCount: DEATHS_MAX } as const;

function abortOf(signal: AbortSignal): { promise: Promise<never>; forget: () => void } {
  let abort = (): void => {};
  const promise = new Promise<never>((_resolve, reject) => {
    abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
  });
  promise.catch(() => {});
  return { promise, forget: () => signal.removeEventListener("abort", abort) };
}
