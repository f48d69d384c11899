/**
 * Bootstrap intervals of a mean: BCa, bias-corrected and accelerated (Efron 1987, "Better bootstrap
 * confidence intervals", JASA 82). The resamples are drawn once for each size of a sample, by a
 * stream of their own: the same values have the same interval on every machine and in any order,
 * and all metrics of a comparison meet the same resamples.
 */
import { quickselect } from "simple-statistics";
import { createStream } from "../../sim/kernel/index.ts";
import { normalCdf, normalQuantile } from "./laws.ts";
import { type Interval, LEVEL } from "./spread.ts";

/** Resamples of an interval: its end points are then steady to about 1 % of its width. */
export const RESAMPLES = 10_000;
/** Draws for samples of one size (16 MB): there are fewer resamples of more than 400 values, */
const DRAWS_MAX = 4_000_000;
/** but never fewer than are usual for BCa (Efron and Tibshirani 1993, chapter 14). */
const RESAMPLES_LEAST = 1_000;

export class Bootstrap {
  readonly #resamples: number;
  /** Which values each resample takes, one after the other, by size of sample. */
  readonly #picks = new Map<number, Uint32Array>();

  constructor(resamples: number = RESAMPLES) {
    this.#resamples = resamples;
  }

  /** The 95 % interval of the mean; undefined for fewer than 2 values. */
  intervalOfMean(sample: readonly number[]): Interval | undefined {
    const n = sample.length;
    if (n < 2) return undefined;
    const values = Float64Array.from(sample).sort();
    if (values[0] === values[n - 1]) return { low: values[0] as number, high: values[0] as number };
    const mean = values.reduce((sum, value) => sum + value, 0) / n;
    const means = this.#means(values);
    const bias = normalQuantile(shareBelow(means, mean, values));
    const acceleration = accelerationOf(values, mean);
    const at = (p: number): number => {
      const z = bias + normalQuantile(p);
      const share = normalCdf(bias + z / (1 - acceleration * z));
      const index = Math.floor(share * (means.length + 1)) - 1;
      return nth(means, Math.min(means.length - 1, Math.max(0, index)));
    };
    return { low: at((1 - LEVEL) / 2), high: at((1 + LEVEL) / 2) };
  }

  /** Means of the resamples, as drawn. */
  #means(values: Float64Array): Float64Array {
    const n = values.length;
    const picks = this.#picksFor(n);
    const means = new Float64Array(picks.length / n);
    for (let resample = 0, i = 0; resample < means.length; resample++) {
      let sum = 0;
      for (let k = 0; k < n; k++) sum += values[picks[i++] as number] as number;
      means[resample] = sum / n;
    }
    return means;
  }

  #picksFor(n: number): Uint32Array {
    const known = this.#picks.get(n);
    if (known !== undefined) return known;
    const affordable = Math.max(RESAMPLES_LEAST, Math.floor(DRAWS_MAX / n));
    const stream = createStream("bootstrap", `of ${n}`);
    const picks = new Uint32Array(n * Math.min(this.#resamples, affordable));
    for (let i = 0; i < picks.length; i++) picks[i] = Math.floor(stream.next() * n);
    this.#picks.set(n, picks);
    return picks;
  }
}

/** The `index`-th smallest, from 0; moves values about. Two of them cost a twentieth of sorting. */
function nth(values: Float64Array, index: number): number {
  quickselect(values as unknown as number[], index);
  return values[index] as number;
}

/** Share of the means that are smaller; half of those that are equal but for rounding. */
function shareBelow(means: Float64Array, mean: number, values: Float64Array): number {
  const noise = 1e-12 * Math.max(-(values[0] as number), values[values.length - 1] as number);
  let doubled = 0;
  for (const each of means) doubled += each < mean - noise ? 2 : each <= mean + noise ? 1 : 0;
  return doubled / (2 * means.length);
}

/** From the jackknife: how the spread of the mean changes with it. */
function accelerationOf(values: Float64Array, mean: number): number {
  let cubes = 0;
  let squares = 0;
  for (const value of values) {
    const influence = value - mean;
    cubes += influence * influence * influence;
    squares += influence * influence;
  }
  return squares === 0 ? 0 : cubes / (6 * squares * Math.sqrt(squares));
}
