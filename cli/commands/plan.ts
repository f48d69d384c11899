/** `stowage plan`. */
import type { InferredOptionTypes, Options } from "yargs";
import { defineCommand } from "../command.ts";
import { experimentFile, experimentOptions } from "../experiment-options.ts";
import { formatOption, OUTPUT, outOption } from "../shared-options.ts";
import { workerOptions } from "../sweep-options.ts";

const { quiet: _quiet, ...settings } = experimentOptions;
const planOptions = {
  ...settings,
  out: { ...outOption, describe: "Folder of the results: what is done there needs no time" },
  workers: workerOptions.workers,
  estimate: {
    group: OUTPUT,
    type: "boolean",
    describe: "Try how long a run takes; --no-estimate does not",
    defaultDescription: "on",
  },
  schema: {
    group: OUTPUT,
    type: "boolean",
    describe: "Print the JSON Schema of experiment files instead, for editors",
  },
  format: { ...formatOption, describe: "Text to read, or JSON with every run" },
} as const satisfies Record<string, Options>;

export type PlanFlags = InferredOptionTypes<typeof planOptions>;

export const plan = defineCommand({
  name: "plan",
  group: "Run experiments:",
  summary: "Say what a sweep would run, how many runs, and about how long it takes",
  positionals: { experiment: experimentFile },
  options: planOptions,
  examples: ["stowage plan study.yaml", "stowage plan --schema"],
  async run({ positionals, flags }, surroundings) {
    const { planCommand } = await import("../plan-command.ts");
    return planCommand(positionals.experiment, flags, surroundings);
  },
});
