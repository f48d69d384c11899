/**
 * The flags of commands that run an experiment, and what they mean. Every one has its place in the
 * experiment file (docs/experiment-file.md); a flag given beside a file overrides the file.
 */
import type { InferredOptionTypes, Options } from "yargs";
import { OUTPUT, outOption, quietOption } from "./shared-options.ts";

const WORKLOAD = "Workload:";
const POLICIES = "Policies and seeds:";
const CLUSTER = "Cluster:";

/** yargs' description of each flag. Lists take one value per flag: `--policy a --policy b`. */
export const experimentOptions = {
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
  set: {
    group: CLUSTER,
    type: "string",
    array: true,
    nargs: 1,
    describe:
      "Any setting of the experiment, PATH=VALUE: --set scheduler.percentageOfNodesToScore=100; repeat for more",
  },
  horizon: {
    group: CLUSTER,
    type: "string",
    requiresArg: true,
    describe: "End at this virtual time (90s, 2h); auto: when nothing is left to happen",
    defaultDescription: "auto",
  },
  out: outOption,
  "utilization-interval": {
    group: OUTPUT,
    type: "string",
    requiresArg: true,
    describe: "Length of one row of utilization.csv and requests.csv",
    defaultDescription: "60s",
  },
  quiet: quietOption,
} as const satisfies Record<string, Options>;

/** The flags as parsed. */
export type ExperimentOptions = InferredOptionTypes<typeof experimentOptions>;

/** The word after a command that runs an experiment. */
export const experimentFile = {
  takes: "optional",
  describe: "Experiment file (YAML); flags given beside it override it",
  wanted: "an experiment file",
} as const;
