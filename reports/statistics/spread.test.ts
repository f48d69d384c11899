import { describe, expect, test } from "vitest";
import { createStream } from "../../sim/kernel/index.ts";
import { normalQuantile } from "./laws.ts";
import { spreadOf } from "./spread.ts";

describe("a sample in a few figures", () => {
  test.each([
    ["one value has no spread", [5], { n: 1, mean: 5, sd: undefined, ci95: undefined, median: 5 }],
    ["2 and 4", [2, 4], { n: 2, mean: 3, sd: Math.SQRT2, median: 3, min: 2, max: 4 }],
    ["missing values do not count", [undefined, 3, undefined], { n: 1, mean: 3 }],
  ])("%s", (_, sample, expected) => {
    expect(spreadOf(sample)).toMatchObject(expected);
  });

  test("nothing has no spread at all", () => {
    expect(spreadOf([undefined])).toBeUndefined();
  });

  test("half an interval of 2 and 4 is t(0.975, 1) standard errors of 1", () => {
    expect(spreadOf([2, 4])?.ci95).toBeCloseTo(12.706205, 5);
  });

  test("equal values have no deviation, though their sum is rounded", () => {
    const tenths = Array.from({ length: 10 }, () => 0.1);
    expect(spreadOf(tenths)).toMatchObject({ n: 10, mean: 0.1, sd: 0, ci95: 0 });
  });

  test("the interval holds the true mean in 95 of 100 studies of normal values", () => {
    const stream = createStream("coverage", "of t");
    const studies = 4_000;
    let holding = 0;
    for (let study = 0; study < studies; study++) {
      const found = spreadOf(Array.from({ length: 5 }, () => normalQuantile(stream.next())));
      if (Math.abs(found?.mean ?? 9) <= (found?.ci95 ?? 0)) holding++;
    }
    // Three standard errors of a share of 0.95 in 4,000 trials are 0.0103.
    expect(Math.abs(holding / studies - 0.95)).toBeLessThan(0.0104);
  });
});
