/** One invocation of the command line, from its words to its exit code. */

import { packageVersion } from "../library/surroundings/index.ts";
import type { CommandSurroundings } from "./command.ts";
import { commands } from "./commands.ts";
import { ExitCode } from "./exit-code.ts";
import { parseCommandLine } from "./parse-command-line.ts";
import { reportError } from "./report-error.ts";

/** What the process knows; the rest of what a command runs in is found out here. */
export type Surroundings = Pick<CommandSurroundings, "terminal" | "signal" | "debug">;

/**
 * Runs `stowage ARGV...`. Never throws: every fault becomes a message and an exit code. What a
 * command needs is imported only when that command runs.
 */
export async function runCli(
  argv: readonly string[],
  { terminal, signal, debug }: Surroundings,
): Promise<ExitCode> {
  try {
    const version = packageVersion();
    const { columns } = terminal;
    const commandLine = await parseCommandLine(argv, { commands, version, columns });
    if (commandLine.kind === "text") {
      terminal.out(commandLine.text);
      return ExitCode.ok;
    }
    const workingDirectory = process.cwd();
    return await commandLine.command.run(commandLine, {
      terminal,
      version,
      signal,
      debug,
      workingDirectory,
    });
  } catch (error) {
    return reportError(error, terminal, debug);
  }
}
