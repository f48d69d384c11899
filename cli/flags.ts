/**
 * The flags of the commands, and what they mean. Every flag of `run` and `compare` has its place in
 * the experiment file (docs/experiment-file.md); a flag given beside a file overrides the file.
 */
import type { InferredOptionTypes, Options } from "yargs";

const WORKLOAD = "Workload:";
const POLICIES = "Policies and seeds:";
const CLUSTER = "Cluster:";
const OUTPUT = "Output:";

/** yargs' description of each flag. Lists take one value per flag: `--policy a --policy b`. */
export const flagOptions = {
  trace: {
    group: WORKLOAD,
    type: "string",
    requiresArg: true,
    describe: "Trace to play: openb, or openb:FILE for another pod list of that format",
  },
  nodes: {
    group: WORKLOAD,
    type: "string",
    requiresArg: true,
    describe:
      "Manifest file with the Nodes (YAML or JSON, .gz too; -: stdin); openb: a CSV node list",
  },
  manifests: {
    group: WORKLOAD,
    type: "string",
    array: true,
    nargs: 1,
    describe: "Manifest file to apply at the start, -: stdin; repeat for more, in order",
  },
  load: {
    group: WORKLOAD,
    type: "number",
    requiresArg: true,
    describe: "openb: resample tasks until they ask for this share of the GPUs",
    defaultDescription: "1.3",
  },
  rate: {
    group: WORKLOAD,
    type: "number",
    requiresArg: true,
    describe: "openb: pods that arrive per second of virtual time",
    defaultDescription: "1",
  },
  "time-scale": {
    group: WORKLOAD,
    type: "number",
    requiresArg: true,
    describe: "openb: play the trace's own times, this many times faster",
    defaultDescription: "off",
  },
  policy: {
    group: POLICIES,
    type: "string",
    array: true,
    nargs: 1,
    describe:
      "Built-in policy, policy file (.ts, .js, .mjs) or KubeSchedulerConfiguration (.yaml, .json); repeat to compare",
    defaultDescription: "default",
  },
  seeds: {
    group: POLICIES,
    type: "number",
    requiresArg: true,
    describe: "Run each policy with this many seeds: 1, 2, ...",
    defaultDescription: "1",
  },
  seed: {
    group: POLICIES,
    type: "string",
    requiresArg: true,
    describe: "Run with this one seed (any text)",
    defaultDescription: '"1"',
  },
  evaluation: {
    group: CLUSTER,
    type: "string",
    requiresArg: true,
    choices: ["full", "incremental", "verify"],
    describe: "How nodes are evaluated; results are equal, verify runs both and compares",
    defaultDescription: "incremental",
  },
  balancer: {
    group: CLUSTER,
    type: "string",
    requiresArg: true,
    describe:
      "How proxies choose an endpoint of a Service: a balancer by name, listed below, or a file (.ts, .js, .mjs)",
    defaultDescription: "the proxy mode's",
  },
  events: {
    group: CLUSTER,
    type: "boolean",
    describe: "Write Event objects through the API, as a real cluster does",
    defaultDescription: "off",
  },
  latency: {
    group: CLUSTER,
    type: "string",
    array: true,
    nargs: 1,
    describe: 'Latency model, KEY=DISTRIBUTION: --latency "etcdFsync=lognormal(p50=2ms, p99=8ms)"',
  },
  horizon: {
    group: CLUSTER,
    type: "string",
    requiresArg: true,
    describe: "End at this virtual time (90s, 2h); auto: when nothing is left to happen",
    defaultDescription: "auto",
  },
  out: {
    group: OUTPUT,
    type: "string",
    requiresArg: true,
    describe: "Folder for the CSV files and run.json; made if missing",
    defaultDescription: "out",
  },
  "utilization-interval": {
    group: OUTPUT,
    type: "string",
    requiresArg: true,
    describe: "Length of one row of utilization.csv and requests.csv",
    defaultDescription: "60s",
  },
  quiet: {
    group: OUTPUT,
    type: "boolean",
    describe: "Print the result only, no progress",
  },
} as const satisfies Record<string, Options>;

export type Flags = InferredOptionTypes<typeof flagOptions>;

/** The flags of `conformance`. */
export const conformanceOptions = {
  evaluation: { ...flagOptions.evaluation, group: "Scenarios:" },
  scenario: {
    group: "Scenarios:",
    type: "string",
    array: true,
    nargs: 1,
    describe: "Run the scenario of this name only; repeat for more",
    defaultDescription: "all",
  },
} as const satisfies Record<string, Options>;

export type ConformanceFlags = InferredOptionTypes<typeof conformanceOptions>;

const OBJECT = "Object (one of):";
const RUN = "Run:";

/** The flags of `timeline`. */
export const timelineOptions = {
  pod: {
    group: OBJECT,
    type: "string",
    requiresArg: true,
    describe: "Pod, NAMESPACE/NAME, or NAME in the namespace default",
  },
  deployment: {
    group: OBJECT,
    type: "string",
    requiresArg: true,
    describe: "Deployment, NAMESPACE/NAME: until all its pods are available",
  },
  object: {
    group: OBJECT,
    type: "string",
    requiresArg: true,
    describe: "KIND/NAMESPACE/NAME, also of a ReplicaSet, StatefulSet, DaemonSet or Job",
  },
  after: {
    group: OBJECT,
    type: "string",
    requiresArg: true,
    describe: "Tell about its first change at or after this virtual time, such as 90s",
    defaultDescription: "its creation",
  },
  policy: {
    group: RUN,
    type: "string",
    requiresArg: true,
    describe: "The policy of the run, where RUN holds several",
  },
  seed: {
    group: RUN,
    type: "string",
    requiresArg: true,
    describe: "The seed of the run, where RUN holds several",
  },
  inputs: {
    group: RUN,
    type: "string",
    requiresArg: true,
    describe: "Folder that the paths of the run's input files start from",
    defaultDescription: "here, or above RUN",
  },
  until: {
    group: RUN,
    type: "string",
    requiresArg: true,
    choices: ["ready", "end"],
    describe: "Repeat the run so far; end: its whole digest is compared",
    defaultDescription: "ready",
  },
  format: {
    group: OUTPUT,
    type: "string",
    requiresArg: true,
    choices: ["text", "json"],
    describe: "A table, or JSON with times in microseconds",
    defaultDescription: "text",
  },
} as const satisfies Record<string, Options>;

export type TimelineFlags = InferredOptionTypes<typeof timelineOptions>;
