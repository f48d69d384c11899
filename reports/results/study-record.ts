/** study.json: what a sweep was asked to run. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "../../sim/kernel/index.ts";
import type { RunLabels } from "../summary.ts";

export const STUDY_FILE = "study.json";

export interface StudyRecord {
  /** Version of stowage. */
  readonly stowage: string;
  readonly name: string;
  /** What makes the results again. */
  readonly command: string;
  /** Paths of the settings that are varied. */
  readonly parameters: readonly string[];
  /** In the order of the plan; runs may share a key, and a folder then. */
  readonly runs: readonly StudyRun[];
}

export interface StudyRun extends RunLabels {
  /** Name of its folder in `runs/`. */
  readonly key: string;
}

/** The text of study.json: a run per line, since there may be thousands. */
export function studyJson({ stowage, name, command, parameters, runs }: StudyRecord): string {
  const head = JSON.stringify({ stowage, name, command, parameters }, undefined, 1);
  const lines = runs.map((run) => `  ${JSON.stringify(run)}`).join(",\n");
  return `${head.slice(0, -2)},\n "runs": [\n${lines}\n ]\n}\n`;
}

/** Whether the folder has the results of a sweep. */
export const isStudyFolder = (directory: string): boolean =>
  existsSync(join(directory, STUDY_FILE));

/** `named`: the folder as the user named it. InputError when study.json cannot be understood. */
export function readStudyRecord(named: string, directory: string): StudyRecord {
  const where = join(named, STUDY_FILE);
  let value: Partial<StudyRecord> | null;
  try {
    value = JSON.parse(readFileSync(join(directory, STUDY_FILE), "utf8"));
  } catch (error) {
    throw new InputError(
      `${where}: cannot be read: ${(error as Error).message}. Run the sweep again: it keeps what is done.`,
    );
  }
  const { stowage, name, command, parameters, runs } = value ?? {};
  if (
    typeof stowage !== "string" ||
    typeof name !== "string" ||
    typeof command !== "string" ||
    !Array.isArray(parameters) ||
    !Array.isArray(runs)
  )
    throw new InputError(
      `${where}: is no record of a sweep of this version. Run the sweep again: it keeps what is done.`,
    );
  return { stowage, name, command, parameters, runs };
}
