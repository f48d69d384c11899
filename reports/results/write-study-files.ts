/** The files over all runs of a sweep, made from the runs' own folders: runs.csv, comparison.csv. */
import { type Comparison, compare } from "../comparison.ts";
import { writeComparisonFiles } from "../comparison-files.ts";
import { comparisonColumns, comparisonRows } from "../comparison-rows.ts";
import { CsvWriter } from "../csv-writer.ts";
import type { RunLabels } from "../summary.ts";
import { metricCell, summaryMetrics } from "../summary-metrics.ts";
import type { Results } from "./results.ts";

export interface StudyFiles {
  /** Absolute. */
  readonly paths: readonly string[];
  readonly comparisons: readonly Comparison[];
}

/** The policies of these results, compared within each scenario. */
export const compareResults = ({ runs, resources, baseline, own = [] }: Results): Comparison[] =>
  compare(
    runs.map(({ labels, metrics }) => ({ ...labels, metrics, own })),
    resources,
    baseline,
  );

/**
 * Writes runs.csv, comparison.csv and failures.csv beside study.json, each whole or not at all. They
 * follow from the folders alone: who ran what, when and where does not show.
 */
export function writeStudyFiles(results: Results): StudyFiles {
  const { directory, parameters, resources, runs, failures } = results;
  const comparisons = compareResults(results);
  const metrics = summaryMetrics(resources);
  const labels = ["policy", "workload", "cluster", ...parameters, "seed"];
  const digests = ["digest_decisions", "digest_commits"];
  const files = {
    runs: new CsvWriter(directory, "runs", [
      ...labels,
      ...metrics.map(({ name }) => name),
      ...digests,
      "folder",
    ]),
    comparison: new CsvWriter(directory, "comparison", comparisonColumns(parameters)),
    failures: new CsvWriter(directory, "failures", [...labels, "message"]),
  };
  for (const run of runs)
    files.runs.write([
      ...labelCells(run.labels, parameters),
      ...metrics.map(({ name, unit }) => metricCell(run.metrics[name], unit)),
      run.digestDecisions,
      run.digestCommits,
      run.folder,
    ]);
  for (const row of comparisonRows(comparisons, parameters)) files.comparison.write(row);
  for (const { labels: failed, message } of failures)
    files.failures.write([...labelCells(failed, parameters), message]);
  const writers = Object.values(files);
  for (const writer of writers) writer.complete();
  const texts = writeComparisonFiles(directory, comparisons);
  for (const writer of writers) writer.publish();
  texts.publish();
  return { paths: [...writers.map(({ path }) => path), ...texts.paths], comparisons };
}

function labelCells(labels: RunLabels, parameters: readonly string[]): string[] {
  const { policy, workload, cluster = "", seed } = labels;
  return [
    policy,
    workload,
    cluster,
    ...parameters.map((path) => labels.parameters?.[path] ?? ""),
    seed,
  ];
}
