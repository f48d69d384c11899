/** SampleSeries: durations of one step, for count, mean, maximum and quantiles. */
import type { Micros } from "../sim/kernel/index.ts";
import { LogHistogram } from "./log-histogram.ts";
import { quantileType7 } from "./quantile.ts";

/** 256 KiB a series: our choice, so that a run of tens of thousands of pods is exact. */
export const DEFAULT_EXACT_SAMPLES = 32_768;

/**
 * Quantiles are exact while there are at most `exactSamples` values; beyond, values go to a
 * histogram and quantiles are within its relative error. Count, mean and maximum are always exact.
 */
export class SampleSeries {
  readonly #exactSamples: number;
  #values = new Float64Array(16);
  #isSorted = true;
  #histogram: LogHistogram | undefined;
  count = 0;
  sumUs = 0;
  maxUs: Micros = 0;
  #minUs: Micros = Number.MAX_SAFE_INTEGER;

  constructor(exactSamples: number = DEFAULT_EXACT_SAMPLES) {
    this.#exactSamples = exactSamples;
  }

  /** Adds a duration in whole microseconds, >= 0. Amortised O(1). */
  add(valueUs: Micros): void {
    if (!(valueUs >= 0)) throw new Error(`a duration of ${valueUs} us: want a whole number, >= 0`);
    if (valueUs > this.maxUs) this.maxUs = valueUs;
    if (valueUs < this.#minUs) this.#minUs = valueUs;
    this.sumUs += valueUs;
    if (this.#histogram === undefined && this.count === this.#exactSamples) this.#spill();
    if (this.#histogram !== undefined) this.#histogram.add(valueUs);
    else this.#append(valueUs);
    this.count++;
  }

  /**
   * Adds all values of another series, as if they had been added one by one: in any order of
   * merges the quantiles are the same, if all series have the same limit.
   */
  merge(other: SampleSeries): void {
    if (other.maxUs > this.maxUs) this.maxUs = other.maxUs;
    if (other.#minUs < this.#minUs) this.#minUs = other.#minUs;
    this.sumUs += other.sumUs;
    const count = this.count + other.count;
    const isExact = other.#histogram === undefined && count <= this.#exactSamples;
    if (this.#histogram === undefined && !isExact) this.#spill();
    if (this.#histogram !== undefined && other.#histogram !== undefined)
      this.#histogram.merge(other.#histogram);
    else
      for (let i = 0; i < other.count; i++) {
        const valueUs = other.#values[i] ?? 0;
        if (this.#histogram !== undefined) this.#histogram.add(valueUs);
        else this.#append(valueUs);
        this.count++;
      }
    this.count = count;
  }

  /** Whether quantiles are exact. */
  get isExact(): boolean {
    return this.#histogram === undefined;
  }

  /** Mean in whole microseconds (rounded); 0 when there are no values. */
  meanUs(): Micros {
    return this.count === 0 ? 0 : Math.round(this.sumUs / this.count);
  }

  /** Type-7 quantile in whole microseconds (rounded); 0 when there are no values. */
  quantileUs(probability: number): Micros {
    if (this.count === 0) return 0;
    const quantile = quantileType7(this.count, this.#orderStatistic(), probability);
    return Math.min(Math.max(Math.round(quantile), this.#minUs), this.maxUs);
  }

  #orderStatistic(): (place: number) => number {
    const histogram = this.#histogram;
    if (histogram !== undefined) return (place) => histogram.at(place);
    const values = this.#values;
    if (!this.#isSorted) values.subarray(0, this.count).sort();
    this.#isSorted = true;
    return (place) => values[place] ?? 0;
  }

  #append(valueUs: Micros): void {
    if (this.count === this.#values.length) {
      const larger = new Float64Array(2 * this.#values.length);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.count] = valueUs;
    this.#isSorted = false;
  }

  #spill(): void {
    this.#histogram = new LogHistogram();
    for (let i = 0; i < this.count; i++) this.#histogram.add(this.#values[i] ?? 0);
    this.#values = new Float64Array(0);
  }
}
