/** Results of earlier runs: read back, and as a report. */
import { join, resolve } from "node:path";
import type { ReportFormat, ReportProgress, Results, WrittenReport } from "../reports/index.ts";
import { quotedWord } from "./surroundings/index.ts";

/**
 * Opens the results of a run, a comparison or a sweep: what was written to `out`.
 *
 * Rejects with {@link InputError} for a folder that holds none, or damaged ones.
 *
 * @example
 * ```ts
 * const { runs, rows } = await openResults("out");
 * for (const run of runs) {
 *   for await (const pod of rows("pods", run)) console.log(pod.name, pod.node);
 * }
 * ```
 */
export async function openResults(folder: string): Promise<Results> {
  const reports = await import("../reports/index.ts");
  return reports.openResults(folder, resolve(folder));
}

/** Options of {@link report}. */
export interface ReportSettings {
  /** Folder of the results. */
  readonly results: string;
  /** Folder of the report; absent: `report` within the results. */
  readonly out?: string | undefined;
  /** All, if absent. */
  readonly formats?: readonly ReportFormat[] | undefined;
  /** Only these figures, by name, and no page; absent: all. */
  readonly figures?: readonly string[] | undefined;
  /** Scenarios to draw, as the report names them; absent: the first ones. */
  readonly scenarios?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: ReportProgress) => void) | undefined;
}

/**
 * Writes the report of results, as `stowage report` does: a page that works offline, and figures.
 *
 * Rejects with {@link InputError} for results without runs and names that are not there.
 */
export async function report(settings: ReportSettings): Promise<WrittenReport> {
  const { openResults: open, writeReport } = await import("../reports/index.ts");
  const { results, out, formats, figures, scenarios = [], signal, onProgress } = settings;
  const directory = resolve(results);
  const chosen = scenarios.flatMap((name) => ["--scenario", name]);
  return writeReport(open(results, directory), {
    directory: out === undefined ? join(directory, "report") : resolve(out),
    command: ["stowage", "report", results, ...chosen].map(quotedWord).join(" "),
    formats,
    figures,
    scenarios,
    onProgress,
    breathe: () => new Promise((done) => setImmediate(done)),
    signal,
  });
}
