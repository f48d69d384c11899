/**
 * MetricHistogram: a Prometheus histogram, that is counts below fixed bounds, a sum and a count.
 * Values are in the metric's own unit (seconds, pods, attempts).
 */
export class MetricHistogram {
  /** Upper bounds of the buckets, inclusive, ascending; the last bucket has none. */
  readonly bounds: readonly number[];
  readonly #counts: Float64Array;
  count = 0;
  sum = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.#counts = new Float64Array(bounds.length + 1);
  }

  /** Adds `times` values that are equal. O(buckets). */
  observe(value: number, times = 1): void {
    let bucket = 0;
    while (bucket < this.bounds.length && value > (this.bounds[bucket] ?? 0)) bucket++;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + times;
    this.count += times;
    this.sum += value * times;
  }

  /** How many values each bucket has, not those below it; the last has no bound. A copy. */
  bucketCounts(): Float64Array {
    return this.#counts.slice();
  }

  /** How many values are at or below the bound at `index`. */
  cumulative(index: number): number {
    let count = 0;
    for (let bucket = 0; bucket <= index; bucket++) count += this.#counts[bucket] ?? 0;
    return count;
  }
}

/** `count` bounds, each `factor` times the one before (component-base's ExponentialBuckets). */
export function exponentialBuckets(start: number, factor: number, count: number): number[] {
  const bounds: number[] = [];
  for (let bound = start; bounds.length < count; bound *= factor) bounds.push(bound);
  return bounds;
}
