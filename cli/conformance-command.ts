/** `conformance`: is the scheduler here kube-scheduler? */
import { runConformance } from "../bench/conformance/index.ts";
import type { CommandSurroundings } from "./command.ts";
import type { ConformanceFlags } from "./commands/conformance.ts";
import { ExitCode } from "./exit-code.ts";

/** Prints a line per pod that was not treated as recorded, then the counts. */
export async function conformanceCommand(
  files: readonly string[],
  flags: ConformanceFlags,
  { terminal, signal }: CommandSurroundings,
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
