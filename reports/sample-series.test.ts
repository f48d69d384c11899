import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LogHistogram } from "./log-histogram.ts";
import { quantileType7 } from "./quantile.ts";
import { SampleSeries } from "./sample-series.ts";

describe("quantileType7", () => {
  // Expected values: R, quantile(x, p, type = 7).
  test.each([
    ["the middle of an odd count", [1, 2, 3], 0.5, 2],
    ["between the middle two", [1, 2, 3, 4], 0.5, 2.5],
    ["a quarter", [1, 2, 3, 4, 5, 6], 0.25, 2.25],
    ["a single value", [7], 0.99, 7],
    ["the least", [3, 9], 0, 3],
    ["the largest", [3, 9], 1, 9],
    ["p90 of 1..10", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.9, 9.1],
  ])("%s", (_, values, probability, expected) => {
    const at = (place: number) => values[place] ?? Number.NaN;
    expect(quantileType7(values.length, at, probability)).toBeCloseTo(expected, 12);
  });
});

/** Durations of all sizes: a random number of bits, so that small and large are alike. */
const duration = fc
  .tuple(fc.maxSafeNat(), fc.integer({ min: 0, max: 52 }))
  .map(([value, bits]) => Math.floor(value / Number(1n << BigInt(bits))));

describe("LogHistogram", () => {
  test("gives every value back within its error, small ones exactly", () => {
    fc.assert(
      fc.property(duration, (value) => {
        const histogram = new LogHistogram();
        histogram.add(value);
        const error = Math.abs(histogram.at(0) - value);
        expect(error).toBeLessThanOrEqual(value < 256 ? 0 : value * LogHistogram.RELATIVE_ERROR);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  test("two histograms add up to the histogram of both", () => {
    const [a, b, both] = [new LogHistogram(), new LogHistogram(), new LogHistogram()];
    for (const [value, part] of [
      [3, a],
      [70_000, b],
      [1_000_000, a],
      [9, b],
    ] as const) {
      part.add(value);
      both.add(value);
    }
    a.merge(b);
    expect(a.count).toBe(4);
    for (const place of [0, 1, 2, 3]) expect(a.at(place)).toBe(both.at(place));
  });

  test("keeps the largest time apart", () => {
    const histogram = new LogHistogram();
    histogram.add(Number.MAX_SAFE_INTEGER);
    expect(histogram.at(0) / Number.MAX_SAFE_INTEGER).toBeCloseTo(1, 2);
  });
});

describe("SampleSeries", () => {
  const probabilities = [0, 0.5, 0.9, 0.95, 0.99, 1];
  const sortedQuantile = (sample: readonly number[], probability: number) => {
    const sorted = Float64Array.from(sample).sort();
    return quantileType7(sorted.length, (place) => sorted[place] ?? 0, probability);
  };

  test("is exact up to its limit and within the histogram's error beyond", () => {
    fc.assert(
      fc.property(fc.array(duration, { minLength: 1, maxLength: 40 }), (sample) => {
        const series = new SampleSeries(20);
        for (const value of sample) series.add(value);
        expect(series.isExact).toBe(sample.length <= 20);
        expect(series.count).toBe(sample.length);
        expect(series.maxUs).toBe(Math.max(...sample));
        for (const probability of probabilities) {
          const expected = sortedQuantile(sample, probability);
          const bound = series.isExact ? 0.5 : expected * LogHistogram.RELATIVE_ERROR + 0.5;
          const error = Math.abs(series.quantileUs(probability) - expected);
          expect(error).toBeLessThanOrEqual(bound);
        }
      }),
      { seed: 1 },
    );
  });

  test("parts add up to what the whole would have been, in any order", () => {
    const samples = fc.array(fc.array(duration, { maxLength: 15 }), { maxLength: 5 });
    fc.assert(
      fc.property(samples, (parts) => {
        const seriesOf = (sample: readonly number[]) => {
          const series = new SampleSeries(20);
          for (const value of sample) series.add(value);
          return series;
        };
        const whole = seriesOf(parts.flat());
        for (const order of [parts, parts.toReversed()]) {
          const merged = new SampleSeries(20);
          for (const part of order) merged.merge(seriesOf(part));
          expect([merged.count, merged.maxUs, merged.isExact]).toEqual([
            ...[whole.count, whole.maxUs, whole.isExact],
          ]);
          for (const probability of probabilities)
            expect(merged.quantileUs(probability)).toBe(whole.quantileUs(probability));
        }
      }),
      { seed: 2 },
    );
  });

  test("can be asked between additions", () => {
    const series = new SampleSeries();
    for (const value of [30, 10]) series.add(value);
    expect(series.quantileUs(0.5)).toBe(20);
    for (const value of [5, 20]) series.add(value);
    expect(series.quantileUs(0.5)).toBe(15);
    expect(series.meanUs()).toBe(16);
  });

  test("has zeros while it is empty", () => {
    const series = new SampleSeries();
    expect([series.count, series.meanUs(), series.quantileUs(0.5), series.maxUs]).toEqual([
      0, 0, 0, 0,
    ]);
  });

  test("refuses a negative duration and NaN", () => {
    expect(() => new SampleSeries().add(-1)).toThrow("-1 us");
    expect(() => new SampleSeries().add(Number.NaN)).toThrow("NaN us");
  });
});
