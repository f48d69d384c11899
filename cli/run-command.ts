/** `stowage run` and `stowage compare`: resolve the experiment, run it, say what came out. */
import { basename, relative } from "node:path";
import {
  type ExperimentFlags,
  type ExperimentResult,
  resolveExperiment,
  runExperiment,
} from "../bench/index.ts";
import { userCodeHooks } from "../library/surroundings/index.ts";
import {
  comparisonTable,
  failedRequestLines,
  leftOutLines,
  refusedLines,
  unplacedLines,
  verdict,
} from "../reports/index.ts";
import type { CommandSurroundings } from "./command.ts";
import { experimentFlags } from "./experiment-flags.ts";
import type { ExperimentOptions } from "./experiment-options.ts";
import { barProgress, lineProgress, quietProgress } from "./progress.ts";
import { UsageError } from "./usage-error.ts";

/** Runs the experiment and prints its table and files. Throws InputError or the signal's reason. */
export async function runCommand(
  command: "run" | "compare",
  file: string | undefined,
  flags: ExperimentOptions,
  { terminal, version, signal, workingDirectory }: CommandSurroundings,
): Promise<void> {
  if (command === "run" && (flags.policy?.length ?? 0) > 1) {
    throw new UsageError("run takes one --policy; use compare for several");
  }
  const experiment = await resolveExperiment({
    file,
    flags: flagsWithDefaults(command, file, flags),
    workingDirectory,
  });
  const makeProgress = flags.quiet
    ? quietProgress
    : terminal.isInteractive
      ? barProgress
      : lineProgress;
  const progress = await makeProgress(terminal);
  let startedMs = 0;
  try {
    const result = await runExperiment(experiment, {
      version,
      ...userCodeHooks(progress.notice),
      onRunStart: (start) => {
        startedMs = performance.now();
        progress.update(start);
      },
      onProgress: progress.update,
      onRunDone: (done, events) =>
        progress.runDone(done, describeSpeed(events, performance.now() - startedMs)),
      breathe: () => new Promise(setImmediate),
      notice: progress.notice,
      signal,
    });
    progress.stop();
    terminal.out(describeResult(result, workingDirectory));
  } finally {
    progress.stop();
  }
}

/** With what a bare `run` or `compare` means. */
function flagsWithDefaults(
  command: "run" | "compare",
  file: string | undefined,
  options: ExperimentOptions,
): ExperimentFlags {
  const flags = experimentFlags(options);
  return {
    ...flags,
    trace: flags.trace ?? defaultTrace(file, flags),
    policy: flags.policy ?? defaultPolicies(command, file),
  };
}

/** Nothing said about the workload: the trace that comes with stowage. */
function defaultTrace(file: string | undefined, flags: ExperimentFlags): string | undefined {
  const isNamed = file !== undefined || flags.nodes !== undefined;
  return isNamed || flags.manifests !== undefined ? undefined : "openb";
}

/** `compare` alone shows what comparing is: kube-scheduler's default, its opposite, and chance. */
function defaultPolicies(
  command: "run" | "compare",
  file: string | undefined,
): readonly string[] | undefined {
  return command === "compare" && file === undefined
    ? ["default", "most-allocated", "random"]
    : undefined;
}

/** Wall clock: shown on the way, never part of a result. */
function describeSpeed(events: number, wallMs: number): string {
  const seconds = Math.max(wallMs, 1) / 1000;
  const rate = Math.round(events / seconds);
  return `${events} events in ${seconds.toFixed(1)} s, ${grouped(rate)} events/s`;
}

const grouped = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ",");

function describeResult(result: ExperimentResult, folder: string): string {
  const { summaries, comparisons, paths } = result;
  const has = (file: string) => paths.some((path) => basename(path) === file);
  const unplaced = unplacedLines(summaries);
  if (unplaced.length > 0 && has("pods.csv")) unplaced.push("See `reason` in pods.csv.");
  const refused = refusedLines(summaries);
  if (refused.length > 0 && has("operations.csv")) refused.push("See operations.csv.");
  const failed = failedRequestLines(summaries);
  if (failed.length > 0 && has("services.csv")) failed.push("See services.csv.");
  const notes = [unplaced, leftOutLines(summaries), refused, failed].map((lines) =>
    lines.map((line) => `\n${line}`).join(""),
  );
  const said = notes.filter((note) => note !== "").map((note) => `\n${note}`);
  const files = paths.map((path) => `  ${shortPath(path, folder)}\n`).join("");
  const words = verdict(comparisons).map((text) => `\n${text}`);
  const judged = words.length === 0 ? "" : `\n${words.join("")}`;
  return `\n${comparisonTable(comparisons)}${judged}${said.join("")}\n\nFiles:\n${files}`;
}

/** Relative where that is shorter to read. */
function shortPath(path: string, folder: string): string {
  const short = relative(folder, path);
  return short.startsWith("..") ? path : short;
}
