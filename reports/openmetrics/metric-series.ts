/** What a series was at each sample: changes only. */
import type { MetricHistogram } from "../metric-histogram.ts";

/** Values by number of the sample; each holds until the next one. */
export class SampledValues<T> {
  #indexes: number[] = [];
  #values: T[] = [];

  get last(): T | undefined {
    return this.#values.at(-1);
  }

  add(index: number, value: T): void {
    this.#indexes.push(index);
    this.#values.push(value);
  }

  /** See SampleClockOptions.halve. */
  halve(): void {
    const kept = new Map<number, T>();
    for (const [at, index] of this.#indexes.entries())
      kept.set(Math.ceil((index - 1) / 2), this.#values[at] as T);
    this.#indexes = [...kept.keys()];
    this.#values = [...kept.values()];
  }

  /** Samples `from` to `count` - 1, as far as there was a value. */
  *samples(from: number, count: number): Generator<readonly [number, T]> {
    for (const [at, start] of this.#indexes.entries()) {
      const end = Math.min(this.#indexes[at + 1] ?? count, count);
      const value = this.#values[at] as T;
      for (let index = Math.max(start, from); index < end; index++) yield [index, value];
    }
  }
}

/** One counter or gauge. NaN: it is gone, and has no samples until it is set again. */
export class NumberSeries {
  readonly sampled = new SampledValues<number>();
  value = 0;

  sample(index: number): void {
    if (!Object.is(this.sampled.last, this.value)) this.sampled.add(index, this.value);
  }
}

/** The counts of a histogram's buckets, one by one, and its sum last. */
export class HistogramSeries {
  readonly sampled = new SampledValues<{ readonly counts: Float64Array; readonly sum: number }>();
  readonly histogram: MetricHistogram;
  #count = -1;

  constructor(histogram: MetricHistogram) {
    this.histogram = histogram;
  }

  sample(index: number): void {
    const { count, sum } = this.histogram;
    if (count === this.#count) return;
    this.#count = count;
    this.sampled.add(index, { counts: this.histogram.bucketCounts(), sum });
  }
}
