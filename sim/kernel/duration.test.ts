import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatDuration, goDuration, parseDuration } from "./duration.ts";

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

describe("goDuration writes what Go's time.Duration.String writes", () => {
  test.each([
    [0, "0s"],
    [7, "7µs"],
    [1_500, "1.5ms"],
    [250_000, "250ms"],
    [10_000_000, "10s"],
    [60_000_000, "1m0s"],
    [90_500_000, "1m30.5s"],
    [300_000_000, "5m0s"],
    [3_600_000_000, "1h0m0s"],
    [90_061_000_001, "25h1m1.000001s"],
  ])("%i us: %s", (us, text) => {
    expect(goDuration(us)).toBe(text);
  });
});
