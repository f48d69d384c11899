/** `stowage compare`. */
import { builtInsEpilogue } from "../built-ins-epilogue.ts";
import { defineCommand } from "../command.ts";
import { ExitCode } from "../exit-code.ts";
import { experimentFile, experimentOptions } from "../experiment-options.ts";

export const compare = defineCommand({
  name: "compare",
  group: "Run experiments:",
  summary: "Simulate several policies on the same workload and the same luck",
  positionals: { experiment: experimentFile },
  options: {
    ...experimentOptions,
    policy: {
      ...experimentOptions.policy,
      defaultDescription: "default, most-allocated, random",
    },
  },
  examples: [
    "stowage compare --trace openb --policy default --policy random",
    "stowage compare --policy default --policy ./mine.ts --seeds 3",
    "stowage compare experiment.yaml",
  ],
  epilogue: builtInsEpilogue,
  async run({ positionals, flags }, surroundings) {
    const { runCommand } = await import("../run-command.ts");
    await runCommand("compare", positionals.experiment, flags, surroundings);
    return ExitCode.ok;
  },
});
