/** Which run is meant, where a folder holds several. */
import { join, resolve } from "node:path";
import { isStudyFolder, readStudyRecord, type StudyRun } from "../../reports/index.ts";
import { InputError } from "../../sim/kernel/index.ts";

export interface RunChoice {
  /** An output folder or a run.json, as the user named it. */
  readonly run: string;
  readonly policy?: string | undefined;
  readonly seed?: string | undefined;
  /** In the results of a sweep. */
  readonly workload?: string | undefined;
  readonly cluster?: string | undefined;
  /** Each `PATH=VALUE`, likewise. */
  readonly param?: readonly string[] | undefined;
  /** Absolute. */
  readonly workingDirectory: string;
}

/** The folder of the run, and what is left to choose in it. InputError unless it is one. */
export function chooseFolder(choice: RunChoice): {
  readonly folder: string;
  readonly choice: Pick<RunChoice, "policy" | "seed">;
} {
  const { run, policy, seed, workingDirectory } = choice;
  const directory = resolve(workingDirectory, run);
  if (!isStudyFolder(directory)) return { folder: run, choice: { policy, seed } };
  const { runs } = readStudyRecord(run, directory);
  const meant = runs.filter((each) => isMeant(each, choice));
  const [only] = meant;
  if (only === undefined || new Set(meant.map(({ key }) => key)).size > 1)
    throw new InputError(
      `${run}: holds ${meant.length === 0 ? "no such run" : `${meant.length} runs`}, want one. ` +
        `Choose with: ${(meant.length === 0 ? runs : meant).slice(0, 5).map(flagsOf).join("; ")}.`,
    );
  return { folder: join(run, "runs", only.key), choice: {} };
}

function isMeant(
  run: StudyRun,
  { policy, seed, workload, cluster, param = [] }: RunChoice,
): boolean {
  const wanted: readonly (readonly [string | undefined, string | undefined])[] = [
    [policy, run.policy],
    [seed, run.seed],
    [workload, run.workload],
    [cluster, run.cluster],
  ];
  const parameters = Object.entries(run.parameters ?? {}).map(
    ([path, value]) => `${path}=${value}`,
  );
  return (
    wanted.every(([want, have]) => want === undefined || want === have) &&
    param.every((text) => parameters.includes(text))
  );
}

/** The flags that choose this run. */
function flagsOf({ policy, seed, workload, cluster, parameters = {} }: StudyRun): string {
  const flags = [
    ["--policy", policy],
    ["--workload", workload],
    ["--cluster", cluster],
    ["--seed", seed],
    ...Object.entries(parameters).map(([path, value]) => ["--param", `${path}=${value}`]),
  ];
  return flags
    .flatMap(([flag, value]) => (value === undefined ? [] : `${flag} ${value}`))
    .join(" ");
}
