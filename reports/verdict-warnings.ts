/** What makes two policies hard to compare, in words. */
import type { Comparison } from "./comparison.ts";
import { numberText } from "./comparison-table.ts";
import { isMainMetric } from "./summary-metrics.ts";

/** `mine` and `base`: all metrics of a policy and of the baseline, in one scenario. */
export function comparisonWarnings(
  mine: readonly Comparison[],
  base: readonly Comparison[],
): string[] {
  const { policy, baseline = "" } = mine[0] as Comparison;
  const main = mine.filter(({ metric, spread }) => isMainMetric(metric) && spread !== undefined);
  const found = [
    ...otherPopulations(main, mine, base),
    ...missingSeeds(main, base),
    ...(areSeedsIdle(main, base) ? [IDLE] : []),
  ];
  return found.map((text) => `Beware, ${policy} against ${baseline}: ${text}.`);
}

/** Statistics over pods are of those that have a value: under another policy, other pods. */
function otherPopulations(
  main: readonly Comparison[],
  mine: readonly Comparison[],
  base: readonly Comparison[],
): string[] {
  const found = main.flatMap(({ metric }) => {
    const count = find(mine, countBehind(metric.name));
    const there = find(base, count?.metric.name)?.spread;
    if (count?.spread === undefined || count.difference === undefined || there === undefined)
      return [];
    const { mean, sd = 0 } = count.difference;
    if (mean === 0 && sd === 0) return [];
    const [many, few] = [count.spread.mean, there.mean].map((n) => numberText(count.metric, n));
    return [{ metric: metric.name, reason: `${count.metric.name} is ${many}, not ${few}` }];
  });
  if (found.length === 0) return [];
  const are = found.length === 1 ? "is" : "are";
  const metrics = found.map(({ metric }) => metric).join(", ");
  const reasons = found.map(({ reason }) => reason).join(", ");
  return [`${metrics} ${are} not of the same pods or requests: ${reasons}`];
}

/** The metric that says how many values there are behind another. */
function countBehind(name: string): string | undefined {
  if (name === "makespan_s") return "pods_finished";
  const series = /^(.+)_(?:mean|p50|p95|p99|max)(?:_s)?$/.exec(name)?.[1];
  return series === undefined || name.includes("share") ? undefined : `${series}_n`;
}

function missingSeeds(main: readonly Comparison[], base: readonly Comparison[]): string[] {
  const lacking = main.filter(({ metric, spread, difference }) => {
    const most = Math.max(spread?.n ?? 0, find(base, metric.name)?.spread?.n ?? 0);
    return difference !== undefined && difference.n < most;
  });
  if (lacking.length === 0) return [];
  return [
    `seeds that only one of them has are left out of ${lacking.map(({ metric }) => metric.name).join(", ")}`,
  ];
}

const IDLE = "every seed gives the same figures, so that n counts repetitions of one experiment";

const areSeedsIdle = (main: readonly Comparison[], base: readonly Comparison[]): boolean =>
  main.length > 0 &&
  main.every(({ metric, spread }) => spread?.sd === 0 && find(base, metric.name)?.spread?.sd === 0);

const find = (all: readonly Comparison[], name: string | undefined): Comparison | undefined =>
  all.find(({ metric }) => metric.name === name);
