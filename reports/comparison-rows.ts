/** The comparison as rows: comparison.csv. */
import type { Comparison, PolicyDifference } from "./comparison.ts";
import type { Row } from "./row.ts";
import { type Interval, SEEDS_MAX, type Spread } from "./statistics/index.ts";

/** Columns of comparison.csv, in order; `parameters`: the settings that a sweep varies. */
export const comparisonColumns = (parameters: readonly string[] = []): string[] => [
  "workload",
  "cluster",
  ...parameters,
  "policy",
  "baseline",
  "metric",
  "unit",
  "statistic",
  "value",
  "n",
];

/**
 * Rows of comparison.csv: one for each statistic of each metric. Figures that no run had, and
 * statistics that need more runs, are left out.
 */
export function comparisonRows(
  comparisons: readonly Comparison[],
  parameters: readonly string[] = [],
): Row[] {
  return comparisons.flatMap((comparison) => {
    const { workload, cluster = "", policy, baseline = "", metric, spread } = comparison;
    if (spread === undefined) return [];
    const varied = parameters.map((path) => comparison.parameters?.[path] ?? "");
    const row = (against: string, [name, value, n]: Statistic): Row[] =>
      value === undefined
        ? []
        : [
            [
              ...[workload, cluster, ...varied, policy, against],
              ...[metric.name, metric.unit, name, value, n],
            ],
          ];
    const { difference } = comparison;
    return [
      ...spreadStatistics(spread).flatMap((each) => row("", each)),
      ...(difference === undefined
        ? []
        : differenceStatistics(difference).flatMap((each) => row(baseline, each))),
    ];
  });
}

type Statistic = readonly [name: string, value: string | undefined, n: number];

function spreadStatistics({ n, mean, sd, ci95, median, min, max }: Spread): Statistic[] {
  const t = ci95 === undefined ? undefined : { low: mean - ci95, high: mean + ci95 };
  return [
    ["mean", cell(mean), n],
    ["sd", cell(sd), n],
    ["ci95_low", cell(t?.low), n],
    ["ci95_high", cell(t?.high), n],
    ["median", cell(median), n],
    ["min", cell(min), n],
    ["max", cell(max), n],
  ];
}

function differenceStatistics(difference: PolicyDifference): Statistic[] {
  const { n, mean, sd, median, relative, t, bootstrap, moreSeeds } = difference;
  const ends = (name: string, interval: Interval | undefined): Statistic[] => [
    [`${name}_low`, cell(interval?.low), n],
    [`${name}_high`, cell(interval?.high), n],
  ];
  const more = moreSeeds === undefined ? `>${SEEDS_MAX}` : String(moreSeeds);
  return [
    ["diff_mean", cell(mean), n],
    ["diff_sd", cell(sd), n],
    ["diff_median", cell(median), n],
    ["diff_relative", cell(relative), n],
    ...ends("diff_ci95", t),
    ...ends("diff_bootstrap95", bootstrap),
    ["t_p", pCell(difference.tP), n],
    ["wilcoxon_p", pCell(difference.wilcoxonP), n],
    ["holm_p", pCell(difference.holmP), n],
    ["cohen_dz", cell(difference.cohenDz), n],
    ["rank_biserial", cell(difference.rankBiserial), n],
    ["more_seeds", sd === undefined ? undefined : more, n],
  ];
}

/** Six decimals, as in runs.csv. */
function cell(value: number | undefined): string | undefined {
  const text = value?.toFixed(6);
  return text === "-0.000000" ? "0.000000" : text;
}

/** Four digits, however small: `0.0391`, `1.234e-9`. More would be false precision. */
const pCell = (p: number | undefined): string | undefined =>
  p === undefined ? undefined : String(Number(p.toPrecision(4)));
