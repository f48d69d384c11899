/** The results of a sweep, read back. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "../../sim/kernel/index.ts";
import type { ReportFile } from "../report-columns.ts";
import type { RunLabels } from "../summary.ts";
import { csvRows, type TextRow } from "./csv-rows.ts";
import type { FailedRun, ResultRun, Results } from "./results.ts";
import { readRunFigures } from "./run-figures.ts";
import { readStudyRecord, type StudyRun } from "./study-record.ts";

/**
 * Reads study.json and the figures of each run that is there. A run that is not there is a failure
 * without a message of its own: it was not run yet, or failed. InputError for a damaged folder.
 */
export function openStudyFolder(named: string, directory: string): Results {
  const record = readStudyRecord(named, directory);
  const runs: ResultRun[] = [];
  const failures: FailedRun[] = [];
  const resources = new Set<string>();
  for (const run of record.runs) {
    const labels = labelsOf(run);
    const folder = join("runs", run.key);
    if (!existsSync(join(directory, folder))) {
      failures.push({ labels, message: "it has no results: it failed, or was not run yet" });
      continue;
    }
    const figures = readRunFigures(join(named, folder), join(directory, folder));
    for (const resource of figures.resources) resources.add(resource);
    const { metrics, digestCommits, digestDecisions } = figures;
    runs.push({ labels, metrics, digestCommits, digestDecisions, folder });
  }
  const [first] = record.runs;
  return {
    name: record.name,
    version: record.stowage,
    command: record.command,
    directory,
    parameters: record.parameters,
    resources: [...resources],
    ...(first === undefined ? {} : { baseline: first.policy }),
    runs,
    failures,
    has: (file) =>
      runs.length > 0 &&
      runs.every(({ folder }) => existsSync(join(directory, folder, `${file}.csv`))),
    rows: (file, { folder }) => rowsOf(join(named, folder), join(directory, folder), file),
  };
}

function labelsOf({ key: _key, ...labels }: StudyRun): RunLabels {
  return labels;
}

function rowsOf(named: string, directory: string, file: ReportFile): AsyncIterable<TextRow> {
  const name = `${file}.csv`;
  return csvRows(
    join(directory, name),
    (what) =>
      new InputError(
        `${named}/${name}: cannot be read: ${what}. Run the sweep again: it does this run anew.`,
      ),
  );
}
