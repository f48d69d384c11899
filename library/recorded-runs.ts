/** Questions about recorded runs: each is repeated, deterministically, with somebody who asks. */
import type { RepeatHooks, RepeatQuery } from "../bench/repeat/index.ts";
import type {
  AttemptLimits,
  ClusterMoment,
  ObjectName,
  PodStory,
  RunDifference,
  Timeline,
  Verification,
} from "../reports/index.ts";
import { InputError } from "../sim/kernel/index.ts";
import { type Duration, microseconds } from "./duration.ts";
import { hooksOf } from "./run-settings.ts";

/** A recorded run: its folder, and what chooses it where the folder holds several. */
export interface RecordedRunChoice {
  /** Folder that `out` named, or its run.json. */
  readonly run: string;
  readonly policy?: string | undefined;
  readonly seed?: string | number | undefined;
  /** In the results of a sweep. */
  readonly workload?: string | undefined;
  readonly cluster?: string | undefined;
  /** Varied settings by path, likewise. */
  readonly parameters?: Readonly<Record<string, string | number>> | undefined;
  /** Folder of the run's inputs; absent: they are looked for. */
  readonly inputs?: string | undefined;
}

/** What all these functions take besides. */
export interface RepeatSettings {
  readonly workingDirectory?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onNotice?: ((text: string) => void) | undefined;
}

/** Options of {@link explain}. */
export interface ExplainOptions extends RecordedRunChoice, RepeatSettings {
  /** `namespace/name`, or a name in the namespace `default`. */
  readonly pod: string;
  /** Nodes that each attempt's score table has; 5 if absent. */
  readonly top?: number | undefined;
  /** A node to tell about in every attempt. */
  readonly node?: string | undefined;
}

/** Why a pod went where it did. */
export interface ExplainResult {
  /** `openb / default / seed 1` */
  readonly run: string;
  readonly story: PodStory;
  /** The story as `stowage explain` prints it. */
  readonly text: string;
}

/**
 * Why a pod of a recorded run went where it did, attempt by attempt, as `stowage explain --pod`.
 *
 * Rejects with {@link InputError} for an unknown pod, and for a run that cannot be repeated: one
 * whose inputs have changed, or whose policy was an object and no file.
 *
 * @example
 * ```ts
 * const { story } = await explain({ run: "out", pod: "default/web-0" });
 * console.log(story.node, story.attempts.length);
 * ```
 */
export async function explain(options: ExplainOptions): Promise<ExplainResult> {
  const { explainPod } = await import("../bench/explain/index.ts");
  const { storyText } = await import("../reports/index.ts");
  const { namespace, name } = podNamed(options.pod);
  const limits = attemptLimits(options.top, options.node);
  const query = { ...queryOf(options, options), namespace, name, limits };
  const { run, story } = await explainPod(query, repeatHooks(options));
  return { run, story, text: storyText(story, run) };
}

/** Options of {@link clusterAt}. */
export interface ClusterAtOptions extends RecordedRunChoice, RepeatSettings {
  readonly at: Duration;
}

/** A cluster at a moment. */
export interface ClusterAtResult {
  readonly run: string;
  readonly moment: ClusterMoment;
  /** The moment as `stowage explain --at` prints it. */
  readonly text: string;
}

/**
 * What the cluster of a recorded run was like at a virtual time, as `stowage explain --at`: nodes,
 * pods, queues. Rejects with {@link InputError} for a time after the run's end, too.
 */
export async function clusterAt(options: ClusterAtOptions): Promise<ClusterAtResult> {
  const bench = await import("../bench/explain/index.ts");
  const { momentText } = await import("../reports/index.ts");
  const atUs = microseconds(options.at, "at");
  const query = { ...queryOf(options, options), atUs };
  const { run, moment } = await bench.clusterAt(query, repeatHooks(options));
  return { run, moment, text: momentText(moment, run) };
}

/** Options of {@link diff}. */
export interface DiffOptions extends RepeatSettings {
  /** Two recorded runs. */
  readonly a: string | RecordedRunChoice;
  readonly b: string | RecordedRunChoice;
  /** Nodes that the score tables have; 5 if absent. */
  readonly top?: number | undefined;
}

