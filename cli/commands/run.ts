/** `stowage run`. */
import { builtInsEpilogue } from "../built-ins-epilogue.ts";
import { defineCommand } from "../command.ts";
import { ExitCode } from "../exit-code.ts";
import { experimentFile, experimentOptions } from "../experiment-options.ts";

export const run = defineCommand({
  name: "run",
  group: "Run experiments:",
  summary: "Simulate one policy, or everything that an experiment file names",
  positionals: { experiment: experimentFile },
  options: experimentOptions,
  examples: [
    "stowage run --trace openb --policy most-allocated --seed 7",
    "stowage run --nodes nodes.yaml --manifests pods.yaml.gz",
    "stowage run experiment.yaml --horizon 2h --out results",
  ],
  epilogue: builtInsEpilogue,
  async run({ positionals, flags }, surroundings) {
    const { runCommand } = await import("../run-command.ts");
    await runCommand("run", positionals.experiment, flags, surroundings);
    return ExitCode.ok;
  },
});
