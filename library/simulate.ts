/** simulate and compare: runs in this process, one after the other. */
import { resolve } from "node:path";
import type { Comparison, Recorder, ReportFile, RowsByFile, RunSummary } from "../reports/index.ts";
import { InputError } from "../sim/kernel/index.ts";
import type { PolicyChoice } from "./policy-choice.ts";
import { experimentOf, hooksOf, type Seeds, type WatchedRunSettings } from "./run-settings.ts";

/** What simulate and compare take alike. */
export interface RunOptions extends WatchedRunSettings {
  /** Folder for the results, as `stowage run --out` writes it; absent: no file is written. */
  readonly out?: string | undefined;
  /** CSV files whose rows are wanted in memory, too: `["pods", "utilization"]`. */
  readonly rows?: readonly ReportFile[] | undefined;
  /** Own recorders: their metrics join those of the runs. */
  readonly recorders?: readonly Recorder[] | undefined;
}

/** Options of {@link simulate}. */
export interface SimulateOptions extends RunOptions {
  /** Absent: the experiment's, which may name one only; without any, `default`. */
  readonly policy?: PolicyChoice | undefined;
  /** Absent: the experiment's; without any, 1. */
  readonly seed?: string | number | undefined;
}

/** One run. */
export interface SimulateResult extends RunSummary {
  /** Rows of the files that were asked for. */
  readonly rows: RowsByFile;
  /** Absolute paths of the files written. */
  readonly paths: readonly string[];
}

/**
 * Simulates one run of an experiment, as `stowage run` does: the same input gives the same result.
 *
 * Rejects with {@link InputError} for a mistake in the input, and with `signal.reason` when told to
 * stop.
 *
 * @example
 * ```ts
 * import { simulate } from "stowage";
 *
 * const { metrics } = await simulate({
 *   experiment: {
 *     workload: {
 *       synthetic: {
 *         nodes: [{ name: "node", count: 3, cpu: 4 }],
 *         jobs: [{ name: "job", count: 20, arrivals: "exponential(mean=1s)", duration: "30s" }],
 *       },
 *     },
 *   },
 *   policy: "most-allocated",
 * });
 * console.log(metrics.makespan_s, metrics.scheduling_wait_mean_s);
 * ```
 */
export async function simulate(options: SimulateOptions): Promise<SimulateResult> {
  const { policy, seed } = options;
  const { runs, rows, paths } = await runAll(
    options,
    policy === undefined ? undefined : [policy],
    seed === undefined ? undefined : [seed],
    true,
  );
  const [run] = runs;
  if (run === undefined) throw new Error("an experiment without a run");
  return { ...run, rows, paths };
}

/** Options of {@link compare}. */
export interface CompareOptions extends RunOptions {
  /** The first is the baseline. Absent: the experiment's. */
  readonly policies?: readonly PolicyChoice[] | undefined;
  /** Absent: the experiment's. */
  readonly seeds?: Seeds | undefined;
}

/** All runs of a comparison, and what they say. */
export interface CompareResult {
  /** Policy by policy, seed by seed. */
  readonly runs: readonly RunSummary[];
  /** Each metric of each policy: spread over the seeds, paired difference from the baseline. */
  readonly comparisons: readonly Comparison[];
  /** The comparison in words, a sentence for each policy but the baseline. */
  readonly verdict: readonly string[];
  /** The comparison as a table for a terminal. */
  readonly table: string;
  /** Rows of the files that were asked for. */
  readonly rows: RowsByFile;
  /** Absolute paths of the files written. */
  readonly paths: readonly string[];
}

/**
 * Runs an experiment once for each policy and seed, and compares the policies, as `stowage compare`
 * does. For many runs {@link sweep} uses all cores and goes on after an interruption.
 *
 * Rejects as {@link simulate} does.
 *
 * @example
 * ```ts
 * const { verdict } = await compare({
 *   experiment: "experiment.yaml",
 *   policies: ["default", definePlugin({ name: "LeastPods", ... })],
 *   seeds: 20,
 * });
 * ```
 */
export async function compare(options: CompareOptions): Promise<CompareResult> {
  const { comparisonTable, verdict } = await import("../reports/index.ts");
  const done = await runAll(options, options.policies, options.seeds, false);
  const { comparisons } = done;
  return { ...done, verdict: verdict(comparisons), table: comparisonTable(comparisons) };
}

async function runAll(
  options: RunOptions,
  policies: readonly PolicyChoice[] | undefined,
  seeds: Seeds | undefined,
  isSingle: boolean,
): Promise<Omit<CompareResult, "verdict" | "table">> {
  const { out, rows = [], recorders = [], workingDirectory = process.cwd() } = options;
  const { runExperiment } = await import("../bench/index.ts");
  const { ReportRows } = await import("../reports/index.ts");
  const experiment = await experimentOf(options, policies, { seeds, out });
  if (isSingle) refuseSeveral(experiment);
  let report: InstanceType<typeof ReportRows> | undefined;
  const { summaries, comparisons, paths } = await runExperiment(experiment, {
    ...hooksOf(options, policies),
    recorders,
    openReports: (request) => {
      const directory = out === undefined ? "" : resolve(workingDirectory, out);
      report = new ReportRows({ ...request, directory }, rows, out !== undefined);
      return report;
    },
  });
  return { runs: summaries, comparisons, paths, rows: report?.rows() ?? {} };
}

function refuseSeveral({
  policies,
  seeds,
}: {
  readonly policies: readonly object[];
  readonly seeds: readonly string[];
}): void {
  const count = policies.length * seeds.length;
  if (count === 1) return;
  throw new InputError(
    `simulate: the experiment has ${policies.length} policies and ${seeds.length} seeds, want one ` +
      "of each. Give policy and seed, or call compare.",
  );
}
