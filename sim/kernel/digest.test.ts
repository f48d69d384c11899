import { describe, expect, test } from "vitest";
import { copyGraph } from "./copy-graph.ts";
import { Digest } from "./digest.ts";

type Feed = (digest: Digest) => unknown;

const feeds: readonly (readonly [string, Feed])[] = [
  ["nothing", () => {}],
  ["0", (d) => d.add(0)],
  ["1", (d) => d.add(1)],
  ["the text 1", (d) => d.addString("1")],
  ["0, 0", (d) => d.add(0).add(0)],
  ["1, 2", (d) => d.add(1).add(2)],
  ["2, 1", (d) => d.add(2).add(1)],
  ["1.5", (d) => d.add(1.5)],
  ["2^40", (d) => d.add(1_099_511_627_776)],
  ["NaN", (d) => d.add(Number.NaN)],
  ["the empty text", (d) => d.addString("")],
  ["ab, c", (d) => d.addString("ab").addString("c")],
  ["a, bc", (d) => d.addString("a").addString("bc")],
  ["abc", (d) => d.addString("abc")],
];

describe("Digest", () => {
  test("tells different sequences apart", () => {
    const seen = new Set<string>();
    for (const [, feed] of feeds) {
      const digest = new Digest();
      feed(digest);
      expect(digest.hex).toMatch(/^[0-9a-f]{16}$/);
      seen.add(digest.hex);
    }
    for (let i = 10; i < 200_010; i++) seen.add(new Digest().add(i).add(i >>> 3).hex);
    expect(seen.size).toBe(feeds.length + 200_000);
  });

  test("a zero has no sign", () => {
    expect(new Digest().add(-0).hex).toBe(new Digest().add(0).hex);
  });

  test("goes on from a copy of its fields", () => {
    const digest = new Digest().add(1).addString("x");
    const copy = copyGraph(digest, () => false);
    expect(copy.add(2.5).hex).toBe(digest.add(2.5).hex);
  });

  test("is the same on every machine", () => {
    const digest = new Digest()
      .add(1)
      .add(-7)
      .add(0.1)
      .add(4_503_599_627_370_496)
      .addString("pod/web-0 ü");
    expect(digest.hex).toBe("64b55af12ffd52f6");
  });
});
