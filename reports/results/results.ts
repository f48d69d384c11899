/** Results: what was written by `stowage run`, `compare` or `sweep`, read back for reports. */
import type { ReportFile } from "../report-columns.ts";
import type { RunLabels } from "../summary.ts";
import type { Metric } from "../summary-metrics.ts";

/** One finished run. */
export interface ResultRun {
  readonly labels: RunLabels;
  /** By metric name, as in summaryMetrics; a figure that the run has not is absent. */
  readonly metrics: Readonly<Record<string, number | undefined>>;
  readonly digestCommits: string;
  readonly digestDecisions: string;
  /** Folder of its own files, relative to the results' folder; "": combined files, by labels. */
  readonly folder: string;
}

/** A run that ended with a message instead of results. */
export interface FailedRun {
  readonly labels: RunLabels;
  readonly message: string;
}

export interface Results {
  /** Of the experiment. */
  readonly name: string;
  /** Of stowage. */
  readonly version: string;
  /** What makes these results again. */
  readonly command: string;
  /** Absolute. */
  readonly directory: string;
  /** Paths of settings that are varied, in order. */
  readonly parameters: readonly string[];
  /** Resources reported, e.g. `cpu`, `memory`, `nvidia.com/gpu`. */
  readonly resources: readonly string[];
  /** Metrics that the user's recorders added; absent: none. */
  readonly own?: readonly Metric[];
  /** The first policy of the plan, though none of its runs may be there; absent: the first run's. */
  readonly baseline?: string;
  /** In the order of the plan. */
  readonly runs: readonly ResultRun[];
  readonly failures: readonly FailedRun[];
  /** Files of which every run has rows. */
  has(file: ReportFile): boolean;
  /** Rows of one file of one run, cells by column, as text. InputError where it is corrupted. */
  rows(file: ReportFile, run: ResultRun): AsyncIterable<Readonly<Record<string, string>>>;
}
