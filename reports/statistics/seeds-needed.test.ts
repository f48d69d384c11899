import { describe, expect, test } from "vitest";
import { studentTQuantile } from "./laws.ts";
import { moreToSettle, SEEDS_MAX, sizeFor } from "./seeds-needed.ts";

describe("how many seeds", () => {
  test("as many as make the interval leave zero out, and not one more", () => {
    const more = moreToSettle(1, 3, 10) ?? 0;
    const half = (n: number): number => (studentTQuantile(0.975, n - 1) * 3) / Math.sqrt(n);
    expect(half(10 + more)).toBeLessThan(1);
    expect(half(10 + more - 1)).toBeGreaterThanOrEqual(1);
  });

  test.each([
    [5, 1, 10, 0],
    [0, 1, 10, undefined],
    [1e-6, 1, 10, undefined],
    [1, 0, 2, 0],
  ])("mean %d, deviation %d, %d seeds: %s more", (mean, sd, n, more) => {
    expect(moreToSettle(mean, sd, n)).toBe(more);
  });

  test("none is too many", () => {
    expect(sizeFor(1, 1e-9)).toBeUndefined();
    expect(sizeFor(1, 0.02)).toBeLessThanOrEqual(SEEDS_MAX);
  });
});
