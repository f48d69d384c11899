import { describe, expect, test } from "vitest";
import { Kernel } from "./kernel.ts";
import { createStream, Draws, hashString } from "./random.ts";
import type { UniformSource } from "./uniform-source.ts";

const CELLS = 100;
/** Chi-square with 99 degrees of freedom stays within these with probability 0.99998. */
const CHI_SQUARE_LOW = 50;
const CHI_SQUARE_HIGH = 170;

function chiSquare(values: Float64Array): number {
  const counts = new Float64Array(CELLS);
  for (const value of values) counts[Math.floor(value * CELLS)]!++;
  const expected = values.length / CELLS;
  return counts.reduce(
    (sum, count) => sum + ((count - expected) * (count - expected)) / expected,
    0,
  );
}

function correlation(x: Float64Array, y: Float64Array): number {
  const mean = (values: Float64Array): number => values.reduce((a, b) => a + b, 0) / values.length;
  const [meanX, meanY] = [mean(x), mean(y)];
  let [xy, xx, yy] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    const [dx, dy] = [x[i]! - meanX, y[i]! - meanY];
    xy += dx * dy;
    xx += dx * dx;
    yy += dy * dy;
  }
  return xy / Math.sqrt(xx * yy);
}

const SAMPLES = 100_000;
const sampled = (of: (i: number) => number): Float64Array =>
  Float64Array.from({ length: SAMPLES }, (_, i) => of(i));

const draws = new Draws("1", "latency.apiNetwork");
const other = new Draws("1", "latency.apiHandling");
const names = Array.from({ length: SAMPLES }, (_, i) => hashString(`Pod/default/web-${i}`));

function nth(source: UniformSource, n: number): number {
  let value = source.next();
  for (let i = 0; i < n; i++) value = source.next();
  return value;
}

const sequences: readonly (readonly [string, Float64Array])[] = [
  ["objects with neighbouring numbers as hashes", sampled((i) => draws.uniform(i, 0))],
  ["objects with similar names", sampled((i) => draws.uniform(names[i]!, 0))],
  ["the draws of one object", sampled((i) => draws.uniform(names[0]!, i))],
  ["the draws of object 0", sampled((i) => draws.uniform(0, i))],
  ["the second value of each source", sampled((i) => nth(draws.source(names[i]!, 0), 1))],
  ["the fourth value of each source", sampled((i) => nth(draws.source(i, 7), 3))],
  ["seeds that follow each other", sampled((i) => new Draws(String(i), "x").uniform(1, 1))],
  ["the low bits", sampled((i) => (draws.uniform(i, 3) * 4_294_967_296) % 1)],
  ["a long source", ((source) => sampled(() => source.next()))(new Draws("1", "x").source(5, 5))],
  ["a stream", ((stream) => sampled(() => stream.next()))(createStream("1", "x"))],
];

describe("Draws", () => {
  test.each(sequences)("are uniform over %s", (_, values) => {
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
    expect(chiSquare(values)).toBeGreaterThan(CHI_SQUARE_LOW);
    expect(chiSquare(values)).toBeLessThan(CHI_SQUARE_HIGH);
  });

  // 4.5 standard deviations of the correlation of independent samples: 1 / sqrt(n).
  const bound = 4.5 / Math.sqrt(SAMPLES);
  test.each(sequences)("neighbours do not correlate: %s", (_, values) => {
    for (const lag of [1, 2, 3])
      expect(Math.abs(correlation(values.subarray(lag), values.subarray(0, -lag)))).toBeLessThan(
        bound,
      );
  });

  test.each([
    ["draw 0 and draw 1 of an object", (i: number) => draws.uniform(names[i]!, 1)],
    ["two purposes", (i: number) => other.uniform(names[i]!, 0)],
    ["the first and the second value", (i: number) => nth(draws.source(names[i]!, 0), 1)],
    ["two seeds", (i: number) => new Draws("2", "latency.apiNetwork").uniform(names[i]!, 0)],
  ])("are independent: %s", (_, of) => {
    const first = sampled((i) => draws.uniform(names[i]!, 0));
    expect(Math.abs(correlation(first, sampled(of)))).toBeLessThan(bound);
  });

  test("a million (object, number) pairs do not meet in one value", () => {
    const seen = new Set<number>();
    for (let object = 0; object < 1_000; object++)
      for (let number = 0; number < 1_000; number++) seen.add(draws.uniform(object, number));
    expect(seen.size).toBe(1_000_000);
  });

  test("asking twice, or for others in between, gives the same number", () => {
    const first = draws.uniform(names[5]!, 2);
    draws.source(names[6]!, 9).next();
    expect(draws.uniform(names[5]!, 2)).toBe(first);
    expect(draws.source(names[5]!, 2).next()).toBe(first);
  });

  test("seed and purpose do not run into each other", () => {
    expect(new Draws("1/a", "b").uniform(1, 1)).not.toBe(new Draws("1", "a/b").uniform(1, 1));
  });

  test("are these numbers, for ever", () => {
    expect([hashString(""), hashString("default/web-0")]).toEqual([2872998923, 1494940141]);
    const first = draws.uniform(1, 0);
    const source = draws.source(hashString("default/web-0"), 3);
    expect([first, source.next(), source.next()]).toEqual([
      0.0999814521905652, 0.07653876179556551, 0.41183362050496697,
    ]);
  });
});

describe("random streams", () => {
  test("one more draw for one purpose changes no number of another", () => {
    const [calm, busy] = [new Kernel("1"), new Kernel("1")];
    const expected = Array.from({ length: 50 }, () => calm.stream("ties").next());
    const got = expected.map((_, i) => {
      for (let extra = 0; extra < i; extra++) busy.stream("other").next();
      return busy.stream("ties").next();
    });
    expect(got).toEqual(expected);
  });

  test("a kernel's stream is one object per purpose, the same sequence as a free one", () => {
    const kernel = new Kernel("7");
    expect(kernel.stream("ties")).toBe(kernel.stream("ties"));
    const free = createStream("7", "ties");
    for (let i = 0; i < 10; i++) expect(kernel.stream("ties").next()).toBe(free.next());
    expect(createStream("7", "x").next()).not.toBe(createStream("8", "x").next());
  });

  test("a saved stream goes on where it stood, and restarts at its first number", () => {
    const stream = new Kernel("7").stream("ties");
    const first = stream.next();
    const saved = stream.save();
    const following = [stream.next(), stream.next()];
    stream.load(saved);
    expect([stream.next(), stream.next()]).toEqual(following);
    stream.restart();
    expect(stream.next()).toBe(first);
  });

  test("are these numbers, for ever", () => {
    const stream = createStream("1", "ties");
    expect([stream.next(), stream.next()]).toEqual([0.8430535362536162, 0.5228225215466606]);
  });
});
