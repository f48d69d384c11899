/** `stowage run` and `stowage compare`: resolve the experiment, run it, say what came out. */
import { basename, relative } from "node:path";
import {
  type ExperimentFlags,
  type ExperimentResult,
  resolveExperiment,
  runExperiment,
} from "../bench/index.ts";
import {
  comparisonTable,
  failedRequestLines,
  refusedLines,
  unplacedLines,
} from "../reports/index.ts";
import type { Flags } from "./flags.ts";
import type { CommandLine } from "./parse-command-line.ts";
import { barProgress, lineProgress, quietProgress } from "./progress.ts";
import type { Terminal } from "./terminal.ts";
import { UsageError } from "./usage-error.ts";

export interface RunSurroundings {
  readonly terminal: Terminal;
  /** Of stowage. */
  readonly version: string;
  readonly signal: AbortSignal;
}

/** Runs the experiment and prints its table and files. Throws InputError or the signal's reason. */
export async function runCommand(
  commandLine: CommandLine & { readonly kind: "run" },
  { terminal, version, signal }: RunSurroundings,
): Promise<void> {
  const { command, experiment: file, flags } = commandLine;
  if (command === "run" && (flags.policy?.length ?? 0) > 1) {
    throw new UsageError("run takes one --policy; use compare for several");
  }
  const workingDirectory = process.cwd();
  const experiment = await resolveExperiment({
    file,
    flags: experimentFlags(commandLine),
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
      loadPolicy: async (path) => {
        progress.notice(`loading policy ${path}`);
        const { loadPolicy } = await import("./load-policy.ts");
        return loadPolicy(path);
      },
      loadBalancer: async (path) => {
        progress.notice(`loading balancer ${path}`);
        const { loadBalancer } = await import("./load-balancer.ts");
        return loadBalancer(path);
      },
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

/** The flags as the experiment file knows them, with what a bare `run` or `compare` means. */
function experimentFlags({
  command,
  experiment,
  flags,
}: CommandLine & { readonly kind: "run" }): ExperimentFlags {
  const { policy, manifests, seed, seeds, load, rate, horizon, out, evaluation } = flags;
  const { balancer, events, latency } = flags;
  return {
    trace: flags.trace ?? defaultTrace(experiment, flags),
    nodes: flags.nodes === undefined ? undefined : [flags.nodes],
    manifests: manifests?.map(String),
    policy: policy?.map(String) ?? defaultPolicies(command, experiment),
    seeds,
    seed,
    load,
    rate,
    timeScale: flags["time-scale"],
    horizon,
    out,
    evaluation,
    balancer,
    events,
    latency: latency?.map(String),
    utilizationInterval: flags["utilization-interval"],
  };
}

/** Nothing said about the workload: the trace that comes with stowage. */
function defaultTrace(experiment: string | undefined, flags: Flags): string | undefined {
  const isNamed = experiment !== undefined || flags.nodes !== undefined;
  return isNamed || flags.manifests !== undefined ? undefined : "openb";
}

/** `compare` alone shows what comparing is: kube-scheduler's default, its opposite, and chance. */
function defaultPolicies(
  command: "run" | "compare",
  experiment: string | undefined,
): readonly string[] | undefined {
  return command === "compare" && experiment === undefined
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
  const notes = [unplaced, refused, failed].map((lines) =>
    lines.map((line) => `\n${line}`).join(""),
  );
  const said = notes.filter((note) => note !== "").map((note) => `\n${note}`);
  const files = paths.map((path) => `  ${shortPath(path, folder)}\n`).join("");
  return `\n${comparisonTable(comparisons)}${said.join("")}\n\nFiles:\n${files}`;
}

/** Relative where that is shorter to read. */
function shortPath(path: string, folder: string): string {
  const short = relative(folder, path);
  return short.startsWith("..") ? path : short;
}
