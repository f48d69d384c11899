/** Repeats one recorded run with a recorder on one object, and sees that it is the same run. */

import { resolve } from "node:path";
import type { ObjectName } from "../../reports/index.ts";
import {
  buildTimeline,
  type RunSummary,
  reportedResources,
  type Timeline,
  TimelineRecorder,
  type Verification,
} from "../../reports/index.ts";
import { InputError, type Micros, nearestName } from "../../sim/kernel/index.ts";
import { openWorkload } from "../../workloads/index.ts";
import { loadBalancers } from "../balancers.ts";
import { withConfiguredSettings } from "../configured-settings.ts";
import type { Experiment, PolicyRef } from "../experiment.ts";
import { loadPolicies, nodesOf } from "../run-experiment.ts";
import type { RunHooks } from "../run-hooks.ts";
import { runOne } from "../run-one.ts";
import { inputFolder, refuseChanged } from "./input-folder.ts";
import { type RecordedResult, type RecordedRun, readRecordedRun } from "./recorded-run.ts";

export interface TimelineQuery {
  /** An output folder or a run.json, as the user named it. */
  readonly run: string;
  readonly object: ObjectName;
  /** Which run, where the folder holds several. */
  readonly policy?: string | undefined;
  readonly seed?: string | undefined;
  /** Tell about the first change of the object at or after this virtual time. */
  readonly afterUs: Micros;
  /** Go on to the end of the run, so that its whole digest is compared. */
  readonly untilEnd: boolean;
  /** The folder of the inputs; undefined: they are looked for. */
  readonly inputs?: string | undefined;
  /** Absolute. */
  readonly workingDirectory: string;
}

export type TimelineHooks = Pick<
  RunHooks,
  "version" | "loadPolicy" | "loadBalancer" | "notice" | "breathe" | "signal"
>;

export interface TimelineAnswer {
  readonly timeline: Timeline;
  readonly verified: Verification;
}

/** Rejects with InputError for a user's mistake and where the run cannot be repeated. */
export async function timelineOf(
  query: TimelineQuery,
  hooks: TimelineHooks,
): Promise<TimelineAnswer> {
  const recorded = readRecordedRun(query.run, query.workingDirectory, hooks.version);
  if (recorded.version !== hooks.version)
    hooks.notice(`${query.run} is of stowage ${recorded.version}, this is ${hooks.version}`);
  const result = chosen(recorded, query);
  const recorder = new TimelineRecorder({ object: query.object, afterUs: query.afterUs });
  const { summary, endUs, isWhole, writes } = await repeat(recorded, result, {
    query,
    hooks,
    recorder,
  });
  const commits = verify(recorded, result, { summary, isWhole, version: hooks.version });
  const { policy, workload, seed } = result;
  const timeline = buildTimeline(recorder, { policy, workload, seed }, endUs);
  if (timeline === undefined) throw unknownObject(query, recorder);
  return { timeline, verified: { commits: isWhole ? writes : commits, isWhole } };
}

interface Repetition {
  readonly query: TimelineQuery;
  readonly hooks: TimelineHooks;
  readonly recorder: TimelineRecorder;
}

async function repeat(
  recorded: RecordedRun,
  result: RecordedResult,
  { query, hooks, recorder }: Repetition,
) {
  const folder = inputFolder(recorded, query.inputs, query.workingDirectory);
  const experiment = experimentOf(recorded, result.policy, folder);
  const [ref] = experiment.policies as [PolicyRef];
  const workload = await openWorkload(experiment.workload, {
    baseDirectory: folder,
    notice: () => {}, // said when the run was made
  });
  refuseChanged(recorded, workload.inputs, folder);
  const balancers = await loadBalancers(experiment, hooks);
  refuseChanged(recorded, balancers.inputs, folder);
  const policies = await loadPolicies(experiment, balancers, hooks);
  const policy = policies.get(ref);
  if (policy === undefined) throw new Error(`policy ${ref.label} was not loaded`);
  const recordedFile = recorded.inputs.find((input) => input.policy === ref.label);
  if (recordedFile !== undefined && policy.sha256 !== undefined)
    refuseChanged(recorded, [{ path: recordedFile.path, sha256: policy.sha256 }], folder);
  const { seed } = result;
  const options = withConfiguredSettings({ ...experiment.cluster, seed }, policy.settings);
  let writes = 0;
  const outcome = await runOne({
    experiment,
    run: { policy: ref, seed, options },
    workload,
    policies: policy.policies,
    resources: reportedResources(nodesOf(workload)),
    sinks: {},
    onProgress: () => {},
    breathe: hooks.breathe,
    signal: hooks.signal,
    observer: {
      attach: (trace) => {
        recorder.attach(trace);
        trace.committed.subscribe(() => writes++);
      },
      isDone: (nowUs) => !query.untilEnd && recorder.isDone(nowUs),
    },
  });
  return { ...outcome, writes };
}

