/** Where the rows of an experiment go: its output folder, or memory. */
import type { Comparison } from "./comparison.ts";
import type { ReportFile } from "./report-columns.ts";
import type { ManifestOptions } from "./run-manifest.ts";
import type { RunSinks } from "./run-recorder.ts";
import type { RunLabels, RunSummary } from "./summary.ts";
import type { Metric } from "./summary-metrics.ts";

export interface ReportTarget {
  /** Where the rows of one run go. */
  sinks(labels: RunLabels): RunSinks;
  /** Adds a finished run. Call in the order in which policies and seeds shall be listed. */
  addRun(summary: RunSummary): void;
  /** Compares the runs and completes what is to be written; `paths`: the files, absolute. */
  close(manifest: Omit<ManifestOptions, "summaries">): {
    readonly paths: readonly string[];
    readonly comparisons: readonly Comparison[];
  };
  /** Removes what is not complete. Safe at any time. */
  abort(): void;
}

/** What a target is made for. */
export interface ReportRequest {
  /** Absolute folder of the outputs. */
  readonly directory: string;
  /** Resources that the runs report. */
  readonly resources: readonly string[];
  /** CSV files that are wanted. */
  readonly files: readonly ReportFile[];
  /** Metrics that recorders of the user add. */
  readonly own: readonly Metric[];
}
