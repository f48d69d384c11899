/** `timeline`: what happened to an object of a recorded run between apply and ready. */
import { timelineOf } from "../bench/timeline/index.ts";
import { type ObjectName, TIMELINE_KINDS, timelineJson, timelineText } from "../reports/index.ts";
import { nearestName } from "../sim/kernel/index.ts";
import type { CommandSurroundings } from "./command.ts";
import type { TimelineFlags } from "./commands/timeline.ts";
import { repeatHooks } from "./repeat-hooks.ts";
import { runChoice } from "./run-choice.ts";
import { timeFlag } from "./time-flag.ts";
import { UsageError } from "./usage-error.ts";

/**
 * Repeats `run`, an output folder or its run.json, and prints the timeline. Throws InputError,
 * UsageError or the signal's reason.
 */
export async function timelineCommand(
  run: string,
  flags: TimelineFlags,
  surroundings: CommandSurroundings,
): Promise<void> {
  const { terminal, workingDirectory } = surroundings;
  const { timeline, verified } = await timelineOf(
    {
      ...runChoice(run, flags, workingDirectory),
      object: objectOf(flags),
      afterUs: timeFlag("--after", flags.after) ?? 0,
      untilEnd: flags.until === "end",
    },
    repeatHooks(surroundings),
  );
  const print = flags.format === "json" ? timelineJson : timelineText;
  terminal.out(print(timeline, verified));
}

/** The object that the flags name: one of --pod, --deployment and --object. */
export function objectOf({ pod, deployment, object }: TimelineFlags): ObjectName {
  const given = [pod, deployment, object].filter((text) => text !== undefined);
  if (given.length !== 1) {
    const count = given.length === 0 ? "none" : `${given.length} of them`;
    throw new UsageError(`timeline wants one of --pod, --deployment and --object, got ${count}`);
  }
  if (pod !== undefined) return named("Pod", pod, "--pod");
  if (deployment !== undefined) return named("Deployment", deployment, "--deployment");
  const [kind = "", ...rest] = (object ?? "").split("/");
  const known = TIMELINE_KINDS.find((each) => each.toLowerCase() === kind.toLowerCase());
  if (known === undefined) {
    const near = nearestName(kind, TIMELINE_KINDS);
    const hint = near === undefined ? "" : `, did you mean ${near}?`;
    throw new UsageError(
      `--object: got the kind "${kind}", want one of ${TIMELINE_KINDS.join(", ")}${hint}`,
    );
  }
  return named(known, rest.join("/"), "--object");
}

/** `NAMESPACE/NAME`, or a name in the namespace default, as for kubectl. */
function named(kind: string, text: string, flag: string): ObjectName {
  const parts = text.split("/");
  const [namespace = "", name = ""] = parts.length === 1 ? ["default", parts[0]] : parts;
  if (parts.length <= 2 && namespace !== "" && name !== "") return { kind, namespace, name };
  const form = flag === "--object" ? "KIND/NAMESPACE/NAME" : "NAMESPACE/NAME";
  throw new UsageError(`${flag}: got "${text}", want ${form}`);
}
