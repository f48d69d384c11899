/** A run of a sweep, as it is handed to whoever runs it. */
import type { RunLabels } from "../../reports/index.ts";
import type { Experiment } from "../experiment.ts";

/** Plain data: it can be sent to another thread or machine. */
export interface RunTask {
  readonly key: string;
  readonly labels: RunLabels;
  /** One policy, one seed. */
  readonly experiment: Experiment;
  /** Absolute folder of the sweep's results. */
  readonly directory: string;
}

/** How a run ended. A failed run has a message for the user. */
export type RunVerdict =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly message: string;
      /** A mistake of the user; false: a fault of stowage or of the machine. */
      readonly isInput: boolean;
    };

/** Runs tasks: in this process, in threads, or on other machines. */
export interface Executor {
  /** Runs that it can work on at a time, 1 or more; asked for again before each run. */
  slots(): number;
  /**
   * Runs one; when it is told `ok`, the run's folder is whole and in its place. Rejects with the
   * signal's reason when it is told to stop, and when no run can be run any more.
   */
  run(task: RunTask, options: ExecutorOptions): Promise<RunVerdict>;
  /** Lets its threads and connections go. */
  close(): Promise<void>;
}

export interface ExecutorOptions {
  /** Share of the run that is done, 0..1. */
  readonly onProgress: (fraction: number) => void;
  readonly signal: AbortSignal;
}
