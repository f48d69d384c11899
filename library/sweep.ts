/** plan and sweep: studies, which have a matrix of runs. */
import { availableParallelism } from "node:os";
import { relative } from "node:path";
import type { Study } from "../bench/study/index.ts";
import type { Shard, SweepProgress } from "../bench/sweep/index.ts";
import type { Comparison, FailedRun, Results, RunLabels } from "../reports/index.ts";
import { InputError } from "../sim/kernel/index.ts";
import { hooksOf, type RunSettings, requestOf, type Seeds } from "./run-settings.ts";
import { quotedWord, sweepThreadFile } from "./surroundings/index.ts";

/** What plan and sweep take alike. Runs go to other threads, so policies come from files. */
export interface StudyOptions extends RunSettings {
  /** Names of built-in policies, or paths; the first is the baseline. Absent: the experiment's. */
  readonly policies?: readonly string[] | undefined;
  /** Absent: the experiment's. */
  readonly seeds?: Seeds | undefined;
  /** Folder of the results; absent: the experiment's, or `out`. */
  readonly out?: string | undefined;
}

/** Options of {@link plan}. */
export interface PlanOptions extends StudyOptions {
  /** Whether to estimate the time by running samples, which takes a few seconds; absent: no. */
  readonly estimate?: boolean | undefined;
}

/** What a sweep would run. */
export interface Plan {
  readonly name: string;
  /** Paths of the settings that are varied. */
  readonly parameters: readonly string[];
  /** Absolute folder of the results. */
  readonly directory: string;
  /** Runs with equal keys are run once. */
  readonly runs: readonly PlanRun[];
  /** Different runs that are done already, and that are left. */
  readonly done: number;
  readonly left: number;
  /** Seconds of one core for what is left; absent: not asked for, or it cannot be foretold. */
  readonly coreSeconds?: number;
}

/** A run of a plan; `key` stands for all that decides its bytes. */
export interface PlanRun extends RunLabels {
  readonly key: string;
}

/**
 * What {@link sweep} would run with the same options, as `stowage plan` tells it. Every input is
 * opened, so that a mistake in one is found. Rejects with {@link InputError}.
 */
export async function plan(options: PlanOptions): Promise<Plan> {
  const { planStudy, estimateTime } = await import("../bench/study/index.ts");
  const { finishedRuns, uniqueRuns } = await import("../bench/sweep/index.ts");
  const hooks = hooksOf(options);
  const planned = await planStudy(await studyOf(options), hooks);
  const done = finishedRuns(planned);
  const left = uniqueRuns(planned.runs).filter(({ key }) => !done.has(key));
  const { name, parameters, directory, runs } = planned;
  const told = {
    ...{ name, parameters, directory, done: done.size, left: left.length },
    runs: runs.map(({ key, labels }) => ({ key, ...labels })),
  };
  if (options.estimate !== true || left.length === 0) return told;
  const clock = { clock: () => performance.now(), sampleMs: SAMPLE_MS, samples: SAMPLES };
  const { totalMs } = await estimateTime({ ...planned, runs: left }, clock, hooks);
  return totalMs === 0 ? told : { ...told, coreSeconds: totalMs / 1000 };
}

/** Wall time of a sample, and how many: as `stowage plan` does it. */
const SAMPLE_MS = 700;
const SAMPLES = 6;

/** Options of {@link sweep}. */
export interface SweepOptions extends StudyOptions {
  /** Threads; absent: the cores that this process may use. */
  readonly workers?: number | undefined;
  /** Heap of a thread in MB; a run that needs more fails, the others go on. 4,096 if absent. */
  readonly memoryMb?: number | undefined;
  /** Only the i-th of n parts: `{ index: 1, count: 10 }`. */
  readonly shard?: Shard | undefined;
  /** Adds seeds until intervals are narrow enough: `"ci<1%"`, `"pod_startup_p99_s:ci<5%"`. */
  readonly until?: string | undefined;
  /** With `until`: never more seeds than this. 200 if absent. */
  readonly maxSeeds?: number | undefined;
  readonly onProgress?: ((progress: SweepProgress) => void) | undefined;
}

