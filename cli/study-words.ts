/** The words of a command line that decide what a study is. */
import { quotedWord } from "../library/surroundings/index.ts";
import type { ExperimentOptions } from "./experiment-options.ts";

/** `--policy default --seeds 3`, as words; flags that change no result are left out. */
export function studyWords(flags: Partial<ExperimentOptions>): string[] {
  return Object.entries(flags).flatMap(([name, value]) => {
    if (!SETTINGS.includes(name)) return [];
    const values = Array.isArray(value) ? value : [value];
    return values.flatMap((each: unknown) => {
      if (each === undefined || each === false) return [];
      return each === true ? [`--${name}`] : [`--${name}`, String(each)];
    });
  });
}

/** The command that makes the same results again, for people: quoted as a shell needs it. */
export function studyCommand(
  command: string,
  file: string | undefined,
  flags: Partial<ExperimentOptions>,
): string {
  const words = ["stowage", command, ...(file === undefined ? [] : [file]), ...studyWords(flags)];
  return words.map(quotedWord).join(" ");
}

/** Names of the flags of an experiment, in the order in which a command line lists them. */
const SETTINGS = [
  "trace",
  "nodes",
  "manifests",
  "load",
  "rate",
  "time-scale",
  "policy",
  "seeds",
  "seed",
  "evaluation",
  "balancer",
  "events",
  "latency",
  "set",
  "horizon",
  "utilization-interval",
];
