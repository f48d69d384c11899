/** Flags that several commands have, with one meaning. A command may spread one and say more. */
import type { Options } from "yargs";

/** Heading of the flags about what is written, and how. */
export const OUTPUT = "Output:";

const RECORDED_RUN = "Run:";

/** Which run of a recorded experiment, and where its input files are. */
export const recordedRunOptions = {
  policy: {
    group: RECORDED_RUN,
    type: "string",
    requiresArg: true,
    describe: "The policy of the run, where RUN holds several",
  },
  seed: {
    group: RECORDED_RUN,
    type: "string",
    requiresArg: true,
    describe: "The seed of the run, where RUN holds several",
  },
  workload: {
    group: RECORDED_RUN,
    type: "string",
    requiresArg: true,
    describe: "The workload of the run, in the results of a sweep",
  },
  cluster: {
    group: RECORDED_RUN,
    type: "string",
    requiresArg: true,
    describe: "The variant of the cluster, likewise",
  },
  param: {
    group: RECORDED_RUN,
    type: "string",
    array: true,
    nargs: 1,
    describe: "A parameter of the sweep, PATH=VALUE; repeat for more",
  },
  inputs: {
    group: RECORDED_RUN,
    type: "string",
    requiresArg: true,
    describe: "Folder that the paths of the run's input files start from",
    defaultDescription: "here, or above RUN",
  },
} as const satisfies Record<string, Options>;

/** The word after a command that repeats a recorded run. */
export const recordedRun = {
  takes: "one",
  describe: "Output folder of a run or a sweep (--out), or a run.json",
  wanted: "the output folder of a run",
} as const;

export const outOption = {
  group: OUTPUT,
  type: "string",
  requiresArg: true,
  describe: "Folder for the CSV files and run.json; made if missing",
  defaultDescription: "out",
} as const satisfies Options;

export const quietOption = {
  group: OUTPUT,
  type: "boolean",
  describe: "Print the result only, no progress",
} as const satisfies Options;

export const formatOption = {
  group: OUTPUT,
  type: "string",
  requiresArg: true,
  choices: ["text", "json"],
  describe: "Text to read, or JSON for programs",
  defaultDescription: "text",
} as const satisfies Options;
