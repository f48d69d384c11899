/** `diff`: where two recorded runs part, and why. */
import { diffRuns } from "../bench/diff/index.ts";
import { userCodeHooks } from "../library/surroundings/index.ts";
import { differenceText } from "../reports/index.ts";
import type { CommandSurroundings } from "./command.ts";
import type { DiffFlags } from "./commands/diff.ts";
import { runChoice } from "./run-choice.ts";
import { wholeFlag } from "./sweep-command.ts";

const TOP = 5;

/** Repeats both runs and prints the difference. Throws InputError or the signal's reason. */
export async function diffCommand(
  [a, b]: readonly [string, string],
  flags: DiffFlags,
  { terminal, version, signal, workingDirectory }: CommandSurroundings,
): Promise<void> {
  const top = wholeFlag("--top", flags.top, TOP);
  const { inputs } = flags;
  const difference = await diffRuns(
    {
      a: runChoice(
        a,
        { policy: flags["policy-a"], seed: flags["seed-a"], inputs },
        workingDirectory,
      ),
      b: runChoice(
        b,
        { policy: flags["policy-b"], seed: flags["seed-b"], inputs },
        workingDirectory,
      ),
      limits: { scores: top, examples: top, node: "" },
    },
    {
      version,
      ...userCodeHooks(),
      notice: (text) => terminal.err(`${text}\n`),
      breathe: () => new Promise(setImmediate),
      signal,
    },
  );
  terminal.out(
    flags.format === "json"
      ? `${JSON.stringify(difference, undefined, 2)}\n`
      : differenceText(difference),
  );
}
