/**
 * When to stop adding seeds: `ci<1%`. A rule of relative precision (Chow and Robbins 1965): the 95 %
 * interval keeps its level in the limit of many seeds, and is a little too narrow with few, since the
 * rule stops when the spread happens to look small. Hence the least number of seeds.
 */
import { InputError } from "../../sim/kernel/index.ts";
import { sizeFor } from "./seeds-needed.ts";
import type { Spread } from "./spread.ts";

export interface StoppingRule {
  /** Only this metric; undefined: the main ones. */
  readonly metric: string | undefined;
  /** Half the width of the interval that is asked for. */
  readonly width: number;
  /** The width is a share of the mean (of a difference: of the baseline's mean). */
  readonly isRelative: boolean;
}

/** Never fewer seeds: our assumption, see above. */
export const SEEDS_LEAST = 10;

/** Reads `ci<1%`, `ci<0.5` or `METRIC:ci<1%`; `metrics`: names that are known. */
export function parseStoppingRule(text: string, metrics: readonly string[]): StoppingRule {
  const found = /^(?:([a-z0-9_]+):)?ci<(\d+(?:\.\d+)?)(%?)$/.exec(text.replaceAll(" ", ""));
  const [, metric, width = "", percent] = found ?? [];
  if (found === null || !(Number(width) > 0))
    throw new InputError(
      `--until: got "${text}", want ci<WIDTH or METRIC:ci<WIDTH, half the width of the interval: ` +
        "'ci<1%' of the mean, 'pod_startup_p99_s:ci<0.5' in the metric's unit.",
    );
  if (metric !== undefined && !metrics.includes(metric))
    throw new InputError(
      `--until: got the metric "${metric}", want a column of runs.csv, such as pod_startup_p99_s.`,
    );
  const isRelative = percent === "%";
  return { metric, width: Number(width) / (isRelative ? 100 : 1), isRelative };
}

/** A mean that is to be known well enough; `scale`: what a relative width is a share of. */
export interface Wanted {
  readonly spread: Spread;
  readonly scale: number;
}

/** Whether the interval is narrow enough. A value that never varies always is. */
export const isSettled = ({ spread, scale }: Wanted, rule: StoppingRule): boolean =>
  spread.sd === 0 || (spread.ci95 !== undefined && spread.ci95 <= widthFor(scale, rule));

/** About how many seeds it needs in all; undefined: more than anybody runs. */
export const seedsFor = ({ spread, scale }: Wanted, rule: StoppingRule): number | undefined =>
  spread.sd === undefined ? SEEDS_LEAST : sizeFor(spread.sd, widthFor(scale, rule));

const widthFor = (scale: number, { width, isRelative }: StoppingRule): number =>
  isRelative ? Math.abs(scale) * width : width;
