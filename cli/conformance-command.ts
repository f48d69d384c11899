/** `conformance`: is the scheduler here kube-scheduler? */
import { runConformance } from "../bench/conformance/index.ts";
import { ExitCode } from "./exit-code.ts";
import type { CommandLine } from "./parse-command-line.ts";
import type { Terminal } from "./terminal.ts";

/** Prints a line per pod that was not treated as recorded, then the counts. */
export async function conformanceCommand(
  { files, flags }: CommandLine & { readonly kind: "conformance" },
  { terminal, signal }: { readonly terminal: Terminal; readonly signal: AbortSignal },
): Promise<ExitCode> {
  const { passed, failed } = await runConformance({
    files,
    evaluation: flags.evaluation ?? "incremental",
    scenarios: flags.scenario?.map(String) ?? [],
    onFailure: (line) => terminal.out(`${line}\n`),
    breathe: async () => {
      await new Promise(setImmediate);
      signal.throwIfAborted();
    },
  });
  terminal.out(`${passed} passed, ${failed} failed\n`);
  return failed === 0 ? ExitCode.ok : ExitCode.failed;
}
