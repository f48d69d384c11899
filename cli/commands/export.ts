/** `stowage export`. */
import type { InferredOptionTypes, Options } from "yargs";
import { defineCommand } from "../command.ts";
import { ExitCode } from "../exit-code.ts";
import { OUTPUT, quietOption, recordedRun, recordedRunOptions } from "../shared-options.ts";

const exportOptions = {
  format: {
    group: OUTPUT,
    type: "string",
    requiresArg: true,
    choices: ["perfetto", "openmetrics"],
    describe: "A trace for ui.perfetto.dev, or metrics for Prometheus",
    defaultDescription: "perfetto",
  },
  out: {
    group: OUTPUT,
    type: "string",
    requiresArg: true,
    describe: "File to write, or - for the standard output",
    defaultDescription: "run.trace.json or run.metrics.txt in RUN",
  },
  since: {
    group: OUTPUT,
    type: "string",
    requiresArg: true,
    describe: "Leave out what ended before this virtual time, such as 1h30m",
  },
  until: {
    group: OUTPUT,
    type: "string",
    requiresArg: true,
    describe: "Stop at this virtual time",
    defaultDescription: "the run's end",
  },
  interval: {
    group: OUTPUT,
    type: "string",
    requiresArg: true,
    describe: "Virtual time between two samples of openmetrics, whole seconds",
    defaultDescription: "1m, longer for runs of more than two days",
  },
  pods: {
    group: OUTPUT,
    type: "boolean",
    describe: "Metrics of each pod and node in openmetrics, not their sums",
  },
  requests: {
    group: OUTPUT,
    type: "number",
    requiresArg: true,
    describe: "Share of the requests to Services in perfetto, 0 to 1",
    defaultDescription: "0.01",
  },
  quiet: { ...quietOption, describe: "Do not say what was written" },
  ...recordedRunOptions,
} as const satisfies Record<string, Options>;

export type ExportFlags = InferredOptionTypes<typeof exportOptions>;

export const exportRun = defineCommand({
  name: "export",
  group: "Look at results:",
  summary: "Write a run as a trace for Perfetto or as metrics for Prometheus",
  positionals: { run: recordedRun },
  options: exportOptions,
  examples: [
    "stowage export out --policy default --seed 1",
    "stowage export out --format openmetrics --interval 30s --out metrics.txt",
    "stowage export out --requests 1 --since 10m --until 12m --out -",
  ],
  async run({ positionals, flags }, surroundings) {
    const { exportCommand } = await import("../export-command.ts");
    await exportCommand(positionals.run, flags, surroundings);
    return ExitCode.ok;
  },
});
