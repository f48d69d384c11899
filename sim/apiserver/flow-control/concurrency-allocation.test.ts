import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type AllocationClass, allocateConcurrency } from "./concurrency-allocation.ts";

const seats = (lowerBound: number, target: number, upperBound: number): AllocationClass => ({
  lowerBound,
  target,
  upperBound,
});

describe("allocateConcurrency", () => {
  test.each([
    ["in proportion to the targets", 90, [seats(0, 10, 100), seats(0, 20, 100)], [30, 60]],
    ["no more than the upper bound", 90, [seats(0, 10, 20), seats(0, 10, 100)], [20, 70]],
    ["no less than the lower bound", 30, [seats(20, 20, 99), seats(0, 40, 99)], [20, 10]],
    ["the lower bounds when that is all", 30, [seats(20, 25, 99), seats(10, 40, 99)], [20, 10]],
    ["nothing", 0, [seats(0, 0, 9)], [0]],
  ])("gives %s", (_, sum, classes, expected) => {
    const found = allocateConcurrency(sum, classes);
    expect(found?.map((each) => Math.round(each * 1e6) / 1e6)).toEqual(expected);
  });

  test("gives nothing when the bounds forbid the sum", () => {
    expect(allocateConcurrency(5, [seats(10, 10, 20)])).toBeUndefined();
    expect(allocateConcurrency(25, [seats(10, 10, 20)])).toBeUndefined();
  });

  test("sums up, keeps the bounds, and favours nobody between them", () => {
    const one = fc
      .tuple(fc.integer({ max: 50, min: 0 }), fc.integer({ max: 50, min: 0 }), fc.nat(50))
      .map(([low, more, room]) => seats(low, low + more, low + room));
    fc.assert(
      fc.property(fc.array(one, { minLength: 1, maxLength: 8 }), fc.nat(100), (classes, part) => {
        const low = classes.reduce((sum, each) => sum + each.lowerBound, 0);
        const high = classes.reduce((sum, each) => sum + each.upperBound, 0);
        const sum = Math.round(low + ((high - low) * part) / 100);
        const found = allocateConcurrency(sum, classes) ?? [];
        expect(found.reduce((total, each) => total + each, 0)).toBeCloseTo(sum, 6);
        const factors: number[] = [];
        classes.forEach((each, i) => {
          const got = found[i] ?? Number.NaN;
          expect(got).toBeGreaterThanOrEqual(each.lowerBound - 1e-9);
          expect(got).toBeLessThanOrEqual(each.upperBound + 1e-9);
          const isFree = got > each.lowerBound + 1e-6 && got < each.upperBound - 1e-6;
          if (isFree && each.target > 0) factors.push(got / each.target);
        });
        for (const factor of factors) expect(factor / (factors[0] ?? 1)).toBeCloseTo(1, 6);
      }),
      { seed: 1 },
    );
  });
});
