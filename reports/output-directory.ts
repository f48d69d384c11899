/** The folder that the results go to. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { InputError } from "../sim/kernel/index.ts";

/** What a file is called until it is complete: an interrupted run leaves nothing that looks whole. */
export const PARTIAL_SUFFIX = ".partial";

/** Partial files that this program makes; what others left in the folder is not touched. */
const ours = /^(?:\.stowage|[a-z-]+\.csv|run\.json|study\.json|comparison\.(?:md|tex))\.partial$/;

/**
 * Makes the folder if need be, sees that files can be made in it, and removes partial files that
 * an interrupted run left there. Throws InputError, before any work is done.
 */
export function prepareOutputDirectory(directory: string): void {
  const probe = join(directory, `.stowage${PARTIAL_SUFFIX}`);
  try {
    makeFolder(directory);
    writeFileSync(probe, "");
    for (const name of readdirSync(directory))
      if (ours.test(name)) rmSync(join(directory, name), { force: true });
  } catch (error) {
    throw outputError(directory, error);
  }
}

/**
 * Makes a folder and those above it. One by one: mkdir's own recursion never ends where a folder
 * cannot be made and says that it does not exist (as under /proc).
 */
function makeFolder(directory: string, isAbove = false): void {
  if (existsSync(directory)) {
    if (statSync(directory).isDirectory()) return;
    throw Object.assign(new Error(), { code: isAbove ? "ENOTDIR" : "EEXIST" });
  }
  const above = dirname(directory);
  if (above !== directory) makeFolder(above, true);
  mkdirSync(directory);
}

/** Writes a small file that is going to be `path`, still under its partial name. */
export function writePartial(path: string, text: string | Uint8Array): void {
  try {
    writeFileSync(path + PARTIAL_SUFFIX, text);
  } catch (error) {
    throw outputError(path, error);
  }
}

/** Writes a small file whole or not at all. */
export function writeWhole(path: string, text: string | Uint8Array): void {
  writePartial(path, text);
  publish(path);
}

/** Gives a complete file its name. */
export function publish(path: string): void {
  try {
    renameSync(path + PARTIAL_SUFFIX, path);
  } catch (error) {
    throw outputError(path, error);
  }
}

/** Removes a file if it is there. */
export function removeFile(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch (error) {
    throw outputError(path, error);
  }
}

const causes: Readonly<Record<string, string>> = {
  EEXIST: "it is a file, want a folder",
  EACCES: "no permission to write there",
  EPERM: "no permission to write there",
  EROFS: "the file system is read-only",
  ENOSPC: "no space is left on the disk",
  EDQUOT: "the disk quota is used up",
  ENOENT: "no folder can be made there",
  ENOTDIR: "a part of the path is a file, not a folder",
  EISDIR: "a folder has the name of the file",
  EMFILE: "too many files are open",
};

/** A failed write as the user's message: where, what was found, what to do. */
export function outputError(path: string, error: unknown): InputError {
  const code = (error as { code?: string }).code ?? "";
  const cause = causes[code] ?? String((error as Error).message);
  return new InputError(
    `${path}: cannot write the results: ${cause}${code === "" ? "" : ` (${code})`}. ` +
      "Name a folder that you can write to with --out.",
  );
}
