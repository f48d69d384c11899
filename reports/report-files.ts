/** ReportFiles: the output folder of one experiment, with a file of each kind over all its runs. */
import { join } from "node:path";
import { type Comparison, compare } from "./comparison.ts";
import { removeComparisonFiles, writeComparisonFiles } from "./comparison-files.ts";
import { comparisonRows } from "./comparison-rows.ts";
import { CsvWriter } from "./csv-writer.ts";
import {
  PARTIAL_SUFFIX,
  prepareOutputDirectory,
  publish,
  removeFile,
  writePartial,
} from "./output-directory.ts";
import { type ReportFile, reportColumns, reportFiles, runSinks } from "./report-columns.ts";
import type { ReportRequest, ReportTarget } from "./report-target.ts";
import type { RowSink } from "./row.ts";
import { type ManifestOptions, runManifest } from "./run-manifest.ts";
import type { RunSinks } from "./run-recorder.ts";
import { type RunLabels, type RunSummary, summaryRow } from "./summary.ts";

export class ReportFiles implements ReportTarget {
  readonly #directory: string;
  readonly #resources: readonly string[];
  readonly #writers = new Map<ReportFile, CsvWriter>();
  readonly #summaries: RunSummary[] = [];

  /** Opens the files. Throws InputError when the folder cannot be written. */
  constructor({ directory, resources, files, own }: ReportRequest) {
    this.#directory = directory;
    this.#resources = resources;
    prepareOutputDirectory(directory);
    const columns = reportColumns(resources, own);
    try {
      for (const file of reportFiles)
        if (files.includes(file))
          this.#writers.set(file, new CsvWriter(directory, file, columns[file]));
    } catch (error) {
      this.abort();
      throw error;
    }
  }

  /** Where the rows of one run go: the shared files, with the run's labels in front. */
  sinks(labels: RunLabels): RunSinks {
    return runSinks(this.writers(labels));
  }

  /** The sink of each file for the rows of one run; undefined: the file is not written. */
  writers({ policy, workload, seed }: RunLabels): (file: ReportFile) => RowSink | undefined {
    return (file) => this.#writers.get(file)?.sink([policy, workload, seed]);
  }

  /** Adds a finished run. Call in the order in which policies and seeds shall be listed. */
  addRun(summary: RunSummary): void {
    this.#summaries.push(summary);
    this.#writers.get("runs")?.write(summaryRow(summary));
  }

  /**
   * Compares the runs, completes all files, and then gives them their names in order, run.json
   * last. A folder holds one experiment: CSV files that an earlier one wrote there and this one
   * does not are removed.
   */
  close(manifest: Omit<ManifestOptions, "summaries">): {
    readonly paths: readonly string[];
    readonly comparisons: readonly Comparison[];
  } {
    const comparisons = compare(this.#summaries, this.#resources);
    for (const row of comparisonRows(comparisons)) this.#writers.get("comparison")?.write(row);
    const writers = [...this.#writers.values()];
    for (const writer of writers) writer.complete();
    const texts = this.#writers.has("comparison")
      ? writeComparisonFiles(this.#directory, comparisons)
      : undefined;
    const path = join(this.#directory, "run.json");
    writePartial(path, runManifest({ ...manifest, summaries: this.#summaries }));
    const paths = [...writers.map((writer) => writer.path), ...(texts?.paths ?? []), path];
    for (const writer of writers) writer.publish();
    if (texts === undefined) removeComparisonFiles(this.#directory);
    else texts.publish();
    publish(path);
    for (const file of reportFiles)
      if (!this.#writers.has(file)) removeFile(join(this.#directory, `${file}.csv`));
    return { paths, comparisons };
  }

  /** Removes what is not complete. Safe at any time, also in a signal handler. */
  abort(): void {
    for (const writer of this.#writers.values()) writer.abort();
    removeComparisonFiles(this.#directory, PARTIAL_SUFFIX);
    removeFile(join(this.#directory, "run.json") + PARTIAL_SUFFIX);
  }
}