/** What a sweep has done. */
export interface SweepResult {
  /** Runs that were done now, and that were there before. */
  readonly ran: number;
  readonly found: number;
  /** Runs that failed; they are tried again by the next sweep into this folder. */
  readonly failures: readonly FailedRun[];
  /** Runs of other shards that are not there yet: then there are no results. */
  readonly missing: number;
  /** What the folder holds. */
  readonly results?: Results;
  readonly comparisons: readonly Comparison[];
  /** The comparison in words. */
  readonly verdict: readonly string[];
  /** Absolute paths of the files over all runs. */
  readonly paths: readonly string[];
}

/**
 * Runs a whole study on threads, as `stowage sweep` does: runs that are done are not run again, so
 * the same call goes on after an interruption. A run that fails is reported, the others go on.
 *
 * Rejects with {@link InputError} for a mistake in the input, and with `signal.reason`.
 *
 * @example
 * ```ts
 * const { verdict, results } = await sweep({ experiment: "study.yaml", out: "results" });
 * for (const run of results?.runs ?? []) console.log(run.labels, run.metrics.makespan_s);
 * ```
 */
export async function sweep(options: SweepOptions): Promise<SweepResult> {
  const { runStudy, threadExecutor, untilSettled } = await import("../bench/sweep/index.ts");
  const { verdict } = await import("../reports/index.ts");
  const { workers = availableParallelism(), memoryMb = MEMORY_MB, shard, until } = options;
  const { maxSeeds = SEEDS_MOST, onProgress, workingDirectory = process.cwd() } = options;
  refuseOdd({ workers, memoryMb, maxSeeds }, options);
  const study = await studyOf(options);
  const { onProgress: _ofSweep, ...watched } = options;
  const hooks = hooksOf(watched);
  const threads = { workerFile: sweepThreadFile(), threads: workers, memoryMb };
  const executor = threadExecutor(threads);
  try {
    const { tables, ran, found, failures, missing } = await runStudy(
      {
        study,
        named: relative(workingDirectory, study.directory) || ".",
        command: commandOf(options),
        shard,
        moreSeeds: until === undefined ? undefined : untilSettled(until, maxSeeds, hooks.notice),
      },
      {
        ...hooks,
        executor,
        onProgress: (progress) => onProgress?.(progress),
        onRunDone: () => {},
      },
    );
    const { results, comparisons = [], paths = [] } = tables ?? {};
    const done = { ran, found, failures, missing, comparisons, paths };
    const said = { ...done, verdict: verdict(comparisons) };
    return results === undefined ? said : { ...said, results };
  } finally {
    await executor.close();
  }
}

/** As those of the command line. */
const MEMORY_MB = 4_096;
const SEEDS_MOST = 200;

function refuseOdd(counts: Readonly<Record<string, number>>, { shard, until }: SweepOptions): void {
  for (const [name, value] of Object.entries(counts))
    if (!(Number.isInteger(value) && value >= 1))
      throw new InputError(`${name}: got ${value}, want a whole number, 1 or more.`);
  if (shard === undefined) return;
  const { index, count } = shard;
  if (!(Number.isInteger(index) && Number.isInteger(count) && index >= 1 && index <= count))
    throw new InputError(
      `shard: got ${index} of ${count}, want an index from 1 to the count, such as 3 of 10.`,
    );
  if (until !== undefined)
    throw new InputError("until and shard: got both; until looks at all results. Leave one out.");
}

async function studyOf(options: StudyOptions): Promise<Study> {
  const { resolveStudy, sweepFiles } = await import("../bench/study/index.ts");
  const { policies, seeds, out } = options;
  const odd = policies?.find((policy) => typeof policy !== "string");
  if (odd !== undefined)
    throw new InputError(
      "policies: got an object, want names and paths: runs of a sweep go to other threads. " +
        "Put the policy into a file, or call compare.",
    );
  return resolveStudy({ ...requestOf(options, policies, { seeds, out }), files: sweepFiles() });
}

/** What makes the results again: a command where there is a file, else a hint. */
function commandOf({ experiment, policies = [], seeds, horizon, set = {} }: SweepOptions): string {
  if (typeof experiment !== "string") return "sweep({ ... }) of the library";
  const values = seeds === undefined ? set : { ...set, seeds };
  return [
    ...["stowage", "sweep", experiment],
    ...policies.flatMap((policy) => ["--policy", policy]),
    ...Object.entries(values).flatMap(([path, value]) => [
      "--set",
      `${path}=${JSON.stringify(value)}`,
    ]),
    ...(horizon === undefined
      ? []
      : ["--horizon", typeof horizon === "number" ? `${horizon}us` : horizon]),
  ]
    .map(quotedWord)
    .join(" ");
}
