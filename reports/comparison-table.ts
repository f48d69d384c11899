/** The comparison as a table for the terminal: policies as rows, key metrics as columns. */
import Table from "cli-table3";
import { type Comparison, scenarioKey } from "./comparison.ts";
import type { Spread } from "./statistics/index.ts";
import type { Metric } from "./summary-metrics.ts";

/** A mean hides a few pods that waited for hours. */
const WAIT_MAX = "scheduling_wait_max_s";
const COLUMNS_MAX = 110;
const GOODPUT = "service_request_goodput_per_s";
/** Left out, in this order, where the table would be too wide. */
const DISPENSABLE = [WAIT_MAX, GOODPUT];
/** Left out where nobody was preempted. */
const PREEMPTED = "pods_preempted";

/** Columns that are shown where the runs have them; resources' shares at the end come between. */
const before = ["pods_scheduled", "pods_never_scheduled", PREEMPTED];
const after = [
  "scheduling_wait_mean_s",
  "scheduling_wait_p99_s",
  WAIT_MAX,
  "pod_startup_p99_s",
  "makespan_s",
  "service_request_p50_s",
  "service_request_p99_s",
  "service_request_error_share",
  GOODPUT,
];

/** Shares are shown for so many resources; the extended ones come first, since they are scarce. */
const SHARES_MAX = 2;

const titles: Readonly<Record<string, string>> = {
  pods_scheduled: "scheduled\npods",
  pods_never_scheduled: "never\nscheduled",
  pods_preempted: "preempted\npods",
  scheduling_wait_mean_s: "wait mean\ns",
  scheduling_wait_p99_s: "wait p99\ns",
  scheduling_wait_max_s: "wait max\ns",
  pod_startup_p99_s: "start-up p99\ns",
  makespan_s: "makespan\ns",
  service_request_p50_s: "request p50\ns",
  service_request_p99_s: "request p99\ns",
  service_request_error_share: "requests\nfailed %",
  service_request_goodput_per_s: "goodput\nper s",
};

/**
 * Renders one table per scenario. Plain text without colour codes: it goes into pipes and papers. A
 * cell is the mean over the seeds, with `±` half of its 95 % interval when there are two or more;
 * `*` marks the best mean where one way is better and the policies differ.
 */
export function comparisonTable(comparisons: readonly Comparison[]): string {
  return byScenario(comparisons).map(scenarioTable).join("\n\n");
}

/** The comparisons of each scenario, in their order. */
export function byScenario(comparisons: readonly Comparison[]): Comparison[][] {
  const scenarios = new Map<string, Comparison[]>();
  for (const comparison of comparisons) {
    const key = scenarioKey(comparison);
    const known = scenarios.get(key);
    if (known === undefined) scenarios.set(key, [comparison]);
    else known.push(comparison);
  }
  return [...scenarios.values()];
}

/** `openb / zoned / scheduler.percentageOfNodesToScore=100` */
export function scenarioTitle({ workload, cluster, parameters = {} }: Comparison): string {
  const varied = Object.entries(parameters).map(([path, value]) => `${path}=${value}`);
  return [workload, ...(cluster === undefined ? [] : [cluster]), ...varied].join(" / ");
}

function scenarioTable(comparisons: readonly Comparison[]): string {
  const columns = headlines(comparisons);
  let lines = tableLines(comparisons, columns);
  for (let left = 1; left <= DISPENSABLE.length; left++) {
    if (lines.every((line) => line.length <= COLUMNS_MAX)) break;
    const without = DISPENSABLE.slice(0, left);
    const narrower = columns.filter(({ name }) => !without.includes(name));
    lines = tableLines(comparisons, narrower);
  }
  const title = scenarioTitle(comparisons[0] as Comparison);
  return [title, ...lines, legend(comparisons)].join("\n");
}

function tableLines(comparisons: readonly Comparison[], columns: readonly Metric[]): string[] {
  const policies = [...new Set(comparisons.map((comparison) => comparison.policy))];
  const bests = columns.map((metric) => bestMean(metric, comparisons));
  const table = new Table({
    head: ["policy", ...columns.map(title)],
    colAligns: ["left", ...columns.map(() => "right" as const)],
    style: { head: [], border: [], compact: true, "padding-left": 0 },
    chars: plainChars,
  });
  for (const policy of policies) {
    const cells = columns.map((metric, index) => {
      const spread = spreadFor(comparisons, policy, metric);
      return spread === undefined ? "-" : cellText(metric, spread, bests[index]);
    });
    table.push([policy, ...cells]);
  }
  const lines = table.toString().split("\n");
  return lines.map((line) => line.trimEnd());
}

