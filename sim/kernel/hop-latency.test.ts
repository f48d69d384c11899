import { describe, expect, test } from "vitest";
import { parseTimeDistribution } from "./distribution.ts";
import { HopLatency } from "./hop-latency.ts";
import { Draws } from "./random.ts";

describe("HopLatency", () => {
  test.each([
    "constant(2ms)",
    "0s",
    "uniform(1ms, 3ms)",
    "lognormal(p50=2ms, p99=20ms)",
    "lognormal(p50=1us, p99=1us)",
    "gamma(shape=2, mean=2ms)",
  ])("of %s is the distribution's sample of the same draw, and at least 1 us", (text) => {
    const hop = new HopLatency("7", text, "latency.test");
    const draws = new Draws("7", "latency.test");
    const model = parseTimeDistribution(text, "latency.test");
    for (let number = 0; number < 500; number++) {
      const sample = model.sampleUs(draws.source(12_345 + number, number));
      expect(hop.us(12_345 + number, number)).toBe(Math.max(1, sample));
    }
  });
});
