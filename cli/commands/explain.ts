/** `stowage explain`. */
import type { InferredOptionTypes, Options } from "yargs";
import { defineCommand } from "../command.ts";
import { ExitCode } from "../exit-code.ts";
import { formatOption, OUTPUT, recordedRun, recordedRunOptions } from "../shared-options.ts";

const explainOptions = {
  pod: {
    group: "Pod:",
    type: "string",
    requiresArg: true,
    describe: "NAMESPACE/NAME, or NAME in the namespace default",
  },
  node: {
    group: "Pod:",
    type: "string",
    requiresArg: true,
    describe: "Tell about this node: in every attempt, or at the time of --at",
  },
  at: {
    group: "Pod:",
    type: "string",
    requiresArg: true,
    describe: "Instead of a pod: the whole cluster, or --node, at this virtual time, such as 1h30m",
  },
  ...recordedRunOptions,
  nodes: {
    group: OUTPUT,
    type: "string",
    requiresArg: true,
    choices: ["best", "all"],
    describe: "Name the best nodes and examples of the others, or all of them",
    defaultDescription: "best",
  },
  top: {
    group: OUTPUT,
    type: "number",
    requiresArg: true,
    describe: "Nodes of the score table",
    defaultDescription: "5",
  },
  format: { ...formatOption, describe: "Text to read, or JSON with times in microseconds" },
} as const satisfies Record<string, Options>;

export type ExplainFlags = InferredOptionTypes<typeof explainOptions>;

export const explain = defineCommand({
  name: "explain",
  group: "Look at results:",
  summary: "Tell why a pod of a run went where it did, attempt by attempt, plugin by plugin",
  positionals: { run: recordedRun },
  options: explainOptions,
  examples: [
    "stowage explain out --pod shop/web-0",
    "stowage explain out --at 1h --node n17",
    "stowage explain out --policy default --pod web-0 --node n17 --format json",
  ],
  async run({ positionals, flags }, surroundings) {
    const { explainCommand } = await import("../explain-command.ts");
    await explainCommand(positionals.run, flags, surroundings);
    return ExitCode.ok;
  },
});
