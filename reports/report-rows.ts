/** ReportRows: an experiment's rows in memory; written to its folder as well where one is asked for. */
import { type Comparison, compare } from "./comparison.ts";
import { comparisonRows } from "./comparison-rows.ts";
import { type ReportFile, reportColumns, runSinks } from "./report-columns.ts";
import { ReportFiles } from "./report-files.ts";
import type { ReportRequest, ReportTarget } from "./report-target.ts";
import type { Row } from "./row.ts";
import type { ManifestOptions } from "./run-manifest.ts";
import type { RunSinks } from "./run-recorder.ts";
import { type RunLabels, type RunSummary, summaryRow } from "./summary.ts";

/** A row of a CSV file: its cells by column, as text, as the file has them. */
export type TextRow = Readonly<Record<string, string>>;

/** Rows by file; files that were not asked for are absent. */
export type RowsByFile = Readonly<Partial<Record<ReportFile, readonly TextRow[]>>>;

export class ReportRows implements ReportTarget {
  readonly #columns: ReturnType<typeof reportColumns>;
  readonly #resources: readonly string[];
  readonly #rows = new Map<ReportFile, TextRow[]>();
  readonly #files: ReportFiles | undefined;
  readonly #summaries: RunSummary[] = [];

  /** `kept`: files whose rows stay in memory; `isWritten`: the folder of `request` is written. */
  constructor(request: ReportRequest, kept: readonly ReportFile[], isWritten: boolean) {
    this.#resources = request.resources;
    this.#columns = reportColumns(request.resources, request.own);
    for (const file of kept) this.#rows.set(file, []);
    this.#files = isWritten ? new ReportFiles(request) : undefined;
  }

  sinks(labels: RunLabels): RunSinks {
    const written = this.#files?.writers(labels);
    const lead = [labels.policy, labels.workload, labels.seed];
    return runSinks((file) => {
      const write = written?.(file);
      if (!this.#rows.has(file)) return write;
      return (row) => {
        this.#keep(file, [...lead, ...row]);
        write?.(row);
      };
    });
  }

  addRun(summary: RunSummary): void {
    this.#summaries.push(summary);
    this.#keep("runs", summaryRow(summary));
    this.#files?.addRun(summary);
  }

  close(manifest: Omit<ManifestOptions, "summaries">): {
    readonly paths: readonly string[];
    readonly comparisons: readonly Comparison[];
  } {
    const closed = this.#files?.close(manifest);
    const comparisons = closed?.comparisons ?? compare(this.#summaries, this.#resources);
    for (const row of comparisonRows(comparisons)) this.#keep("comparison", row);
    return { paths: closed?.paths ?? [], comparisons };
  }

  abort(): void {
    this.#files?.abort();
  }

  /** What was kept. */
  rows(): RowsByFile {
    return Object.fromEntries(this.#rows);
  }

  #keep(file: ReportFile, row: Row): void {
    const columns = this.#columns[file];
    this.#rows
      .get(file)
      ?.push(Object.fromEntries(columns.map((column, i) => [column, String(row[i] ?? "")])));
  }
}
