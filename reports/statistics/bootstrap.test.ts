import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createStream } from "../../sim/kernel/index.ts";
import { Bootstrap } from "./bootstrap.ts";
import { spreadOf } from "./spread.ts";

const values = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 2, maxLength: 30 });

describe("the bootstrap", () => {
  test("holds the true mean in about 95 of 100 studies, and so does Student's t", () => {
    const stream = createStream("coverage", "test");
    const bootstrap = new Bootstrap();
    const studies = 400;
    let [byBootstrap, byT] = [0, 0];
    for (let study = 0; study < studies; study++) {
      const sample = Array.from({ length: 20 }, () => -Math.log1p(-stream.next()));
      const interval = bootstrap.intervalOfMean(sample);
      const spread = spreadOf(sample);
      if (interval !== undefined && interval.low <= 1 && interval.high >= 1) byBootstrap++;
      if (spread?.ci95 !== undefined && Math.abs(spread.mean - 1) <= spread.ci95) byT++;
    }
    // With 20 exponential values both are known to fall a little short of 0.95.
    expect(byBootstrap / studies).toBeGreaterThan(0.87);
    expect(byBootstrap / studies).toBeLessThan(0.98);
    expect(byT / studies).toBeGreaterThan(0.87);
  });

  test("the same sample has the same interval, whatever was asked before", () => {
    const sample = [3, 1, 4, 1, 5, 9, 2, 6];
    const bootstrap = new Bootstrap();
    bootstrap.intervalOfMean([1, 2, 3]);
    expect(bootstrap.intervalOfMean(sample)).toEqual(new Bootstrap().intervalOfMean(sample));
  });

  test("lies around the mean and within the sample", () => {
    const bootstrap = new Bootstrap(500);
    fc.assert(
      fc.property(values, (sample) => {
        const interval = bootstrap.intervalOfMean(sample);
        expect(interval?.low).toBeGreaterThanOrEqual(Math.min(...sample) - 1e-9);
        expect(interval?.high).toBeLessThanOrEqual(Math.max(...sample) + 1e-9);
        expect(interval?.low).toBeLessThanOrEqual(interval?.high ?? 0);
      }),
      { seed: 4, numRuns: 50 },
    );
  });

  test("agrees with SciPy's BCa interval of 400,000 resamples", () => {
    const sample = [0.3, -0.1, 1.7, 0.4, 0.9, -0.6, 3.8, 0.2, 1.1, 0.05, 2.4, -0.2];
    const { low, high } = new Bootstrap().intervalOfMean(sample) ?? { low: 0, high: 0 };
    expect(Math.abs(low - 0.2854)).toBeLessThan(0.02);
    expect(Math.abs(high - 1.7229)).toBeLessThan(0.02);
  });

  test("does not depend on the order of the sample", () => {
    const bootstrap = new Bootstrap(500);
    fc.assert(
      fc.property(values, (sample) => {
        const turned = [...sample].reverse();
        expect(bootstrap.intervalOfMean(turned)).toEqual(bootstrap.intervalOfMean(sample));
      }),
      { seed: 5, numRuns: 50 },
    );
  });

  test.each([
    ["one value", [3], undefined],
    ["equal values", [0.1, 0.1, 0.1], { low: 0.1, high: 0.1 }],
    ["two values", [1, 3], { low: 1, high: 3 }],
  ])("%s", (_, sample, interval) => {
    expect(new Bootstrap().intervalOfMean(sample)).toEqual(interval);
  });
});
