/** `stowage timeline`. */
import type { InferredOptionTypes, Options } from "yargs";
import { defineCommand } from "../command.ts";
import { ExitCode } from "../exit-code.ts";
import { formatOption, recordedRun, recordedRunOptions } from "../shared-options.ts";

const OBJECT = "Object (one of):";

const timelineOptions = {
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
  ...recordedRunOptions,
  until: {
    group: recordedRunOptions.policy.group,
    type: "string",
    requiresArg: true,
    choices: ["ready", "end"],
    describe: "Repeat the run so far; end: its whole digest is compared",
    defaultDescription: "ready",
  },
  format: { ...formatOption, describe: "A table, or JSON with times in microseconds" },
} as const satisfies Record<string, Options>;

export type TimelineFlags = InferredOptionTypes<typeof timelineOptions>;

export const timeline = defineCommand({
  name: "timeline",
  group: "Look at results:",
  summary: "Tell what happened to a pod of a run between apply and ready, hop by hop",
  positionals: { run: recordedRun },
  options: timelineOptions,
  examples: [
    "stowage timeline out --pod shop/web-0",
    "stowage timeline out --deployment shop/web --format json",
  ],
  async run({ positionals, flags }, surroundings) {
    const { timelineCommand } = await import("../timeline-command.ts");
    await timelineCommand(positionals.run, flags, surroundings);
    return ExitCode.ok;
  },
});
