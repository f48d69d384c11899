/**
 * LogHistogram: counts of whole numbers in buckets whose width grows with the value, after
 * HdrHistogram (Tene). Values below 256 have a bucket each; above, every power of two is cut into
 * 128 equal buckets, so a value read back from the middle of its bucket is off by at most
 * 1/256 (0.4 %). Only integer arithmetic: the same on every machine. Two histograms add up.
 */
const SUB_BUCKETS = 128;
const EXACT_BELOW = 2 * SUB_BUCKETS;
/** 2^8..2^53 in steps of one power of two. */
const BUCKETS = EXACT_BELOW + 45 * SUB_BUCKETS;

export class LogHistogram {
  /** Largest relative error of a value read back. */
  static readonly RELATIVE_ERROR = 1 / EXACT_BELOW;
  readonly #counts = new Float64Array(BUCKETS);
  count = 0;

  /** Adds a whole value, 0..2^53-1. O(1). */
  add(value: number): void {
    const bucket = bucketOf(value);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.count++;
  }

  /** Adds all that another histogram counted. */
  merge(other: LogHistogram): void {
    for (let i = 0; i < BUCKETS; i++)
      this.#counts[i] = (this.#counts[i] ?? 0) + (other.#counts[i] ?? 0);
    this.count += other.count;
  }

  /** The value at a place 0..count-1 in ascending order, within RELATIVE_ERROR. O(buckets). */
  at(place: number): number {
    let passed = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      passed += this.#counts[bucket] ?? 0;
      if (place < passed) return middleOf(bucket);
    }
    throw new Error(`place ${place} is beyond the ${this.count} values`);
  }
}

function bucketOf(value: number): number {
  if (value < EXACT_BELOW) return value;
  const high = Math.floor(value / 0x1_0000_0000);
  const bits = high > 0 ? 64 - Math.clz32(high) : 32 - Math.clz32(value);
  const shift = bits - 8;
  const top = Math.floor(value / twoTo(shift));
  return EXACT_BELOW + (shift - 1) * SUB_BUCKETS + (top - SUB_BUCKETS);
}

function middleOf(bucket: number): number {
  if (bucket < EXACT_BELOW) return bucket;
  const offset = bucket - EXACT_BELOW;
  const width = twoTo(Math.floor(offset / SUB_BUCKETS) + 1);
  return (SUB_BUCKETS + (offset % SUB_BUCKETS)) * width + width / 2;
}

/** 2^n for n in 0..52, exactly. */
function twoTo(n: number): number {
  return n < 31 ? 1 << n : (1 << 30) * twoTo(n - 30);
}
