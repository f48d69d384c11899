/** What the user reads when something went wrong, and the exit code that goes with it. */
import { InputError } from "../sim/kernel/index.ts";
import { ExitCode } from "./exit-code.ts";
import { Interruption, interruptions } from "./interruption.ts";
import type { Terminal } from "./terminal.ts";
import { UsageError } from "./usage-error.ts";

/**
 * Writes one message for `error` and returns the exit code. A stack is shown only for our own bugs,
 * and only when STOWAGE_DEBUG=1 is set.
 */
export function reportError(error: unknown, terminal: Terminal, debug: boolean): ExitCode {
  if (error instanceof UsageError) {
    const stop = error.message.endsWith("?") ? "" : ".";
    terminal.err(`stowage: ${error.message}${stop} See stowage --help.\n`);
    return ExitCode.usage;
  }
  if (error instanceof InputError) {
    terminal.err(`stowage: ${error.message}\n`);
    return ExitCode.input;
  }
  if (error instanceof Interruption) {
    terminal.err(`stowage: ${error.message}; unfinished files were removed.\n`);
    return interruptions[error.signal];
  }
  const fileProblem = describeFileProblem(error);
  if (fileProblem !== undefined) {
    terminal.err(`stowage: ${fileProblem}\n`);
    return ExitCode.input;
  }
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  terminal.err(
    `stowage: this is a bug in stowage, please report it with the command that you ran.\n  ${text}\n`,
  );
  if (debug && error instanceof Error) terminal.err(`${error.stack ?? ""}\n`);
  else terminal.err("  Set STOWAGE_DEBUG=1 to see where it happened.\n");
  return ExitCode.bug;
}

const FILE_PROBLEMS: Readonly<Record<string, string>> = {
  EACCES: "permission denied. Choose another path, or change its permissions.",
  EPERM: "operation not permitted. Choose another path, or change its permissions.",
  EROFS: "the file system is read-only. Choose another path.",
  ENOSPC: "no space is left on the device. Free some, or choose another path.",
  ENOENT: "no such file or folder. Check the path.",
  ENOTDIR: "a part of the path is not a folder. Check the path.",
  EISDIR: "is a folder, not a file. Check the path.",
  EMFILE: "too many open files. Raise the limit (ulimit -n).",
};

/** The operating system's refusal of a path is the surroundings' fault, not a bug. */
function describeFileProblem(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, path } = error as NodeJS.ErrnoException;
  const problem = code === undefined ? undefined : FILE_PROBLEMS[code];
  return problem === undefined || path === undefined ? undefined : `${path}: ${problem}`;
}
