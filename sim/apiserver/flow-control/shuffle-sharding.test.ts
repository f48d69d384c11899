import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sha256 } from "./sha256.ts";
import { dealHand, flowHash } from "./shuffle-sharding.ts";

describe("sha256", () => {
  // Examples of FIPS 180-4, and the empty text.
  test.each([
    ["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
    ["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
    [
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
    ],
  ])("of %j", (text, digest) => {
    const words = [...sha256(text)].map((word) => word.toString(16).padStart(8, "0"));
    expect(words.join("")).toBe(digest);
  });
});

describe("flowHash", () => {
  test("is the digest's first eight bytes, little-endian, of schema, a zero byte, distinguisher", () => {
    // printf 'a\0b' | sha256sum: 93449e29d5b9aea9...
    const [first = 0] = sha256("a\0b");
    const lowByte = BigInt(first >>> 24);
    expect(flowHash("a", "b") & 0xffn).toBe(lowByte);
    expect(flowHash("a", "b")).not.toBe(flowHash("ab", ""));
  });
});

describe("dealHand", () => {
  // By hand: 4 cards of 4 from 23 = 3 + 4 x (2 + 3 x (1 + 2 x 0)): remainders 3, 2, 1, 0.
  test.each([
    ["the first cards from 0", 0n, 4, 4, [0, 1, 2, 3]],
    ["the last from the highest", 23n, 4, 4, [3, 2, 1, 0]],
    ["each remainder counts among the cards that are left", 5n, 4, 2, [1, 2]],
    ["one queue", 12_345n, 1, 1, [0]],
  ])("deals %s", (_, hash, queues, handSize, hand) => {
    expect(dealHand(hash, queues, handSize)).toEqual(hand);
  });

  test("gives different queues of the deck", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), (hash) => {
        const hand = dealHand(hash, 128, 6);
        expect(new Set(hand).size).toBe(6);
        expect(hand.every((card) => card >= 0 && card < 128)).toBe(true);
      }),
      { seed: 1 },
    );
  });

  test("deals all hands equally often", () => {
    const counts = new Map<string, number>();
    for (let hash = 0n; hash < 8n * 7n * 6n; hash++) {
      const hand = dealHand(hash, 8, 3)
        .sort((a, b) => a - b)
        .join();
      counts.set(hand, (counts.get(hand) ?? 0) + 1);
    }
    expect(counts.size).toBe(56);
    expect(new Set(counts.values())).toEqual(new Set([6]));
  });
});
