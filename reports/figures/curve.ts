/** Curves over seeds: at each place the mean, and the interval in which it lies. */
import { spreadOf } from "../statistics/index.ts";

export interface CurvePoint {
  readonly place: number;
  readonly mean: number;
  /** 95 % interval of the mean, pointwise; absent with one seed. */
  readonly low: number | undefined;
  readonly high: number | undefined;
  /** Seeds that have a value here. */
  readonly n: number;
}

export interface Curve {
  readonly policy: string;
  readonly points: readonly CurvePoint[];
}

/** `samples`: a row of values for each seed, as long as `places`; NaN: it has none there. */
export function meanCurve(
  policy: string,
  places: readonly number[],
  samples: readonly ArrayLike<number>[],
): Curve {
  const points = places.flatMap((place, i): CurvePoint[] => {
    const values = samples.map((sample) => sample[i] ?? Number.NaN).filter((v) => !Number.isNaN(v));
    const spread = spreadOf(values);
    if (spread === undefined) return [];
    const { mean, ci95, n } = spread;
    const hasEnds = ci95 !== undefined;
    const low = hasEnds ? mean - ci95 : undefined;
    return [{ place, mean, low, high: hasEnds ? mean + ci95 : undefined, n }];
  });
  return { policy, points };
}

/** `n = 3 seeds`, or the range where places differ in it. */
function seedCount(counts: readonly number[]): string {
  const least = counts.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const most = counts.reduce((a, b) => Math.max(a, b), 0);
  const range = least === most ? String(most) : `${least} to ${most}`;
  return `n = ${range} ${most === 1 ? "seed" : "seeds"}`;
}

/** What a figure says of its uncertainty. */
export const uncertaintyOf = (counts: readonly number[], what: string): string =>
  counts.some((n) => n > 1)
    ? `${what} of the mean over seeds (Student's t); ${seedCount(counts)}.`
    : `One seed: its uncertainty is unknown; ${seedCount(counts)}.`;
