/** `stowage conformance`. */
import type { InferredOptionTypes, Options } from "yargs";
import { defineCommand } from "../command.ts";
import { experimentOptions } from "../experiment-options.ts";

const SCENARIOS = "Scenarios:";

const conformanceOptions = {
  evaluation: { ...experimentOptions.evaluation, group: SCENARIOS },
  scenario: {
    group: SCENARIOS,
    type: "string",
    array: true,
    nargs: 1,
    describe: "Run the scenario of this name only; repeat for more",
    defaultDescription: "all",
  },
} as const satisfies Record<string, Options>;

export type ConformanceFlags = InferredOptionTypes<typeof conformanceOptions>;

export const conformance = defineCommand({
  name: "conformance",
  group: "Check:",
  summary: "Check the scheduler against decisions recorded from kube-scheduler",
  positionals: {
    files: {
      takes: "several",
      describe: "Files of scenarios (.jsonl, .jsonl.gz), see docs/conformance.md",
      wanted: "one file of scenarios or more",
    },
  },
  options: conformanceOptions,
  examples: [
    "stowage conformance recordings/*.jsonl.gz",
    "stowage conformance mixed.jsonl.gz --scenario mixed-007 --evaluation full",
  ],
  async run({ positionals, flags }, surroundings) {
    const { conformanceCommand } = await import("../conformance-command.ts");
    return conformanceCommand(positionals.files, flags, surroundings);
  },
});
