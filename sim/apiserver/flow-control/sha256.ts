/**
 * SHA-256 (FIPS 180-4) of a text's UTF-8 bytes, for the hash of a flow: kube-apiserver uses it, and
 * with another hash the flows would meet in other queues. Called once per flow, never per request.
 */

/** The first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
const ROUND_CONSTANTS = fractionalRoots(64, Math.cbrt);
/** The same of the square roots of the first 8. */
const INITIAL_STATE = fractionalRoots(8, Math.sqrt);

/** The digest as eight 32-bit words, the first one first. */
export function sha256(text: string): Uint32Array {
  const blocks = padded(new TextEncoder().encode(text));
  const state = Uint32Array.from(INITIAL_STATE);
  const schedule = new Uint32Array(64);
  for (let at = 0; at < blocks.length; at += 16) {
    schedule.set(blocks.subarray(at, at + 16));
    compress(state, schedule);
  }
  return state;
}

/** The message in big-endian words: its bytes, a 1 bit, zeros, its length in bits. */
function padded(bytes: Uint8Array): Uint32Array {
  const words = new Uint32Array(Math.ceil((bytes.length + 9) / 64) * 16);
  bytes.forEach((byte, i) => {
    put(words, i, byte);
  });
  put(words, bytes.length, 0x80);
  words[words.length - 1] = bytes.length * 8;
  return words;
}

function put(words: Uint32Array, index: number, byte: number): void {
  words[index >> 2] = at(words, index >> 2) | (byte << (24 - (index & 3) * 8));
}

function compress(state: Uint32Array, w: Uint32Array): void {
  for (let i = 16; i < 64; i++) {
    const early = at(w, i - 15);
    const late = at(w, i - 2);
    const s0 = rotate(early, 7) ^ rotate(early, 18) ^ (early >>> 3);
    const s1 = rotate(late, 17) ^ rotate(late, 19) ^ (late >>> 10);
    w[i] = at(w, i - 16) + s0 + at(w, i - 7) + s1;
  }
  let [a, b, c, d, e, f, g, h] = state as unknown as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  for (let i = 0; i < 64; i++) {
    const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const first = (h + s1 + ((e & f) ^ (~e & g)) + at(ROUND_CONSTANTS, i) + at(w, i)) | 0;
    const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const second = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0];
  }
  [a, b, c, d, e, f, g, h].forEach((word, i) => {
    state[i] = at(state, i) + word;
  });
}

function at(words: Uint32Array, index: number): number {
  return words[index] as number;
}

function rotate(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}

/** Engines may differ in the last bit of a root: 32 of its 53 bits are safe from that. */
function fractionalRoots(count: number, root: (prime: number) => number): Uint32Array {
  const words: number[] = [];
  for (let n = 2; words.length < count; n++) {
    let isPrime = true;
    for (let d = 2; d * d <= n; d++) if (n % d === 0) isPrime = false;
    if (isPrime) words.push(Math.floor((root(n) % 1) * 0x100000000));
  }
  return Uint32Array.from(words);
}
