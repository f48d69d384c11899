/** Comparison of policies over seeds: each metric's mean and spread, and paired differences. */
import {
  Bootstrap,
  holm,
  type Pair,
  type PairedDifference,
  pairedDifference,
  type Spread,
  spreadOf,
} from "./statistics/index.ts";
import type { RunLabels, RunSummary } from "./summary.ts";
import { type Metric, summaryMetrics } from "./summary-metrics.ts";

/** What policies are compared within. */
export type Scenario = Omit<RunLabels, "policy" | "seed">;

/** Against the baseline, with the p-value that holds together with those of the other policies. */
export interface PolicyDifference extends PairedDifference {
  /** Holm's correction of `tP` over the policies compared on this metric in this scenario. */
  readonly holmP: number | undefined;
}

/** One metric of one policy in one scenario. */
export interface Comparison extends Scenario {
  readonly policy: string;
  /** The policy compared with; undefined for that one itself. */
  readonly baseline: string | undefined;
  readonly metric: Metric;
  /** undefined: no run had this figure. */
  readonly spread: Spread | undefined;
  /**
   * This policy minus the baseline, seed by seed: every policy of a seed meets the same workload
   * and the same luck. undefined for the baseline, and where no seed has both figures.
   */
  readonly difference: PolicyDifference | undefined;
}

/** What is compared of a run. */
export type ComparedRun = RunLabels & Pick<RunSummary, "metrics" | "own">;

/**
 * Scenarios, policies and metrics in the order in which the runs first name them; `resources`: those
 * that the runs report; `baseline`: the policy that the others are compared with, the first one
 * unless given. Runs of one policy and scenario have different seeds.
 */
export function compare(
  runs: readonly ComparedRun[],
  resources: readonly string[],
  baseline = runs[0]?.policy ?? "",
): Comparison[] {
  const metrics = summaryMetrics(resources, runs[0]?.own);
  const bootstrap = new Bootstrap();
  return [...byScenario(runs).values()].flatMap((mine) =>
    compareScenario(mine, metrics, baseline, bootstrap),
  );
}

/** A text that is equal for equal scenarios. */
export const scenarioKey = ({ workload, cluster = "", parameters = {} }: Scenario): string =>
  JSON.stringify([workload, cluster, Object.entries(parameters)]);

function byScenario(runs: readonly ComparedRun[]): Map<string, ComparedRun[]> {
  const scenarios = new Map<string, ComparedRun[]>();
  for (const run of runs) {
    const key = scenarioKey(run);
    const known = scenarios.get(key);
    if (known === undefined) scenarios.set(key, [run]);
    else known.push(run);
  }
  return scenarios;
}

function compareScenario(
  runs: readonly ComparedRun[],
  metrics: readonly Metric[],
  baseline: string,
  bootstrap: Bootstrap,
): Comparison[] {
  const policies = [...new Set(runs.map(({ policy }) => policy))].map((policy) => ({
    policy,
    baseline: policy === baseline ? undefined : baseline,
    runs: runs.filter((run) => run.policy === policy),
  }));
  const base = new Map(
    runs.filter(({ policy }) => policy === baseline).map((run) => [run.seed, run]),
  );
  // The tests of one metric are a family: the more policies, the likelier that luck looks like one.
  const differences = metrics.map(({ name }) => {
    const found = policies.map((each) =>
      each.baseline === undefined
        ? undefined
        : pairedDifference(pairsOf(each.runs, base, name), bootstrap),
    );
    const adjusted = holm(found.map((difference) => difference?.tP));
    return found.map((each, i) =>
      each === undefined ? undefined : { ...each, holmP: adjusted[i] },
    );
  });
  const scenario = scenarioOf(runs[0] as ComparedRun);
  return policies.flatMap(({ policy, baseline: against, runs: mine }, i) =>
    metrics.map((metric, k) => ({
      ...scenario,
      policy,
      baseline: against,
      metric,
      spread: spreadOf(mine.map((run) => run.metrics[metric.name])),
      difference: differences[k]?.[i],
    })),
  );
}

function scenarioOf({ workload, cluster, parameters }: RunLabels): Scenario {
  return {
    workload,
    ...(cluster === undefined ? {} : { cluster }),
    ...(parameters === undefined ? {} : { parameters }),
  };
}

/** The seeds that both have a figure for. */
function pairsOf(
  mine: readonly ComparedRun[],
  base: ReadonlyMap<string, ComparedRun>,
  metric: string,
): Pair[] {
  return mine.flatMap(({ seed, metrics }) => {
    const value = metrics[metric];
    const baseline = base.get(seed)?.metrics[metric];
    return value === undefined || baseline === undefined ? [] : [{ value, baseline }];
  });
}
