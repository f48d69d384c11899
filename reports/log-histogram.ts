/**
 * LogHistogram: counts of whole numbers in buckets whose width grows with the value, after
 * HdrHistogram (Tene). Values below 256 have a bucket each; above, every power of two is cut into
 * 128 equal buckets, so a value read back from the middle of its bucket is off by at most
 * 1/256 (0.4 %). Only integer arithmetic: the same on every machine. Two histograms add up.
 *
 * Hot: every duration of a long run is added to some histogram, several times per request.
 */
const SUB_BUCKETS = 128;
const EXACT_BELOW = 2 * SUB_BUCKETS;
/** 2^8..2^53 in steps of one power of two, in chunks of SUB_BUCKETS; the first two are exact. */
const CHUNKS = 2 + 45;
const CHUNK_BITS = 7;
const CHUNK_MASK = SUB_BUCKETS - 1;
const NO_COUNTS = new Float64Array(0);

export class LogHistogram {
  /** Largest relative error of a value read back. */
  static readonly RELATIVE_ERROR = 1 / EXACT_BELOW;
  /** A chunk is made when its first value comes: 1 KiB per power of two that occurs, 48 at most. */
  readonly #chunks: Float64Array[] = new Array<Float64Array>(CHUNKS).fill(NO_COUNTS);
  count = 0;

  /** Adds a whole value, 0..2^53-1. O(1). */
  add(value: number): void {
    const bucket = value < 0x4000_0000 ? smallBucketOf(value) : bucketOf(value);
    let chunk = this.#chunks[bucket >> CHUNK_BITS] ?? NO_COUNTS;
    if (chunk.length === 0) chunk = this.#newChunk(bucket >> CHUNK_BITS);
    chunk[bucket & CHUNK_MASK] = (chunk[bucket & CHUNK_MASK] ?? 0) + 1;
    this.count++;
  }

  /** Adds all that another histogram counted. */
  merge(other: LogHistogram): void {
    for (let index = 0; index < CHUNKS; index++) {
      const from = other.#chunks[index] ?? NO_COUNTS;
      if (from.length === 0) continue;
      let to = this.#chunks[index] ?? NO_COUNTS;
      if (to.length === 0) to = this.#newChunk(index);
      for (let i = 0; i < SUB_BUCKETS; i++) to[i] = (to[i] ?? 0) + (from[i] ?? 0);
    }
    this.count += other.count;
  }

  /** The value at a place 0..count-1 in ascending order, within RELATIVE_ERROR. O(buckets). */
  at(place: number): number {
    let passed = 0;
    for (let index = 0; index < CHUNKS; index++) {
      const chunk = this.#chunks[index] ?? NO_COUNTS;
      for (let i = 0; i < chunk.length; i++) {
        passed += chunk[i] ?? 0;
        if (place < passed) return middleOf(index * SUB_BUCKETS + i);
      }
    }
    throw new Error(`place ${place} is beyond the ${this.count} values`);
  }

  #newChunk(index: number): Float64Array {
    const chunk = new Float64Array(SUB_BUCKETS);
    this.#chunks[index] = chunk;
    return chunk;
  }
}

/** `bucketOf` for values below 2^30, in 32-bit arithmetic. */
function smallBucketOf(value: number): number {
  if (value < EXACT_BELOW) return value;
  const shift = 24 - Math.clz32(value);
  return EXACT_BELOW + (shift - 1) * SUB_BUCKETS + ((value >>> shift) - SUB_BUCKETS);
}

function bucketOf(value: number): number {
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
