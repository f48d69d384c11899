import { describe, expect, test } from "vitest";
import { exponentialBuckets, MetricHistogram } from "./metric-histogram.ts";

describe("MetricHistogram", () => {
  test("counts a value in the first bucket whose bound it does not exceed", () => {
    const histogram = new MetricHistogram([1, 2, 4]);
    for (const value of [0.5, 1, 1.5, 2, 4, 5]) histogram.observe(value);
    expect([0, 1, 2].map((index) => histogram.cumulative(index))).toEqual([2, 4, 5]);
    expect([histogram.count, histogram.sum]).toEqual([6, 14]);
  });

  test("takes equal values at once", () => {
    const histogram = new MetricHistogram([1, 2]);
    histogram.observe(1.5, 10);
    expect([histogram.cumulative(0), histogram.cumulative(1)]).toEqual([0, 10]);
    expect([histogram.count, histogram.sum]).toEqual([10, 15]);
  });
});

test("exponential buckets are those of component-base", () => {
  expect(exponentialBuckets(0.001, 2, 15).at(-1)).toBe(16.384);
  expect(exponentialBuckets(1, 2, 7)).toEqual([1, 2, 4, 8, 16, 32, 64]);
});
