/** Runs one run of a sweep and puts its folder in place. */
import { InputError } from "../../sim/kernel/index.ts";
import { runExperiment } from "../run-experiment.ts";
import type { RunHooks } from "../run-hooks.ts";
import { RunFolders } from "./run-folders.ts";
import type { ExecutorOptions, RunTask, RunVerdict } from "./run-task.ts";

/** What a run needs of whoever runs it. */
export type RunSurroundings = Pick<RunHooks, "version" | "loadPolicy" | "loadBalancer" | "breathe">;

/**
 * Never rejects for a fault of the run: that is its verdict, so that the others go on. Rejects with
 * the signal's reason when it is told to stop, and leaves nothing then.
 */
export async function executeRun(
  { key, experiment, directory }: RunTask,
  surroundings: RunSurroundings,
  { onProgress, signal }: ExecutorOptions,
): Promise<RunVerdict> {
  const folders = new RunFolders(directory);
  const folder = folders.begin(key);
  const files = [...new Set([...experiment.outputs.files, "runs" as const])];
  const outputs = { ...experiment.outputs, directory: folder, files };
  try {
    await runExperiment(
      { ...experiment, outputs },
      {
        ...surroundings,
        onRunStart: () => {},
        onProgress: ({ fraction }) => onProgress(fraction),
        onRunDone: () => {},
        notice: () => {}, // said when the sweep was planned
        signal,
      },
    );
    folders.finish(key, folder);
    return { ok: true };
  } catch (error) {
    folders.discard(folder);
    signal.throwIfAborted();
    const isInput = error instanceof InputError;
    const message = error instanceof Error ? error.message : String(error);
    return { ok: false, message, isInput };
  }
}
