/**
 * Random numbers that do not disturb each other.
 *
 * A *stream* belongs to (seed, purpose) and is for long sequences: see `Kernel.stream`. A *draw*
 * belongs to (seed, purpose, object, number): a hash, so that the luck of one object never depends
 * on how many draws another one made. Every policy of a comparison therefore sees the same luck.
 *
 * Golden values in `random.test.ts` pin every number: a change here changes all seeded results.
 */
import { RandomStream } from "./random-stream.ts";
import type { UniformSource } from "./uniform-source.ts";

/**
 * 32-bit hash of a text, 0 .. 2^32 - 1: FNV-1a over UTF-16 code units, finished with MurmurHash3's
 * avalanche.
 */
export function hashString(text: string): number {
  return avalanche(fnv1a(text, 0x811c9dc5)) >>> 0;
}

/** `hashString` of `${first}/${second}`, without making that text. */
export function hashPath(first: string, second: string): number {
  const slash = Math.imul(fnv1a(first, 0x811c9dc5) ^ 0x2f, 0x01000193);
  return avalanche(fnv1a(second, slash)) >>> 0;
}

/** A random stream of its own for (seed, purpose), apart from any run: for workload generators. */
export function createStream(seed: string, purpose: string): UniformSource {
  return new RandomStream(seed, purpose);
}

/**
 * Hashed draws for one (seed, purpose). Asking twice gives the same number.
 *
 * Two lanes of 32 bits are carried from the seed to the result, so that two of a million objects
 * do not meet in one state by chance, as they would in one lane.
 */
export class Draws {
  readonly #laneA: number;
  readonly #laneB: number;
  readonly #cursor = new DrawCursor();
  /** The low word of the draw that `words` was last asked for. */
  low = 0;

  constructor(seed: string, purpose: string) {
    const name = `${seed.length}:${seed}/${purpose}`;
    this.#laneA = avalanche(fnv1a(name, 0x811c9dc5));
    this.#laneB = avalanche(fnv1a(name, 0x5bd1e995));
  }

  /**
   * Draw `number` (whole, 0 .. 2^32 - 1) of the object with this 32-bit hash (see `hashString`):
   * uniform in [0, 1) with 53 bits.
   */
  uniform(objectHash: number, number: number): number {
    return unit(this.words(objectHash, number), this.low);
  }

  /**
   * The words of a draw: returns the high one, leaves the low one in `low`. The same as `source`
   * and its first `next`, written out; whole words pass from call to call without a heap number.
   */
  words(objectHash: number, number: number): number {
    const a = avalanche(this.#laneA ^ Math.imul(objectHash, 0x9e3779b1));
    const b = avalanche(this.#laneB + Math.imul(objectHash, 0x85ebca77));
    const x = avalanche((a + Math.imul(number, 0xc2b2ae3d)) ^ b);
    const y = avalanche((b ^ Math.imul(number, 0x27d4eb2f)) + a);
    const high = avalanche(x ^ Math.imul(y, 0x85ebca6b));
    this.low = avalanche(y + high);
    return high;
  }

  /**
   * A source that begins with `uniform(objectHash, number)`, for samples that need several draws.
   * All sources of this object are one cursor: use it up before asking for the next.
   */
  source(objectHash: number, number: number): UniformSource {
    const a = avalanche(this.#laneA ^ Math.imul(objectHash, 0x9e3779b1));
    const b = avalanche(this.#laneB + Math.imul(objectHash, 0x85ebca77));
    return this.#cursor.begin(
      avalanche((a + Math.imul(number, 0xc2b2ae3d)) ^ b),
      avalanche((b ^ Math.imul(number, 0x27d4eb2f)) + a),
    );
  }
}

/**
 * A short sequence from 64 bits of state: a counter through the avalanche, twice. Also what a
 * distribution expands one draw into when it needs a varying number of them.
 */
export class DrawCursor implements UniformSource {
  #laneA = 0;
  #laneB = 0;
  #count = 0;

  begin(laneA: number, laneB: number): this {
    this.#laneA = laneA | 0;
    this.#laneB = laneB | 0;
    this.#count = 0;
    return this;
  }

  next(): number {
    const weyl = Math.imul(this.#count++, 0x9e3779b1);
    const high = avalanche((this.#laneA + weyl) ^ Math.imul(this.#laneB, 0x85ebca6b));
    const low = avalanche((this.#laneB ^ weyl) + high);
    return unit(high, low);
  }
}

/** A number in [0, 1) with 53 bits, of two words. */
export function unit(high: number, low: number): number {
  return ((high >>> 0) * 0x200000 + (low >>> 11)) / 0x20000000000000;
}

function fnv1a(text: string, basis: number): number {
  let h = basis;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h;
}

/** MurmurHash3's 32-bit finaliser (Austin Appleby, public domain): every bit affects every other. */
function avalanche(word: number): number {
  let h = word;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
