import { describe, expect, test } from "vitest";
import { createStream } from "../../sim/kernel/index.ts";
import { mser5 } from "./mser5.ts";

describe("MSER-5", () => {
  const noise = (length: number, purpose: string): number[] => {
    const stream = createStream("mser", purpose);
    return Array.from({ length }, () => stream.next() - 0.5);
  };

  test("leaves out a transient, and little more", () => {
    const series = noise(1000, "transient").map((value, i) => value + (i < 200 ? 20 - i / 10 : 0));
    const left = mser5(series);
    expect(left).toBeGreaterThanOrEqual(180);
    expect(left).toBeLessThanOrEqual(260);
  });

  test("leaves a steady series whole, or nearly so", () => {
    expect(mser5(noise(1000, "steady"))).toBeLessThan(100);
  });

  test.each([
    ["too short", [5, 4, 3, 2, 1, 1, 1, 1, 1], 0],
    ["constant", Array.from({ length: 100 }, () => 7), 0],
    ["constant, with a rounded sum", Array.from({ length: 100 }, () => 0.1), 0],
    ["a first batch that stands out", [9, 9, 9, 9, 9, ...Array.from({ length: 50 }, () => 1)], 5],
  ])("%s", (_, series, left) => {
    expect(mser5(series)).toBe(left);
  });

  test("never leaves out more than half", () => {
    const rising = Array.from({ length: 200 }, (_, i) => i);
    expect(mser5(rising)).toBeLessThanOrEqual(100);
  });

  test("does not depend on where zero is", () => {
    const series = noise(400, "moved").map((value, i) => value + (i < 60 ? 5 : 0));
    const left = mser5(series);
    expect(left).toBe(60);
    expect(mser5(series.map((value) => value + 1e9))).toBe(left);
  });

  test.each([1, 7, 13, 29, 50])("is what trying every start finds (series %d)", (start) => {
    const series = noise(120, `series ${start}`).map((value, i) => value + (i < start ? 2 : 0));
    const batches = Array.from({ length: 24 }, (_, b) => {
      const five = series.slice(5 * b, 5 * b + 5);
      return five.reduce((sum, value) => sum + value, 0) / 5;
    });
    const errors = batches.slice(0, 13).map((_, from) => {
      const kept = batches.slice(from);
      const mean = kept.reduce((sum, value) => sum + value, 0) / kept.length;
      const squares = kept.reduce((sum, value) => sum + (value - mean) * (value - mean), 0);
      return squares / (kept.length * kept.length);
    });
    expect(mser5(series)).toBe(5 * errors.indexOf(Math.min(...errors)));
  });
});