/** Of the runs in the folder the one that is meant. */
function chosen({ path, results }: RecordedRun, { policy, seed }: TimelineQuery): RecordedResult {
  const meant = results.filter(
    (each) =>
      (policy === undefined || each.policy === policy) &&
      (seed === undefined || each.seed === seed),
  );
  const [only] = meant;
  if (only !== undefined && meant.length === 1) return only;
  const list = (meant.length === 0 ? results : meant)
    .map((each) => `--policy ${each.policy} --seed ${each.seed}`)
    .slice(0, 10)
    .join("; ");
  const found =
    meant.length === 0
      ? `no run of policy ${policy ?? "(any)"} and seed ${seed ?? "(any)"}`
      : `${meant.length} runs`;
  throw new InputError(`${path}: holds ${found}, want one. Choose with: ${list}.`);
}

function experimentOf(
  { configuration, inputs }: RecordedRun,
  policy: string,
  folder: string,
): Experiment {
  const file = inputs.find((input) => input.policy === policy);
  const path = file === undefined ? undefined : resolve(folder, file.path);
  return {
    ...configuration,
    workloadBase: folder,
    policies: [{ label: policy, path }],
    outputs: { ...configuration.outputs, directory: "" },
  };
}

/**
 * Compares the digests. Returns how many writes are known to be the recorded ones; throws
 * InputError when the runs differ.
 */
function verify(
  { path, version: recordedVersion }: RecordedRun,
  result: RecordedResult,
  {
    summary,
    isWhole,
    version,
  }: { readonly summary: RunSummary; readonly isWhole: boolean; readonly version: string },
): number {
  const { decisions, commits, checkpoints = [] } = summary.digests;
  const differs = (where: string): InputError =>
    new InputError(
      `${path}: the repeated run is not the recorded one: ${where}. ` +
        (recordedVersion === version
          ? "Its inputs are the same: another build of this version, or run.json was changed. "
          : `It was made by stowage ${recordedVersion}, this is ${version}. `) +
        "Run the experiment again, or use the version that made it.",
    );
  let verified = 0;
  for (const { writes, digest } of checkpoints) {
    const known = result.checkpoints.find((each) => each.writes === writes);
    if (known !== undefined && known.digest !== digest)
      throw differs(`they differ between writes ${verified + 1} and ${writes}`);
    if (known !== undefined) verified = writes;
  }
  if (isWhole && commits !== result.commits) throw differs(`they differ after write ${verified}`);
  if (isWhole && decisions !== result.decisions) throw differs("they differ in a decision");
  return verified;
}

function unknownObject({ run, object, afterUs }: TimelineQuery, recorder: TimelineRecorder) {
  const { kind, namespace, name } = object;
  const key = `${namespace}/${name}`;
  if (recorder.target !== undefined && recorder.target.commits.length > 0) {
    const seconds = afterUs / 1_000_000;
    return new InputError(
      `${run}: ${kind} ${key} is not changed at or after ${seconds} s (--after).`,
    );
  }
  const names = [...new Set(recorder.names)];
  const near = nearestName(key, names);
  const sameStem = names.filter((each) => each.startsWith(key)).slice(0, 5);
  const hint =
    sameStem.length > 0
      ? `Names that begin so: ${sameStem.join(", ")}.`
      : near !== undefined
        ? `Did you mean ${near}?`
        : names.length === 0
          ? `The run has no ${kind}.`
          : `The first of ${names.length}: ${names.slice(0, 5).join(", ")}.`;
  return new InputError(`${run}: there is no ${kind} ${key} in this run. ${hint}`);
}
