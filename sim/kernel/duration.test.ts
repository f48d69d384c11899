import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatDuration, parseDuration } from "./duration.ts";

describe("parseDuration", () => {
  test.each([
    ["seconds", "90s", 90_000_000],
    ["several units", "1h30m", 5_400_000_000],
    ["a fraction", "1.5ms", 1500],
    ["days", "2d", 172_800_000_000],
    ["below a microsecond rounds", "0.4us", 0],
    ["a bare zero", "0", 0],
  ])("reads %s", (_case, text, us) => {
    expect(parseDuration(text)).toBe(us);
  });

  test.each([
    ["a bare number", "90"],
    ["a sign", "-5s"],
    ["an unknown unit", "5 weeks"],
    ["nothing", ""],
    ["a unit alone", "s"],
    ["text around it", "in 5s"],
    ["more than 285 years", "200000d"],
  ])("refuses %s", (_case, text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  test("reads back what formatDuration writes", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (us) => {
        expect(parseDuration(formatDuration(us))).toBe(us);
      }),
      { seed: 1 },
    );
  });
});
