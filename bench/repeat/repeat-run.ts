/** Repeats one recorded run with somebody who looks on, and sees that it is the same run. */
import { resolve } from "node:path";
import {
  type ManifestInput,
  type RunLabels,
  type RunSummary,
  reportedResources,
  type SchedulerMetricsOptions,
} from "../../reports/index.ts";
import type { Cluster } from "../../sim/index.ts";
import { InputError, type Micros } from "../../sim/kernel/index.ts";
import { openWorkload } from "../../workloads/index.ts";
import { loadBalancers } from "../balancers.ts";
import { withConfiguredSettings } from "../configured-settings.ts";
import type { Experiment, PolicyRef } from "../experiment.ts";
import { loadPolicies, nodesOf } from "../run-experiment.ts";
import type { RunHooks } from "../run-hooks.ts";
import { runOne } from "../run-one.ts";
import { chooseFolder, type RunChoice } from "./choose-run.ts";
import { inputFolder, refuseChanged } from "./input-folder.ts";
import { type RecordedResult, type RecordedRun, readRecordedRun } from "./recorded-run.ts";

/** Which recorded run, and where its inputs are. */
export interface RepeatQuery extends RunChoice {
  /** The folder of the inputs; undefined: they are looked for. */
  readonly inputs?: string | undefined;
}

export type RepeatHooks = Pick<
  RunHooks,
  "version" | "loadPolicy" | "loadBalancer" | "notice" | "breathe" | "signal"
>;

/** Somebody who looks on, and may have seen enough. */
export interface RepeatObserver {
  /** `scheduler`: what kube-scheduler's metrics need to know. */
  attach(cluster: Cluster, scheduler: SchedulerMetricsOptions): void;
  /** Asked now and then, at virtual times that differ between machines: never part of a result. */
  isDone(nowUs: Micros): boolean;
  /** The run is stopped exactly there; absent: at its end, or when enough was seen. */
  readonly untilUs?: Micros;
}

export interface RepeatedRun {
  readonly labels: RunLabels;
  readonly experiment: Experiment;
  /** Files that it read, with their checksums. */
  readonly inputs: readonly ManifestInput[];
  readonly summary: RunSummary;
  readonly endUs: Micros;
  /** It came to its own end; false: the observer had seen enough. */
  readonly isWhole: boolean;
  /** Writes that are known to be the recorded ones. */
  readonly verifiedWrites: number;
}

/** Rejects with InputError for a user's mistake and where the run cannot be repeated. */
export async function repeatRun(
  query: RepeatQuery,
  hooks: RepeatHooks,
  observer: RepeatObserver,
): Promise<RepeatedRun> {
  const { folder, choice } = chooseFolder(query);
  const recorded = readRecordedRun(folder, query.workingDirectory, hooks.version);
  if (recorded.version !== hooks.version)
    hooks.notice(`${query.run} is of stowage ${recorded.version}, this is ${hooks.version}`);
  const result = chosen(recorded, choice);
  const repeated = await repeat(recorded, result, { query, hooks, observer });
  const { summary, isWhole, writes, endUs, experiment } = repeated;
  const verified = verify(recorded, result, { summary, isWhole, version: hooks.version });
  const { policy, workload, seed } = result;
  return {
    labels: { policy, workload, seed },
    experiment,
    inputs: recorded.inputs,
    summary,
    endUs,
    isWhole,
    verifiedWrites: isWhole ? writes : verified,
  };
}

interface Repetition {
  readonly query: RepeatQuery;
  readonly hooks: RepeatHooks;
  readonly observer: RepeatObserver;
}

async function repeat(
  recorded: RecordedRun,
  result: RecordedResult,
  { query, hooks, observer }: Repetition,
) {
  const folder = inputFolder(recorded, query.inputs, query.workingDirectory);
  const whole = experimentOf(recorded, result.policy, folder);
  const isCut = isBefore(observer.untilUs, whole.horizonUs);
  const experiment = isCut ? { ...whole, horizonUs: observer.untilUs ?? 0 } : whole;
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
      attach: (cluster) => {
        const { profiles } = policy.policies;
        observer.attach(cluster, { profiles, nodeCosts: options.latency });
        cluster.trace.committed.subscribe(() => writes++);
      },
      isDone: (nowUs) => observer.isDone(nowUs),
    },
  });
  return { ...outcome, isWhole: outcome.isWhole && !isCut, writes, experiment };
}

const isBefore = (untilUs: Micros | undefined, horizonUs: Experiment["horizonUs"]): boolean =>
  untilUs !== undefined && (horizonUs === "auto" || untilUs < horizonUs);

/** Of the runs in the folder the one that is meant. */
function chosen(
  { path, results }: RecordedRun,
  { policy, seed }: Pick<RunChoice, "policy" | "seed">,
): RecordedResult {
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
