/** The flags of commands that run a study. */
import { availableParallelism } from "node:os";
import type { InferredOptionTypes, Options } from "yargs";
import { experimentOptions } from "./experiment-options.ts";
import { outOption } from "./shared-options.ts";

const SWEEP = "Sweep:";

/** How this machine, or a part of a cluster of machines, works on runs. */
export const workerOptions = {
  workers: {
    group: SWEEP,
    type: "number",
    requiresArg: true,
    describe: "Runs at a time, a thread each",
    defaultDescription: "the cores",
  },
  memory: {
    group: SWEEP,
    type: "number",
    requiresArg: true,
    describe: "Heap of a thread in MB; a run that needs more fails, the others go on",
    defaultDescription: "4096",
  },
} as const satisfies Record<string, Options>;

export const sweepOptions = {
  ...experimentOptions,
  out: { ...outOption, describe: "Folder of the results; what is done there is not run again" },
  ...workerOptions,
  shard: {
    group: SWEEP,
    type: "string",
    requiresArg: true,
    describe: "Only the i-th of n parts, i/n: for job arrays; --out is shared by all",
  },
  until: {
    group: SWEEP,
    type: "string",
    requiresArg: true,
    describe:
      "Add seeds until intervals are narrow enough: ci<1%, or of one metric: pod_startup_p99_s:ci<5%",
  },
  "max-seeds": {
    group: SWEEP,
    type: "number",
    requiresArg: true,
    describe: "With --until: never more seeds than this",
    defaultDescription: "200",
  },
  queue: {
    group: SWEEP,
    type: "string",
    requiresArg: true,
    describe: "Let `stowage worker` processes run it, wherever they are: redis://HOST:PORT",
  },
  emit: {
    group: SWEEP,
    type: "string",
    requiresArg: true,
    choices: ["slurm", "kubernetes"],
    describe: "Run nothing; print a job array, or an Indexed Job, that runs it by shards",
  },
  shards: {
    group: SWEEP,
    type: "number",
    requiresArg: true,
    describe: "With --emit: tasks of the job",
    defaultDescription: "10",
  },
} as const satisfies Record<string, Options>;

export type SweepFlags = InferredOptionTypes<typeof sweepOptions>;

export const DEFAULT_MEMORY_MB = 4_096;
export const DEFAULT_MAX_SEEDS = 200;
export const DEFAULT_SHARDS = 10;

/** As many as this process may use at a time. */
export const defaultWorkers = (): number => availableParallelism();
