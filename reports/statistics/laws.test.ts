import { describe, expect, test } from "vitest";
import { normalCdf, normalQuantile, studentTQuantile, studentTTwoSided } from "./laws.ts";

describe("laws", () => {
  test.each([
    [1, 12.706205],
    [9, 2.262157],
    [30, 2.042272],
    [1000, 1.962339],
  ])("97.5 %% quantile of t with %d degrees of freedom (NIST tables)", (freedom, quantile) => {
    expect(studentTQuantile(0.975, freedom)).toBeCloseTo(quantile, 5);
    expect(studentTTwoSided(quantile, freedom)).toBeCloseTo(0.05, 6);
  });

  test("quantiles of t are the same number in every version of Node: nine digits", () => {
    expect(studentTQuantile(0.975, 9)).toBe(2.26215716);
  });

  test.each([
    [2, 9, 0.07655282377070101],
    [1, 1, 0.5],
    [5, 19, 7.949974998417639e-5],
    [0.1, 3, 0.9266523488008059],
    [2.5, 99, 0.014062596921149069],
    [1e4, 9, 5.091792199508464e-33],
    [-2, 9, 0.07655282377070101],
    [0, 5, 1],
  ])("t = %d with %d degrees of freedom: two-sided p as SciPy has it", (t, freedom, p) => {
    expect(studentTTwoSided(t, freedom) / p).toBeCloseTo(1, 6);
  });

  test.each([
    [-3, 0.0013498980316300933],
    [-1, 0.15865525393145707],
    [2, 0.9772498680518208],
  ])("the normal distribution at %d, as SciPy has it", (z, share) => {
    expect(normalCdf(z)).toBeCloseTo(share, 9);
  });

  test("normal quantiles, infinite at the ends", () => {
    expect(normalQuantile(0.975)).toBeCloseTo(1.959964, 6);
    expect(normalQuantile(0)).toBe(Number.NEGATIVE_INFINITY);
    expect(normalQuantile(1)).toBe(Number.POSITIVE_INFINITY);
  });
});
