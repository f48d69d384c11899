/** `stowage diff`. */
import type { InferredOptionTypes, Options } from "yargs";
import { defineCommand } from "../command.ts";
import { ExitCode } from "../exit-code.ts";
import { formatOption, OUTPUT, recordedRunOptions } from "../shared-options.ts";

const SIDES = "Runs:";
const side = (what: string) =>
  ({ group: SIDES, type: "string", requiresArg: true, describe: what }) as const;

const diffOptions = {
  "policy-a": side("The policy of run A, where RUN_A holds several"),
  "seed-a": side("Its seed"),
  "policy-b": side("The policy of run B, where RUN_B holds several"),
  "seed-b": side("Its seed"),
  inputs: { ...recordedRunOptions.inputs, group: SIDES },
  top: {
    group: OUTPUT,
    type: "number",
    requiresArg: true,
    describe: "Nodes of the score tables",
    defaultDescription: "5",
  },
  format: { ...formatOption, describe: "Text to read, or JSON with times in microseconds" },
} as const satisfies Record<string, Options>;

export type DiffFlags = InferredOptionTypes<typeof diffOptions>;

export const diff = defineCommand({
  name: "diff",
  group: "Look at results:",
  summary: "Find the first decision in which two runs part, and why",
  positionals: {
    "run-a": { takes: "one", describe: "Output folder of a run", wanted: "two runs" },
    "run-b": { takes: "one", describe: "Output folder of the other one", wanted: "a second run" },
  },
  options: diffOptions,
  examples: [
    "stowage diff before after",
    "stowage diff out out --policy-a default --policy-b most-allocated",
  ],
  async run({ positionals, flags }, surroundings) {
    const { diffCommand } = await import("../diff-command.ts");
    await diffCommand([positionals["run-a"], positionals["run-b"]], flags, surroundings);
    return ExitCode.ok;
  },
});
