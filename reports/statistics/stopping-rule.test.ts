import { describe, expect, test } from "vitest";
import { createStream } from "../../sim/kernel/index.ts";
import { type Spread, spreadOf } from "./spread.ts";
import { isSettled, parseStoppingRule, SEEDS_LEAST, seedsFor } from "./stopping-rule.ts";

describe("the stopping rule", () => {
  const metrics = ["makespan_s", "pod_startup_p99_s"];
  test.each([
    ["ci<1%", { metric: undefined, width: 0.01, isRelative: true }],
    ["ci < 0.5", { metric: undefined, width: 0.5, isRelative: false }],
    ["makespan_s:ci<2.5%", { metric: "makespan_s", width: 0.025, isRelative: true }],
  ])("%s", (text, rule) => {
    expect(parseStoppingRule(text, metrics)).toEqual(rule);
  });

  test.each([
    ["1%", "want ci<WIDTH"],
    ["ci<0%", "want ci<WIDTH"],
    ["ci<-1", "want ci<WIDTH"],
    ["makespam_s:ci<1%", 'got the metric "makespam_s"'],
  ])("refuses %s", (text, message) => {
    expect(() => parseStoppingRule(text, metrics)).toThrow(message);
  });

  test("is content when the interval is narrow enough", () => {
    const rule = parseStoppingRule("ci<10%", metrics);
    const spread = spreadOf([99, 100, 101, 100, 100]);
    if (spread === undefined) throw new Error("no spread");
    expect(isSettled({ spread, scale: 100 }, rule)).toBe(true);
    expect(isSettled({ spread, scale: 1 }, rule)).toBe(false);
    expect(seedsFor({ spread, scale: 1 }, rule)).toBeGreaterThan(5);
  });

  test("leaves intervals that hold the true mean in more than 90 of 100 studies", () => {
    const rule = parseStoppingRule("ci<20%", metrics);
    const stream = createStream("stopping", "test");
    const studies = 500;
    let holding = 0;
    for (let study = 0; study < studies; study++) {
      const sample: number[] = [];
      for (let wanted = SEEDS_LEAST; ; ) {
        // Exponential values: lopsided, as times of waiting are.
        while (sample.length < wanted) sample.push(-Math.log1p(-stream.next()));
        const spread = spreadOf(sample) as Spread;
        const asked = { spread, scale: spread.mean };
        if (isSettled(asked, rule)) {
          if (Math.abs(spread.mean - 1) <= (spread.ci95 ?? 0)) holding++;
          break;
        }
        wanted = Math.max(wanted + 1, Math.min(2 * wanted, seedsFor(asked, rule) ?? 0));
      }
    }
    expect(holding / studies).toBeGreaterThan(0.9);
    expect(holding / studies).toBeLessThan(0.98);
  });
});
