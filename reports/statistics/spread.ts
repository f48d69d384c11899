/** A sample in a few figures. */
import { quantileSorted } from "simple-statistics";
import { studentTQuantile } from "./laws.ts";

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** `sd` and `ci95` need two values. */
export interface Spread {
  readonly n: number;
  readonly mean: number;
  /** Sample standard deviation: n - 1. */
  readonly sd: number | undefined;
  /** Half the width of the 95 % interval of the mean, by Student's t. */
  readonly ci95: number | undefined;
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Share of the intervals, over many studies, that hold the true value. */
export const LEVEL = 0.95;

/** Summed in the order given; undefined when empty. */
export function spreadOf(sample: readonly (number | undefined)[]): Spread | undefined {
  const values = sample.filter((value) => value !== undefined);
  const n = values.length;
  if (n === 0) return undefined;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const sorted = Float64Array.from(values).sort();
  const median = quantileSorted(sorted as unknown as number[], 0.5);
  const range = { min: sorted[0] as number, max: sorted[n - 1] as number };
  if (n === 1) return { n, mean, sd: undefined, ci95: undefined, median, ...range };
  // A sum of equal values, divided by their number, may miss them by a rounding.
  if (range.min === range.max) return { n, mean: median, sd: 0, ci95: 0, median, ...range };
  const squares = values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0);
  const sd = Math.sqrt(squares / (n - 1));
  return { n, mean, sd, ci95: halfWidth(sd, n), median, ...range };
}

/** Half the width of the t-interval of a mean of `n` values, 2 or more. */
export const halfWidth = (sd: number, n: number): number =>
  (studentTQuantile((1 + LEVEL) / 2, n - 1) * sd) / Math.sqrt(n);