/** No lines but the one under the heads. */
const plainChars = {
  ...{ top: "", "top-mid": "", "top-left": "", "top-right": "" },
  ...{ bottom: "", "bottom-mid": "", "bottom-left": "", "bottom-right": "" },
  ...{ left: "", "left-mid": "", mid: "-", "mid-mid": "-" },
  ...{ right: "", "right-mid": "", middle: " " },
};

/** The metrics that tables show, of those that the runs have. */
export function headlines(comparisons: readonly Comparison[]): Metric[] {
  const shown = new Map<string, Metric>();
  for (const { metric, spread } of comparisons)
    if (spread !== undefined && (!isDullWhenZero(metric) || spread.max > 0))
      shown.set(metric.name, metric);
  const shares = [...shown.keys()].filter((name) => name.endsWith("_share_end"));
  const scarceFirst = [...shares.slice(2), ...shares.slice(0, 2)].slice(0, SHARES_MAX);
  const own = [...shown.values()].filter(({ isOwn }) => isOwn).map(({ name }) => name);
  return [...before, ...scarceFirst, ...after, ...own]
    .map((name) => shown.get(name))
    .filter((metric) => metric !== undefined);
}

function isDullWhenZero({ name, unit }: Metric): boolean {
  return unit === "share" || name === PREEMPTED;
}

export function title(metric: Metric): string {
  if (metric.isOwn) return metric.name.replaceAll("_", " ");
  const stem = metric.name.replace("_share_end", "");
  return titles[metric.name] ?? `${stem.replaceAll("_", " ")}\nat end %`;
}

function spreadFor(
  comparisons: readonly Comparison[],
  policy: string,
  metric: Metric,
): Spread | undefined {
  return comparisons.find((one) => one.policy === policy && one.metric.name === metric.name)
    ?.spread;
}

/** The best mean as it is printed; undefined when there is nothing to choose. */
function bestMean(metric: Metric, comparisons: readonly Comparison[]): string | undefined {
  const means = comparisons
    .filter((one) => one.metric.name === metric.name && one.spread !== undefined)
    .map((one) => one.spread?.mean ?? 0);
  const texts = new Set(means.map((mean) => numberText(metric, mean)));
  if (metric.better === undefined || texts.size < 2) return undefined;
  const best = means.reduce((a, b) =>
    metric.better === "higher" ? Math.max(a, b) : Math.min(a, b),
  );
  return numberText(metric, best);
}

function cellText(metric: Metric, { mean, ci95 }: Spread, best: string | undefined): string {
  const text = numberText(metric, mean);
  const spread = ci95 === undefined ? "" : `±${numberText(metric, ci95, mean)}`;
  return `${text}${spread}${text === best ? "*" : best === undefined ? "" : " "}`;
}

/**
 * Shares in percent; times and means of counts with as many decimals as the size of `like` asks
 * for: a deviation is written as finely as its mean.
 */
export function numberText(metric: Metric, value: number, like = value): string {
  if (metric.unit === "share") return (100 * value).toFixed(2);
  if (metric.unit === "count")
    return value.toFixed(Number.isInteger(value) && Number.isInteger(like) ? 0 : 1);
  if (like >= 1000) return value.toFixed(0);
  if (like >= 1) return value.toFixed(like >= 100 ? 1 : 2);
  if (like >= 0.01 || like === 0) return value.toFixed(3);
  return value.toFixed(like >= 0.00001 ? 5 : 8);
}

export const ONE_SEED = "n = 1 seed";

/** `n = 20 seeds`, or `n = 17 to 20 seeds` where figures are missing. */
export function seedsText(comparisons: readonly Comparison[]): string {
  const shown = new Set(headlines(comparisons).map(({ name }) => name));
  const counts = comparisons.flatMap(({ metric, spread }) =>
    spread !== undefined && shown.has(metric.name) ? [spread.n] : [],
  );
  const most = counts.reduce((a, b) => Math.max(a, b), 1);
  const least = counts.reduce((a, b) => Math.min(a, b), most);
  if (most === 1) return ONE_SEED;
  return least === most ? `n = ${most} seeds` : `n = ${least} to ${most} seeds`;
}

function legend(comparisons: readonly Comparison[]): string {
  const seeds = seedsText(comparisons);
  return seeds === ONE_SEED
    ? `${seeds}: no interval is known.   * best`
    : `mean ± half of its 95 % interval, ${seeds}.   * best mean`;
}
