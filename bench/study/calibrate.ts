/**
 * How long a study will take: the first moments of a run of each point, extrapolated. Wall clock: it
 * is shown to the user, and is never part of a result.
 */
import { reportedResources } from "../../reports/index.ts";
import { openWorkload } from "../../workloads/index.ts";
import { loadBalancers } from "../balancers.ts";
import { withConfiguredSettings } from "../configured-settings.ts";
import type { Experiment, PolicyRef } from "../experiment.ts";
import { loadPolicies, nodesOf } from "../run-experiment.ts";
import type { RunHooks } from "../run-hooks.ts";
import { runOne } from "../run-one.ts";
import type { PlannedRun, StudyPlan } from "./plan-study.ts";

export interface CalibrationOptions {
  /** Now, in milliseconds of any clock. */
  readonly clock: () => number;
  /** Time to spend on one sample, in milliseconds. */
  readonly sampleMs: number;
  /** Most samples; the points of a larger matrix are sampled evenly. */
  readonly samples: number;
}

export interface Estimate {
  /** One core, all runs, in milliseconds. */
  readonly totalMs: number;
  readonly samples: number;
  /** Runs whose length cannot be foretold: a run without an end that is known. */
  readonly unknown: number;
}

export type CalibrationHooks = Omit<RunHooks, "onRunStart" | "onProgress" | "onRunDone">;

/** Rejects with InputError for what only shows when a run starts, or with the signal's reason. */
export async function estimateTime(
  { runs }: StudyPlan,
  options: CalibrationOptions,
  hooks: CalibrationHooks,
): Promise<Estimate> {
  const chosen = evenly(runs, options.samples);
  let sum = 0;
  let known = 0;
  for (const run of chosen) {
    const ms = await sample(run, options, hooks);
    if (ms === undefined) continue;
    sum += ms;
    known++;
  }
  const mean = known === 0 ? 0 : sum / known;
  const share = chosen.length === 0 ? 0 : known / chosen.length;
  return {
    totalMs: mean * runs.length * share,
    samples: chosen.length,
    unknown: Math.round(runs.length * (1 - share)),
  };
}

/** At most `count` of the runs, spread over the plan; the first one is among them. */
function evenly(runs: readonly PlannedRun[], count: number): PlannedRun[] {
  if (runs.length <= count) return [...runs];
  const step = runs.length / count;
  return Array.from({ length: count }, (_, i) => runs[Math.floor(i * step)] as PlannedRun);
}

/** How long the whole run would take; undefined: its end is not known. */
async function sample(
  { experiment, labels }: PlannedRun,
  { clock, sampleMs }: CalibrationOptions,
  hooks: CalibrationHooks,
): Promise<number | undefined> {
  const [ref] = experiment.policies as [PolicyRef];
  const workload = await openWorkload(experiment.workload, {
    baseDirectory: experiment.workloadBase,
    notice: () => {},
  });
  const balancers = await loadBalancers(experiment, hooks);
  const loaded = await loadPolicies(experiment, balancers, hooks);
  const policy = loaded.get(ref);
  if (policy === undefined) throw new Error(`policy ${ref.label} was not loaded`);
  const options = { ...experiment.cluster, seed: labels.seed };
  const startMs = clock();
  let operations = 0;
  const { isWhole, endUs } = await runOne({
    experiment,
    run: {
      policy: ref,
      seed: labels.seed,
      options: withConfiguredSettings(options, policy.settings),
    },
    workload,
    policies: policy.policies,
    resources: reportedResources(nodesOf(workload)),
    sinks: {},
    onProgress: (fraction) => {
      operations = fraction;
    },
    breathe: hooks.breathe,
    signal: hooks.signal,
    observer: { attach: () => {}, isDone: () => clock() - startMs >= sampleMs },
  });
  const tookMs = clock() - startMs;
  if (isWhole) return tookMs;
  const done = shareDone(experiment, endUs, operations);
  return done === 0 ? undefined : tookMs / done;
}

/** The share of the run that the sample is: of its horizon, or of its operations. 0: not known. */
function shareDone({ horizonUs }: Experiment, endUs: number, operations: number): number {
  return horizonUs === "auto" ? operations : Math.max(endUs / horizonUs, 0);
}
