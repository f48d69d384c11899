/** ReportFiles: the output folder of one experiment, with a file of each kind over all its runs. */
import { join } from "node:path";
import { apiRequestColumns } from "./api-requests-recorder.ts";
import { type Comparison, compare } from "./comparison.ts";
import { removeComparisonFiles, writeComparisonFiles } from "./comparison-files.ts";
import { comparisonColumns, comparisonRows } from "./comparison-rows.ts";
import { CsvWriter } from "./csv-writer.ts";
import { faultColumns } from "./faults-recorder.ts";
import { latencyColumns } from "./latency-recorder.ts";
import { nodeColumns } from "./nodes-recorder.ts";
import { operationColumns } from "./operations-recorder.ts";
import { distributionColumns, namespaceColumns } from "./outcomes/index.ts";
import {
  PARTIAL_SUFFIX,
  prepareOutputDirectory,
  publish,
  removeFile,
  writePartial,
} from "./output-directory.ts";
import { podColumns } from "./pods-recorder.ts";
import {
  endpointColumns,
  nameColumns,
  proxyColumns,
  requestColumns,
  serviceColumns,
  traceColumns,
} from "./requests/index.ts";
import { type ManifestOptions, runManifest } from "./run-manifest.ts";
import type { RunSinks } from "./run-recorder.ts";
import { schedulerMetricColumns } from "./scheduler-metric-set.ts";
import {
  type RunLabels,
  type RunSummary,
  runColumns,
  summaryColumns,
  summaryRow,
} from "./summary.ts";
import { utilizationColumns } from "./utilization-recorder.ts";
import { workloadColumns } from "./workloads-recorder.ts";

/** All CSV files, in the order in which they are listed to the user. */
export const reportFiles = [
  "pods",
  "workloads",
  "operations",
  "faults",
  "utilization",
  "nodes",
  "namespaces",
  "distributions",
  "latency",
  "api-requests",
  "services",
  "requests",
  "endpoints",
  "proxies",
  "names",
  "request-traces",
  "scheduler-metrics",
  "runs",
  "comparison",
] as const;

export type ReportFile = (typeof reportFiles)[number];

export class ReportFiles {
  readonly #directory: string;
  readonly #resources: readonly string[];
  readonly #writers = new Map<ReportFile, CsvWriter>();
  readonly #summaries: RunSummary[] = [];

  /** Opens the files (`only`: some of them). Throws InputError when the folder cannot be written. */
  constructor(
    directory: string,
    resources: readonly string[],
    only: readonly ReportFile[] = reportFiles,
  ) {
    this.#directory = directory;
    this.#resources = resources;
    prepareOutputDirectory(directory);
    const columns: Readonly<Record<ReportFile, readonly string[]>> = {
      pods: [...runColumns, ...podColumns],
      workloads: [...runColumns, ...workloadColumns],
      operations: [...runColumns, ...operationColumns],
      faults: [...runColumns, ...faultColumns],
      utilization: [...runColumns, ...utilizationColumns(resources)],
      nodes: [...runColumns, ...nodeColumns(resources)],
      namespaces: [...runColumns, ...namespaceColumns(resources)],
      distributions: [...runColumns, ...distributionColumns],
      latency: [...runColumns, ...latencyColumns],
      "api-requests": [...runColumns, ...apiRequestColumns],
      services: [...runColumns, ...serviceColumns],
      requests: [...runColumns, ...requestColumns],
      endpoints: [...runColumns, ...endpointColumns],
      proxies: [...runColumns, ...proxyColumns],
      names: [...runColumns, ...nameColumns],
      "request-traces": [...runColumns, ...traceColumns],
      "scheduler-metrics": [...runColumns, ...schedulerMetricColumns],
      runs: summaryColumns(resources),
      comparison: comparisonColumns(),
    };
    try {
      for (const file of reportFiles)
        if (only.includes(file))
          this.#writers.set(file, new CsvWriter(directory, file, columns[file]));
    } catch (error) {
      this.abort();
      throw error;
    }
  }

  /** Where the rows of one run go: the shared files, with the run's labels in front. */
  sinks({ policy, workload, seed }: RunLabels): RunSinks {
    const lead = [policy, workload, seed];
    const sinkOf = (file: ReportFile, name: keyof RunSinks) => {
      const sink = this.#writers.get(file)?.sink(lead);
      return sink === undefined ? {} : { [name]: sink };
    };
    return {
      ...sinkOf("pods", "pods"),
      ...sinkOf("workloads", "workloads"),
      ...sinkOf("operations", "operations"),
      ...sinkOf("faults", "faults"),
      ...sinkOf("utilization", "utilization"),
      ...sinkOf("nodes", "nodes"),
      ...sinkOf("namespaces", "namespaces"),
      ...sinkOf("distributions", "distributions"),
      ...sinkOf("latency", "latency"),
      ...sinkOf("api-requests", "apiRequests"),
      ...sinkOf("services", "services"),
      ...sinkOf("requests", "requests"),
      ...sinkOf("endpoints", "endpoints"),
      ...sinkOf("proxies", "proxies"),
      ...sinkOf("names", "names"),
      ...sinkOf("request-traces", "requestTraces"),
      ...sinkOf("scheduler-metrics", "schedulerMetrics"),
    };
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
