/** The results of `stowage run` and `compare`, read back: run.json and files that all runs share. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { InputError } from "../../sim/kernel/index.ts";
import type { ReportFile } from "../report-columns.ts";
import type { Metric } from "../summary-metrics.ts";
import { csvRows, type TextRow } from "./csv-rows.ts";
import { type LabelRanges, labelRanges } from "./label-ranges.ts";
import type { ResultRun, Results } from "./results.ts";

const MANIFEST_FILE = "run.json";

/** Whether the folder has the results of a run or a comparison. */
export const isOutputFolder = (directory: string): boolean =>
  existsSync(join(directory, MANIFEST_FILE));

interface Manifest {
  readonly stowage: string;
  readonly command?: string;
  readonly configuration: { readonly name: string };
  readonly resources: readonly string[];
  readonly own_metrics?: readonly Metric[];
  readonly runs: readonly ManifestRun[];
}

interface ManifestRun {
  readonly policy: string;
  readonly workload: string;
  readonly seed: string;
  readonly digest_decisions: string;
  readonly digest_commits: string;
}

/** `named`: the folder as the user named it. InputError for a folder that is not as we leave it. */
export function openOutputFolder(named: string, directory: string): Results {
  const manifest = readManifest(named, directory);
  const metrics = readMetrics(named, directory);
  const runs = manifest.runs.map((run): ResultRun => {
    const { policy, workload, seed } = run;
    return {
      labels: { policy, workload, seed },
      metrics: metrics.get(labelOf(run)) ?? {},
      digestCommits: run.digest_commits,
      digestDecisions: run.digest_decisions,
      folder: "",
    };
  });
  const ranges = new Map<ReportFile, Promise<LabelRanges>>();
  const rangesOf = (file: ReportFile): Promise<LabelRanges> => {
    const known = ranges.get(file) ?? labelRanges(join(directory, `${file}.csv`));
    ranges.set(file, known);
    return known;
  };
  return {
    name: manifest.configuration.name,
    version: manifest.stowage,
    command: manifest.command ?? "",
    directory,
    parameters: [],
    resources: manifest.resources,
    ...(manifest.own_metrics === undefined ? {} : { own: manifest.own_metrics }),
    runs,
    failures: [],
    has: (file) => existsSync(join(directory, `${file}.csv`)),
    rows: (file, run) => rowsOf(named, directory, { file, run, rangesOf }),
  };
}

interface Wanted {
  readonly file: ReportFile;
  readonly run: ResultRun;
  rangesOf(file: ReportFile): Promise<LabelRanges>;
}

async function* rowsOf(
  named: string,
  directory: string,
  { file, run, rangesOf }: Wanted,
): AsyncIterable<TextRow> {
  const path = join(directory, `${file}.csv`);
  const fault = (what: string): Error => damaged(named, `${file}.csv cannot be read: ${what}`);
  const { columns, of } = await rangesOf(file).catch((error: Error) => {
    throw fault(error.message);
  });
  for (const range of of(run.labels)) yield* csvRows(path, fault, { columns, range });
}

function readManifest(named: string, directory: string): Manifest {
  let value: Partial<Manifest> | null;
  try {
    value = JSON.parse(readFileSync(join(directory, MANIFEST_FILE), "utf8"));
  } catch (error) {
    throw damaged(named, `run.json cannot be read: ${(error as Error).message}`);
  }
  const { stowage, configuration, resources, runs } = value ?? {};
  if (
    typeof stowage !== "string" ||
    typeof configuration?.name !== "string" ||
    !Array.isArray(resources) ||
    !Array.isArray(runs)
  )
    throw damaged(named, "run.json is not of this version of stowage");
  return value as Manifest;
}

/** Figures of each run, by `labelOf`; of none where the experiment writes no runs.csv. */
function readMetrics(
  named: string,
  directory: string,
): ReadonlyMap<string, Readonly<Record<string, number>>> {
  const path = join(directory, "runs.csv");
  if (!existsSync(path))
    throw new InputError(
      `${named}: has no runs.csv, which a report needs. Run the experiment with \`runs\` among ` +
        "outputs.files, or without that setting.",
    );
  let rows: Record<string, string>[];
  try {
    rows = parse(readFileSync(path), { columns: true });
  } catch (error) {
    throw damaged(named, `runs.csv cannot be read: ${(error as Error).message}`);
  }
  return new Map(
    rows.map((row) => {
      const figures = Object.entries(row)
        .filter(([name, cell]) => cell !== "" && !LABELS.includes(name))
        .map(([name, cell]) => [name, Number(cell)] as const);
      const wrong = figures.find(([, value]) => !Number.isFinite(value));
      if (wrong !== undefined)
        throw damaged(named, `runs.csv has "${row[wrong[0]]}" for ${wrong[0]}, want a number`);
      const { policy = "", workload = "", seed = "" } = row;
      return [labelOf({ policy, workload, seed }), Object.fromEntries(figures)];
    }),
  );
}

const LABELS = ["policy", "workload", "seed", "digest_decisions", "digest_commits"];

const labelOf = (run: { policy: string; workload: string; seed: string }): string =>
  [run.policy, run.workload, run.seed].join("\n");

const damaged = (named: string, what: string): InputError =>
  new InputError(`${named}: ${what}. Run the experiment again into this folder.`);
