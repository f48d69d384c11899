/** `stowage worker`. */
import type { InferredOptionTypes, Options } from "yargs";
import { defineCommand } from "../command.ts";
import { quietOption } from "../shared-options.ts";
import { workerOptions } from "../sweep-options.ts";

const WORK = "Work:";

const queueWorkerOptions = {
  queue: {
    group: WORK,
    type: "string",
    requiresArg: true,
    describe: "Where the sweeps' runs are: redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE]",
    defaultDescription: "redis://localhost:6379",
  },
  inputs: {
    group: WORK,
    type: "string",
    requiresArg: true,
    describe: "Folder with the experiments' input files",
    defaultDescription: "the path that it has where the sweep is",
  },
  ...workerOptions,
  "until-empty": {
    group: WORK,
    type: "boolean",
    describe: "End when no run is left; otherwise wait for more until told to stop",
  },
  quiet: quietOption,
} as const satisfies Record<string, Options>;

export type WorkerFlags = InferredOptionTypes<typeof queueWorkerOptions>;

export const worker = defineCommand({
  name: "worker",
  group: "Run experiments:",
  summary: "Run what sweeps with --queue have put into a queue on Redis",
  positionals: {},
  options: queueWorkerOptions,
  examples: ["stowage worker --queue redis://head-node", "stowage worker --until-empty"],
  async run({ flags }, surroundings) {
    const { workerCommand } = await import("../worker-command.ts");
    return workerCommand(flags, surroundings);
  },
});