/** Where two runs part. */
export interface DiffResult {
  readonly difference: RunDifference;
  /** The difference as `stowage diff` prints it. */
  readonly text: string;
}

/** The first decision and the first write in which two recorded runs part, and why. */
export async function diff(options: DiffOptions): Promise<DiffResult> {
  const { diffRuns } = await import("../bench/diff/index.ts");
  const { differenceText } = await import("../reports/index.ts");
  const [a, b] = [options.a, options.b].map((side) =>
    queryOf(typeof side === "string" ? { run: side } : side, options),
  ) as [RepeatQuery, RepeatQuery];
  const limits = attemptLimits(options.top, undefined);
  const difference = await diffRuns({ a, b, limits }, repeatHooks(options));
  return { difference, text: differenceText(difference) };
}

/** Options of {@link timeline}. */
export interface TimelineOptions extends RecordedRunChoice, RepeatSettings {
  /** `"Pod/default/web-0"`, or its parts. */
  readonly object: string | ObjectName;
  /** Tell about the first change at or after this time; absent: from the beginning. */
  readonly after?: Duration | undefined;
  /** Go on to the end of the run, so that its whole digest is compared. */
  readonly untilEnd?: boolean | undefined;
}

/** What happened to an object. */
export interface TimelineResult {
  readonly timeline: Timeline;
  /** How much of the run is known to be the recorded one. */
  readonly verified: Verification;
  /** The timeline as `stowage timeline` prints it. */
  readonly text: string;
}

/** Where the time went between apply and ready, hop by hop, as `stowage timeline`. */
export async function timeline(options: TimelineOptions): Promise<TimelineResult> {
  const { timelineOf } = await import("../bench/timeline/index.ts");
  const { timelineText } = await import("../reports/index.ts");
  const answer = await timelineOf(
    {
      ...queryOf(options, options),
      object: typeof options.object === "string" ? objectNamed(options.object) : options.object,
      afterUs: options.after === undefined ? 0 : microseconds(options.after, "after"),
      untilEnd: options.untilEnd ?? false,
    },
    repeatHooks(options),
  );
  return { ...answer, text: timelineText(answer.timeline, answer.verified) };
}

const TOP = 5;

function attemptLimits(top = TOP, node = ""): AttemptLimits {
  if (!(Number.isInteger(top) && top >= 1))
    throw new InputError(`top: got ${top}, want a whole number, 1 or more.`);
  return { scores: top, examples: top, node };
}

/** The run that is meant, as bench asks for it. */
export function queryOf(
  { run, policy, seed, workload, cluster, parameters, inputs }: RecordedRunChoice,
  { workingDirectory = process.cwd() }: RepeatSettings,
): RepeatQuery {
  const param = Object.entries(parameters ?? {}).map(([path, value]) => `${path}=${value}`);
  const choice = { run, policy, workload, cluster, param, inputs, workingDirectory };
  return { ...choice, seed: seed === undefined ? undefined : String(seed) };
}

/** Hooks of a repetition. */
export const repeatHooks = (settings: RepeatSettings): RepeatHooks => hooksOf(settings);

function podNamed(text: string): { namespace: string; name: string } {
  const parts = text.split("/");
  const [namespace = "", name = ""] = parts.length === 1 ? ["default", text] : parts;
  if (parts.length <= 2 && namespace !== "" && name !== "") return { namespace, name };
  throw new InputError(`pod: got "${text}", want NAMESPACE/NAME, or a name.`);
}

/** `KIND/NAMESPACE/NAME`, or `KIND/NAME` in the namespace default. */
function objectNamed(text: string): ObjectName {
  const parts = text.split("/");
  const [kind = "", namespace = "", name = ""] =
    parts.length === 2 ? [parts[0], "default", parts[1]] : parts;
  if (parts.length <= 3 && kind !== "" && namespace !== "" && name !== "")
    return { kind, namespace, name };
  throw new InputError(`object: got "${text}", want KIND/NAMESPACE/NAME, or KIND/NAME.`);
}
