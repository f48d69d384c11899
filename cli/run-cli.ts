/** One invocation of the command line, from its words to its exit code. */
import { readFileSync } from "node:fs";
import { ExitCode } from "./exit-code.ts";
import { parseCommandLine } from "./parse-command-line.ts";
import { reportError } from "./report-error.ts";
import type { Terminal } from "./terminal.ts";

export interface Surroundings {
  readonly terminal: Terminal;
  /** Aborted, with an Interruption, by the signals that stop the process. */
  readonly signal: AbortSignal;
  /** Show stacks of bugs. */
  readonly debug: boolean;
}

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
    const commandLine = await parseCommandLine(argv, {
      version,
      columns: terminal.columns,
      policies: async () => (await import("../policies/index.ts")).describeProfiles(),
      balancers: async () => (await import("../policies/balance/index.ts")).describeBalancers(),
    });
    if (commandLine.kind === "text") {
      terminal.out(commandLine.text);
      return ExitCode.ok;
    }
    if (commandLine.kind === "conformance") {
      const { conformanceCommand } = await import("./conformance-command.ts");
      return await conformanceCommand(commandLine, { terminal, signal });
    }
    if (commandLine.kind === "timeline") {
      const { timelineCommand } = await import("./timeline-command.ts");
      await timelineCommand(commandLine, { terminal, version, signal });
      return ExitCode.ok;
    }
    const { runCommand } = await import("./run-command.ts");
    await runCommand(commandLine, { terminal, version, signal });
    return ExitCode.ok;
  } catch (error) {
    return reportError(error, terminal, debug);
  }
}

/** Of package.json, which lies one folder up in the sources and two in dist/. */
function packageVersion(): string {
  for (const path of ["../package.json", "../../package.json"]) {
    try {
      const text = readFileSync(new URL(path, import.meta.url), "utf8");
      return (JSON.parse(text) as { version: string }).version;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
  throw new Error("package.json is not where it was installed");
}
