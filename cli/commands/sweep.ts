/** `stowage sweep`. */
import { builtInsEpilogue } from "../built-ins-epilogue.ts";
import { defineCommand } from "../command.ts";
import { experimentFile } from "../experiment-options.ts";
import { sweepOptions } from "../sweep-options.ts";

export const sweep = defineCommand({
  name: "sweep",
  group: "Run experiments:",
  summary: "Run a whole matrix on all cores or many machines; take it up where it stopped",
  positionals: { experiment: experimentFile },
  options: sweepOptions,
  examples: [
    "stowage sweep study.yaml --out results",
    "stowage sweep study.yaml --set scheduler.percentageOfNodesToScore=100",
    "stowage sweep study.yaml --until 'ci<1%'",
    "stowage sweep study.yaml --shard 3/10",
    "stowage sweep study.yaml --queue redis://localhost",
    "stowage sweep study.yaml --emit slurm --shards 100",
  ],
  epilogue: builtInsEpilogue,
  async run({ positionals, flags }, surroundings) {
    const { sweepCommand } = await import("../sweep-command.ts");
    return sweepCommand(positionals.experiment, flags, surroundings);
  },
});
