/** `diff`: where two recorded runs part, and why. */
import { diffRuns } from "../bench/diff/index.ts";
import { differenceText } from "../reports/index.ts";
import type { CommandSurroundings } from "./command.ts";
import type { DiffFlags } from "./commands/diff.ts";
import { repeatHooks } from "./repeat-hooks.ts";
import { runChoice } from "./run-choice.ts";
import { wholeFlag } from "./sweep-command.ts";

const TOP = 5;

/** Repeats both runs and prints the difference. Throws InputError or the signal's reason. */
export async function diffCommand(
  [a, b]: readonly [string, string],
  flags: DiffFlags,
  surroundings: CommandSurroundings,
): Promise<void> {
  const { terminal, workingDirectory } = surroundings;
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
    repeatHooks(surroundings),
  );
  terminal.out(
    flags.format === "json"
      ? `${JSON.stringify(difference, undefined, 2)}\n`
      : differenceText(difference),
  );
}
