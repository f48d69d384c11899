/** Runs a sweep's runs in this process, one after the other: for tests and the library. */
import { executeRun, type RunSurroundings } from "./execute-run.ts";
import type { Executor } from "./run-task.ts";

export function inProcessExecutor(surroundings: RunSurroundings): Executor {
  return {
    slots: () => 1,
    run: (task, options) => executeRun(task, surroundings, options),
    close: async () => {},
  };
}
