/** Comparison of policies over seeds: each metric's mean and spread (comparison.csv). */
import type { Row } from "./row.ts";
import { studentT975 } from "./student-t.ts";
import type { RunSummary } from "./summary.ts";
import { type Metric, summaryMetrics } from "./summary-metrics.ts";

/** Mean and spread of a sample. `sd` and `ci95` (half a 95 % t-interval) need two values. */
export interface Spread {
  readonly n: number;
  readonly mean: number;
  readonly sd: number | undefined;
  readonly ci95: number | undefined;
  readonly min: number;
  readonly max: number;
}

/** One metric of one policy under one workload. */
export interface Comparison {
  readonly workload: string;
  readonly policy: string;
  readonly metric: Metric;
  /** undefined: no run had this figure. */
  readonly spread: Spread | undefined;
  /**
   * This policy minus the first policy of the same workload, seed by seed: every policy of a seed
   * meets the same workload and the same luck. undefined for the first policy itself.
   */
  readonly difference: Spread | undefined;
}

/** Columns of comparison.csv, in order. */
export const comparisonColumns = [
  "workload",
  "policy",
  "metric",
  "unit",
  "n",
  "mean",
  "sd",
  "ci95",
  "min",
  "max",
  "baseline",
  "diff_n",
  "diff_mean",
  "diff_ci95",
] as const;

/** Workloads, policies and metrics in the order in which the runs first name them. */
export function compare(summaries: readonly RunSummary[]): Comparison[] {
  const comparisons: Comparison[] = [];
  for (const workload of new Set(summaries.map((run) => run.workload))) {
    const runs = summaries.filter((run) => run.workload === workload);
    const policies = [...new Set(runs.map((run) => run.policy))];
    const baseline = runsOf(runs, policies[0] ?? "");
    const metrics = summaryMetrics(runs[0]?.resources.map((use) => use.resource) ?? []);
    for (const policy of policies) {
      const mine = runsOf(runs, policy);
      for (const metric of metrics) {
        const spread = spreadOf(mine.map((run) => run.metrics[metric.name]));
        const difference =
          policy === policies[0] ? undefined : spreadOf(differences(mine, baseline, metric.name));
        comparisons.push({ workload, policy, metric, spread, difference });
      }
    }
  }
  return comparisons;
}

/** Rows of comparison.csv: the cells of `comparisonColumns`. Figures that no run had are left out. */
export function comparisonRows(comparisons: readonly Comparison[]): Row[] {
  const rows: Row[] = [];
  const baselines = new Map<string, string>();
  for (const { workload, policy, metric, spread, difference } of comparisons) {
    if (!baselines.has(workload)) baselines.set(workload, policy);
    if (spread === undefined) continue;
    const { n, mean, sd, ci95, min, max } = spread;
    rows.push([
      ...[workload, policy, metric.name, metric.unit],
      ...[n, cell(mean), cell(sd), cell(ci95), cell(min), cell(max)],
      ...(difference === undefined
        ? ["", "", "", ""]
        : [
            baselines.get(workload) ?? "",
            difference.n,
            cell(difference.mean),
            cell(difference.ci95),
          ]),
    ]);
  }
  return rows;
}

/** Mean and sample standard deviation (n - 1), summed in the order given; undefined when empty. */
export function spreadOf(sample: readonly (number | undefined)[]): Spread | undefined {
  const values = sample.filter((value) => value !== undefined);
  const n = values.length;
  if (n === 0) return undefined;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const min = values.reduce((least, value) => Math.min(least, value));
  const max = values.reduce((most, value) => Math.max(most, value));
  if (n === 1) return { n, mean, sd: undefined, ci95: undefined, min, max };
  const squares = values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0);
  const sd = Math.sqrt(squares / (n - 1));
  return { n, mean, sd, ci95: (studentT975(n - 1) * sd) / Math.sqrt(n), min, max };
}

function runsOf(runs: readonly RunSummary[], policy: string): RunSummary[] {
  return runs.filter((run) => run.policy === policy);
}

function differences(
  mine: readonly RunSummary[],
  baseline: readonly RunSummary[],
  metric: string,
): (number | undefined)[] {
  return mine.map((run) => {
    const value = run.metrics[metric];
    const other = baseline.find(({ seed }) => seed === run.seed)?.metrics[metric];
    return value === undefined || other === undefined ? undefined : value - other;
  });
}

function cell(value: number | undefined): string {
  return value === undefined ? "" : value.toFixed(6);
}
