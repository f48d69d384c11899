/**
 * Digest: a fingerprint of a sequence of numbers and strings, fed one by one. Two runs with the
 * same fingerprint did the same. It finds accidents, not forgeries: two multiply-and-rotate lanes
 * of 32 bits (the mixing step of MurmurHash3, Austin Appleby, public domain), not cryptography.
 *
 * The same on every machine: numbers enter by value (their IEEE 754 bits, -0 as 0, every NaN
 * alike), strings by UTF-16 code unit with their length, so that "ab", "c" differs from "a", "bc".
 * All of its state is in its public fields, so that a fork can copy it.
 */
export class Digest {
  /** The lanes, as signed 32-bit integers. */
  laneA = 0x2f0b4f4d;
  laneB = 0x5d1f3a69;
  /** Words of 32 bits that were fed, modulo 2^32. */
  words = 0;

  /** Adds a number. Returns this, to chain. */
  add(value: number): this {
    const integer = value | 0;
    if (integer === value) {
      feed(this, INTEGER);
      feed(this, integer);
    } else if (Number.isNaN(value)) {
      feed(this, NOT_A_NUMBER);
    } else {
      bits.setFloat64(0, value);
      feed(this, DOUBLE);
      feed(this, bits.getInt32(0));
      feed(this, bits.getInt32(4));
    }
    return this;
  }

  /** Adds a string. Returns this, to chain. */
  addString(text: string): this {
    feed(this, STRING);
    feed(this, text.length);
    for (let i = 0; i < text.length; i++) feed(this, text.charCodeAt(i));
    return this;
  }

  /** The fingerprint so far: 16 hexadecimal digits. */
  get hex(): string {
    const a = finish(this.laneA ^ this.words);
    const b = finish(this.laneB ^ Math.imul(this.words, 0x9e3779b1) ^ a);
    return hex8(a) + hex8(b);
  }
}

/** Tags, so that 1, 1.5 and "1" are fed as different things. */
const INTEGER = 1;
const DOUBLE = 2;
const STRING = 3;
const NOT_A_NUMBER = 4;

const bits = new DataView(new ArrayBuffer(8));

/** A function, not a private method: copies of a digest have public fields only. */
function feed(digest: Digest, word: number): void {
  digest.laneA = step(digest.laneA, word, 0xcc9e2d51 | 0, 0x1b873593);
  digest.laneB = step(digest.laneB, word, 0x239b961b, 0xab0e9789 | 0);
  digest.words = (digest.words + 1) | 0;
}

function step(lane: number, word: number, c1: number, c2: number): number {
  let k = Math.imul(word, c1);
  k = Math.imul((k << 15) | (k >>> 17), c2);
  const h = lane ^ k;
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0x56ccb993) | 0;
}

function finish(lane: number): number {
  let h = lane;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

function hex8(word: number): string {
  return word.toString(16).padStart(8, "0");
}
