/** Runs a sweep's runs in threads of this process. */
import { Piscina } from "piscina";
import { executeRun, type RunSurroundings } from "./execute-run.ts";
import type { Executor, RunTask, RunVerdict } from "./run-task.ts";

export interface ThreadOptions {
  /** The module that `workerTask` makes: its default export runs a task. */
  readonly workerFile: URL;
  readonly threads: number;
  /** Heap of a thread, in MB; a run that needs more fails, and the others go on. */
  readonly memoryMb: number;
}

interface ProgressMessage {
  readonly key: string;
  readonly fraction: number;
}

/** Threads start when there is work for them. */
export function threadExecutor({ workerFile, threads, memoryMb }: ThreadOptions): Executor {
  const pool = new Piscina({
    filename: workerFile.href,
    minThreads: 0,
    maxThreads: threads,
    idleTimeout: 10_000,
    concurrentTasksPerWorker: 1,
    resourceLimits: { maxOldGenerationSizeMb: memoryMb, maxYoungGenerationSizeMb: YOUNG_MB },
  });
  const listeners = new Map<string, (fraction: number) => void>();
  pool.on("message", ({ key, fraction }: ProgressMessage) => listeners.get(key)?.(fraction));
  return {
    slots: () => threads,
    run: async (task, { onProgress, signal }) => {
      listeners.set(task.key, onProgress);
      try {
        return (await pool.run(task, { signal })) as RunVerdict;
      } catch (error) {
        signal.throwIfAborted();
        return { ok: false, message: deathOf(error, memoryMb), isInput: false };
      } finally {
        listeners.delete(task.key);
      }
    },
    close: () => pool.destroy(),
  };
}

/** Semi-spaces of 64 MB: with Node's default a run takes 10 to 18 % longer, for many short-lived objects. */
const YOUNG_MB = 192;

function deathOf(error: unknown, memoryMb: number): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === "ERR_WORKER_OUT_OF_MEMORY"
    ? `the run needs more than ${memoryMb} MB. Give it more with --memory`
    : message;
}

/** What a thread does with a task. `post` sends a message to the main thread. */
export function workerTask(
  surroundings: RunSurroundings,
  post: (message: unknown) => void,
): (task: RunTask) => Promise<RunVerdict> {
  return (task) =>
    executeRun(task, surroundings, {
      onProgress: (fraction) => post({ key: task.key, fraction } satisfies ProgressMessage),
      // A thread that is to stop is ended as a whole.
      signal: new AbortController().signal,
    });
}
