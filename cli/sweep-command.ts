/** `stowage sweep`: a whole study, on threads, by shards, or by workers of a queue. */
import { relative } from "node:path";
import { resolveStudy, type Study, sweepFiles } from "../bench/study/index.ts";
import {
  type Executor,
  kubernetesJob,
  queueExecutor,
  runStudy,
  type Shard,
  type StudyResult,
  slurmScript,
  threadExecutor,
  untilSettled,
} from "../bench/sweep/index.ts";
import { sweepThreadFile, userCodeHooks } from "../library/surroundings/index.ts";
import { comparisonTable, leftOutLines, verdict } from "../reports/index.ts";
import type { CommandSurroundings } from "./command.ts";
import { ExitCode } from "./exit-code.ts";
import { experimentFlags } from "./experiment-flags.ts";
import { studyCommand, studyWords } from "./study-words.ts";
import {
  DEFAULT_MAX_SEEDS,
  DEFAULT_MEMORY_MB,
  DEFAULT_SHARDS,
  defaultWorkers,
  type SweepFlags,
} from "./sweep-options.ts";
import { type SweepView, sweepView } from "./sweep-progress.ts";
import { UsageError } from "./usage-error.ts";

/** Exit code 1 when a run failed. Throws InputError, UsageError or the signal's reason. */
export async function sweepCommand(
  file: string | undefined,
  flags: SweepFlags,
  surroundings: CommandSurroundings,
): Promise<ExitCode> {
  const { terminal, workingDirectory } = surroundings;
  const shard = flags.shard === undefined ? undefined : parseShard(flags.shard);
  const settings = crewSettings(flags);
  const study = await resolveStudy({
    file,
    flags: experimentFlags(flags),
    workingDirectory,
    files: sweepFiles(),
  });
  if (flags.emit !== undefined) {
    terminal.out(emitted(file, flags, study, { ...settings, version: surroundings.version }));
    return ExitCode.ok;
  }
  const view = await sweepView(terminal, flags.quiet === true);
  try {
    const executor = await executorFor(flags, settings, { view, surroundings });
    try {
      const result = await runSweep({ study, file, flags, shard, executor, view, surroundings });
      view.stop();
      terminal.out(told(result, shard, workingDirectory));
      return result.failures.length > 0 ? ExitCode.failed : ExitCode.ok;
    } finally {
      await executor.close();
    }
  } finally {
    view.stop();
  }
}

interface Sweep {
  readonly study: Study;
  readonly file: string | undefined;
  readonly flags: SweepFlags;
  readonly shard: Shard | undefined;
  readonly executor: Executor;
  readonly view: SweepView;
  readonly surroundings: CommandSurroundings;
}

async function runSweep(sweep: Sweep): Promise<StudyResult> {
  const { study, file, flags, shard, executor, view, surroundings } = sweep;
  const { version, signal, workingDirectory } = surroundings;
  return runStudy(
    {
      study,
      named: shortPath(study.directory, workingDirectory),
      command: studyCommand("sweep", file, flags),
      shard,
      moreSeeds: untilRule(flags, view),
    },
    {
      version,
      ...userCodeHooks(view.notice),
      executor,
      onProgress: view.update,
      onRunDone: (label, message) => {
        if (message !== undefined) view.failed(label, message);
      },
      notice: view.notice,
      signal,
    },
  );
}

interface CrewSettings {
  readonly workers: number;
  readonly memoryMb: number;
}

function crewSettings({ workers, memory, queue, shard, until }: SweepFlags): CrewSettings {
  if (queue !== undefined && workers !== undefined)
    throw new UsageError("--workers goes with a sweep on this machine, or with stowage worker");
  if (until !== undefined && shard !== undefined)
    throw new UsageError("--until looks at all results: leave out --shard");
  return {
    workers: wholeFlag("--workers", workers, defaultWorkers()),
    memoryMb: wholeFlag("--memory", memory, DEFAULT_MEMORY_MB),
  };
}

/** A whole number of 1 or more. */
export function wholeFlag(name: string, value: number | undefined, standard: number): number {
  if (value === undefined) return standard;
  if (Number.isInteger(value) && value >= 1) return value;
  throw new UsageError(`${name}: got ${value}, want a whole number, 1 or more`);
}

/** `3/10`: from 1. */
export function parseShard(text: string): Shard {
  const found = /^(\d+)\/(\d+)$/.exec(text);
  const index = Number(found?.[1]);
  const count = Number(found?.[2]);
  if (found !== null && index >= 1 && index <= count) return { index, count };
  throw new UsageError(`--shard: got "${text}", want i/n with i from 1 to n, such as 3/10`);
}

async function executorFor(
  flags: SweepFlags,
  { workers, memoryMb }: CrewSettings,
  { view, surroundings }: { view: SweepView; surroundings: CommandSurroundings },
): Promise<Executor> {
  if (flags.queue !== undefined)
    return queueExecutor({
      url: flags.queue,
      version: surroundings.version,
      notice: view.notice,
    });
  return threadExecutor({ workerFile: sweepThreadFile(), threads: workers, memoryMb });
}

/** `--until`: more seeds, until the means, or the differences from the baseline, are known well. */
function untilRule(
  { until, "max-seeds": most }: SweepFlags,
  view: SweepView,
): Parameters<typeof runStudy>[0]["moreSeeds"] {
  if (until !== undefined)
    return untilSettled(until, wholeFlag("--max-seeds", most, DEFAULT_MAX_SEEDS), view.notice);
  if (most !== undefined) throw new UsageError("--max-seeds goes with --until");
  return undefined;
}

function emitted(
  file: string | undefined,
  flags: SweepFlags,
  study: Study,
  settings: CrewSettings & { readonly version: string },
): string {
  if (file === undefined)
    throw new UsageError("--emit wants an experiment file, which the job will read");
  const options = {
    ...settings,
    name: study.name,
    file,
    out: flags.out ?? "out",
    flags: studyWords(flags),
    shards: wholeFlag("--shards", flags.shards, DEFAULT_SHARDS),
  };
  return flags.emit === "slurm" ? slurmScript(options) : kubernetesJob(options);
}

function told(result: StudyResult, shard: Shard | undefined, folder: string): string {
  const { ran, found, failures, missing, tables } = result;
  const counts = `${ran} run${ran === 1 ? "" : "s"} done, ${found} found done`;
  const failed = failures.length === 0 ? "" : `, ${failures.length} failed`;
  const lines = [`\n${counts}${failed}.`];
  if (failures.length > 0)
    lines.push("Failed runs are not counted; the same command tries them again.");
  if (tables === undefined) {
    const rest = shard === undefined ? "" : "; the other shards do those";
    lines.push(`${missing} are not there yet${rest}. When all are, the same command`);
    lines.push("without --shard writes runs.csv and comparison.csv.");
    return `${lines.join("\n")}\n`;
  }
  const files = tables.paths.map((path) => `  ${shortPath(path, folder)}`);
  const leftOut = leftOutLines(tables.results.runs.map((run) => ({ ...run.labels, ...run })));
  const said = [...verdict(tables.comparisons), ...leftOut].map((text) => `\n${text}`);
  return (
    `\n${comparisonTable(tables.comparisons)}\n${said.join("")}\n` +
    `${lines.join("\n")}\n\nFiles:\n${files.join("\n")}\n`
  );
}

/** Relative where that is shorter to read. */
function shortPath(path: string, folder: string): string {
  const short = relative(folder, path);
  return short.startsWith("..") ? path : short || ".";
}
