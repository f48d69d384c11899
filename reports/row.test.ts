import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NEVER, roundTo, secondsCell } from "./row.ts";

describe("secondsCell", () => {
  test.each([
    ["nothing has happened", NEVER, ""],
    ["the start of the run", 0, "0.000000"],
    ["one microsecond", 1, "0.000001"],
    ["a float would print 0.30000000000000004", 300_000, "0.300000"],
    ["a week and a microsecond", 604_800_000_001, "604800.000001"],
    ["the largest exact time", Number.MAX_SAFE_INTEGER, "9007199254.740991"],
  ])("%s: %d us", (_, us, cell) => {
    expect(secondsCell(us)).toBe(cell);
  });

  test("loses nothing: its digits are the microseconds", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (us) => {
        expect(Number(secondsCell(us).replace(".", ""))).toBe(us);
      }),
      { seed: 1 },
    );
  });
});

describe("roundTo", () => {
  test.each([
    [2.34567, 3, 2.346],
    [0.1 + 0.2, 6, 0.3],
    [5e17, 3, 5e17],
  ])("%d to %d decimals", (value, decimals, rounded) => {
    expect(roundTo(value, decimals)).toBe(rounded);
  });
});
