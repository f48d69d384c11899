/** exportRun: a recorded run for other tools. */
import type { ExportedRun } from "../bench/export/index.ts";
import { type Duration, microseconds } from "./duration.ts";
import {
  queryOf,
  type RecordedRunChoice,
  type RepeatSettings,
  repeatHooks,
} from "./recorded-runs.ts";

/** Options of {@link exportRun}. */
export interface ExportOptions extends RecordedRunChoice, RepeatSettings {
  /** A Chrome trace for ui.perfetto.dev, or OpenMetrics text for Prometheus. */
  readonly format: "perfetto" | "openmetrics";
  /** A file, or a function that takes the text piece by piece; absent: beside the run's files. */
  readonly out?: string | ((text: string) => void) | undefined;
  /** What ended before this virtual time is left out. */
  readonly since?: Duration | undefined;
  /** The export ends there; absent: at the run's end. */
  readonly until?: Duration | undefined;
  /** `openmetrics`: virtual time between two samples, whole seconds. */
  readonly interval?: Duration | undefined;
  /** `perfetto`: share of the requests to Services, 0..1; 0.01 if absent. */
  readonly requests?: number | undefined;
  /** `openmetrics`: series of each pod and node, not their sums. */
  readonly pods?: boolean | undefined;
}

/**
 * Writes a recorded run in the format of another tool, as `stowage export` does. Rejects with
 * {@link InputError} where the run cannot be repeated or the file cannot be written; no file is left
 * then.
 *
 * @example
 * ```ts
 * const { path } = await exportRun({ run: "out", format: "perfetto", until: "10m" });
 * ```
 */
export async function exportRun(options: ExportOptions): Promise<ExportedRun> {
  const bench = await import("../bench/export/index.ts");
  const { format, out, since, until, interval, requests, pods } = options;
  const query = {
    ...queryOf(options, options),
    format,
    out,
    sinceUs: timeOf(since, "since"),
    untilUs: timeOf(until, "until"),
    intervalUs: timeOf(interval, "interval"),
    requestShare: requests,
    perObject: pods,
  };
  return bench.exportRun(query, repeatHooks(options));
}

const timeOf = (time: Duration | undefined, where: string): number | undefined =>
  time === undefined ? undefined : microseconds(time, where);
