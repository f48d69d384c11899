/** `stowage plan`: what a sweep would run. */
import Table from "cli-table3";
import {
  type Estimate,
  estimateTime,
  experimentSchemaText,
  planStudy,
  resolveStudy,
  type StudyPlan,
  sweepFiles,
} from "../bench/study/index.ts";
import { finishedRuns, uniqueRuns } from "../bench/sweep/index.ts";
import { userCodeHooks } from "../library/surroundings/index.ts";
import type { CommandSurroundings } from "./command.ts";
import type { PlanFlags } from "./commands/plan.ts";
import { ExitCode } from "./exit-code.ts";
import { experimentFlags } from "./experiment-flags.ts";
import { wholeFlag } from "./sweep-command.ts";
import { defaultWorkers } from "./sweep-options.ts";
import { durationText } from "./sweep-progress.ts";

/** Wall time of a sample, and how many samples a plan takes: a few seconds in all. */
const SAMPLE_MS = 700;
const SAMPLES = 6;
/** Rows of a plan's table; `--format json` has every run. */
const ROWS_MAX = 20;

export async function planCommand(
  file: string | undefined,
  flags: PlanFlags,
  { terminal, version, signal, workingDirectory }: CommandSurroundings,
): Promise<ExitCode> {
  if (flags.schema === true) {
    terminal.out(await experimentSchemaText());
    return ExitCode.ok;
  }
  const workers = wholeFlag("--workers", flags.workers, defaultWorkers());
  const study = await resolveStudy({
    file,
    flags: experimentFlags({ ...flags, quiet: undefined }),
    workingDirectory,
    files: sweepFiles(),
  });
  const notice = (text: string): void => terminal.err(`${text}\n`);
  const hooks = { version, ...userCodeHooks(notice), notice, signal };
  const plan = await planStudy(study, hooks);
  const done = finishedRuns(plan);
  const left = { ...plan, runs: uniqueRuns(plan.runs).filter(({ key }) => !done.has(key)) };
  const estimate =
    flags.estimate === false || left.runs.length === 0
      ? undefined
      : await estimateTime(
          left,
          { clock: () => performance.now(), sampleMs: SAMPLE_MS, samples: SAMPLES },
          { ...hooks, breathe: () => new Promise(setImmediate) },
        );
  const facts = { plan, done: done.size, left: left.runs.length, estimate, workers };
  terminal.out(flags.format === "json" ? planJson(facts) : planText(facts));
  return ExitCode.ok;
}

interface PlanFacts {
  readonly plan: StudyPlan;
  readonly done: number;
  readonly left: number;
  readonly estimate: Estimate | undefined;
  readonly workers: number;
}

function planText({ plan, done, left, estimate, workers }: PlanFacts): string {
  const { name, parameters, runs } = plan;
  const axes = [
    axis(
      "workloads",
      runs.map(({ labels }) => labels.workload),
    ),
    axis(
      "clusters",
      runs.map(({ labels }) => labels.cluster),
    ),
    ...parameters.map((path) =>
      axis(
        path,
        runs.map(({ labels }) => labels.parameters?.[path]),
      ),
    ),
    axis(
      "policies",
      runs.map(({ labels }) => labels.policy),
    ),
    axis(
      "seeds",
      runs.map(({ labels }) => labels.seed),
    ),
  ].filter(({ values }) => values.length > 0);
  const table = new Table({ head: ["", "count", "values"], style: { head: [], border: [] } });
  for (const { title, values } of axes) table.push([title, values.length, listed(values)]);
  const shared = runs.length - uniqueRuns(runs).length;
  const lines = [
    `${name}: ${axes.map(({ values }) => values.length).join(" x ")} = ${runs.length} runs` +
      (shared === 0 ? "." : `, of which ${shared} repeat others and need no time.`),
    table.toString(),
    `${done} done, ${left} left.`,
    ...(estimate === undefined ? [] : [estimateText(estimate, workers)]),
  ];
  return `${lines.join("\n")}\n`;
}

const axis = (title: string, values: readonly (string | undefined)[]) => ({
  title,
  values: [...new Set(values)].filter((value) => value !== undefined),
});

function listed(values: readonly string[]): string {
  const shown = values.slice(0, ROWS_MAX / 2).join(", ");
  return values.length > ROWS_MAX / 2 ? `${shown}, ... ${values.at(-1)}` : shown;
}

function estimateText({ totalMs, samples, unknown }: Estimate, workers: number): string {
  const plural = workers === 1 ? "worker" : "workers";
  const time = `About ${durationText(totalMs / workers)} with ${workers} ${plural}`;
  const how = ` (${durationText(totalMs)} of one core, from ${samples} samples).`;
  const rest = `${unknown} runs have no end that can be foretold: give them a horizon.`;
  return totalMs === 0 ? rest : `${time}${how}${unknown === 0 ? "" : ` ${rest}`}`;
}

function planJson({ plan, done, left, estimate, workers }: PlanFacts): string {
  const { name, parameters, runs } = plan;
  const facts = {
    name,
    parameters,
    runs: runs.map(({ key, labels }) => ({ key, ...labels })),
    done,
    left,
    estimate:
      estimate === undefined
        ? undefined
        : { coreSeconds: Math.round(estimate.totalMs / 1000), workers, ...estimate },
  };
  return `${JSON.stringify(facts, undefined, 2)}\n`;
}
