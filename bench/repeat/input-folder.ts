/**
 * Where the inputs of a recorded run lie. run.json names them as the experiment did and no folder,
 * so they are looked for; their checksums tell whether they are the ones.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { ManifestInput } from "../../reports/index.ts";
import { InputError } from "../../sim/kernel/index.ts";
import type { RecordedRun } from "./recorded-run.ts";

/** What reading the standard input is recorded as. */
const STANDARD_INPUT = "(standard input)";

/**
 * The folder that holds most of the inputs: `base` if given, else the working directory, or the
 * run's folder or one above it. Throws InputError for a run that read what is not kept.
 */
export function inputFolder(
  { path, directory, inputs }: RecordedRun,
  base: string | undefined,
  workingDirectory: string,
): string {
  if (inputs.some((input) => input.path === STANDARD_INPUT)) {
    throw new InputError(
      `${path}: the run read the standard input, which is not kept, so it cannot be repeated. ` +
        "Save the input to a file, run with that, and ask again.",
    );
  }
  if (base !== undefined) return resolve(workingDirectory, base);
  const folders = [workingDirectory, ...foldersAbove(directory)];
  let best = workingDirectory;
  let most = 0;
  for (const folder of folders) {
    const count = inputs.filter((input) => isThere(folder, input)).length;
    if (count <= most) continue;
    best = folder;
    most = count;
  }
  return best;
}

function foldersAbove(directory: string): string[] {
  const above = dirname(directory);
  return above === directory ? [directory] : [directory, ...foldersAbove(above)];
}

function isThere(folder: string, { path, sha256 }: ManifestInput): boolean {
  const file = resolve(folder, path);
  if (!existsSync(file) || !statSync(file).isFile()) return false;
  return createHash("sha256").update(readFileSync(file)).digest("hex") === sha256;
}

/** Throws InputError when a file has changed since the run; `now`: what was read. */
export function refuseChanged(
  { path, inputs }: RecordedRun,
  now: readonly { readonly path: string; readonly sha256: string }[],
  folder: string,
): void {
  for (const input of now) {
    const known = inputs.filter((each) => each.path === input.path);
    if (known.some(({ sha256 }) => sha256 === input.sha256)) continue;
    const was =
      known[0] === undefined ? "no input of the run" : `SHA-256 ${short(known[0].sha256)}`;
    throw new InputError(
      `${path}: input ${input.path} in ${folder} is not the one of the run: got SHA-256 ` +
        `${short(input.sha256)}, want ${was}. Restore it, name the folder with --inputs, or run ` +
        "the experiment again.",
    );
  }
}

const short = (sha256: string): string => `${sha256.slice(0, 12)}...`;
