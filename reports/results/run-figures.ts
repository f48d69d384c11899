/** What a finished run's own folder says of it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { InputError } from "../../sim/kernel/index.ts";

/** The figures of one run, as they were written. */
export interface RunFigures {
  /** By metric; what the run has not is absent. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly resources: readonly string[];
  readonly digestDecisions: string;
  readonly digestCommits: string;
}

/** `named`: the folder for messages. InputError for a folder that is not as a run leaves it. */
export function readRunFigures(named: string, directory: string): RunFigures {
  const row = onlyRow(named, directory);
  const metrics: Record<string, number> = {};
  for (const [name, cell] of Object.entries(row)) {
    if (cell === "" || LABELS.includes(name)) continue;
    const value = Number(cell);
    if (!Number.isFinite(value))
      throw damaged(named, `runs.csv has "${cell}" for ${name}, want a number`);
    metrics[name] = value;
  }
  const { digest_decisions: digestDecisions = "", digest_commits: digestCommits = "" } = row;
  return { metrics, resources: resourcesOf(named, directory), digestDecisions, digestCommits };
}

const LABELS = ["policy", "workload", "cluster", "seed", "digest_decisions", "digest_commits"];

function onlyRow(named: string, directory: string): Readonly<Record<string, string>> {
  let rows: Record<string, string>[];
  try {
    rows = parse(readFileSync(join(directory, "runs.csv")), { columns: true });
  } catch (error) {
    throw damaged(named, `runs.csv cannot be read: ${(error as Error).message}`);
  }
  const [row] = rows;
  if (row === undefined || rows.length > 1)
    throw damaged(named, `runs.csv has ${rows.length} rows, want one`);
  return row;
}

function resourcesOf(named: string, directory: string): readonly string[] {
  try {
    const { resources } = JSON.parse(readFileSync(join(directory, "run.json"), "utf8")) as {
      resources?: readonly string[];
    };
    if (Array.isArray(resources)) return resources;
  } catch {
    // said below
  }
  throw damaged(named, "run.json cannot be read");
}

const damaged = (named: string, what: string): InputError =>
  new InputError(`${named}: ${what}. Run the sweep again: it does this run anew.`);
