/** The built-in plugins, in the default profile: incremental evaluation equals the full pass. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { profileByName } from "../policies/index.ts";
import { EvaluatorBench, steps } from "./evaluator-bench.ts";

describe.each(["default", "most-allocated", "random"])("profile %s", (name) => {
  test.each([
    ["all nodes scored", 100, 80],
    ["a sampled cluster", 0, 150],
  ])("incremental equals full pass: %s", (_, percentage, nodes) => {
    const { plugins } = profileByName(name);
    expect(plugins.length).toBeGreaterThan(0);
    fc.assert(
      fc.property(steps, fc.nat(60), (sequence, restoreAt) => {
        const bench = new EvaluatorBench(plugins, percentage, nodes);
        for (const [i, step] of sequence.entries()) {
          bench.run(step);
          if (i === restoreAt) bench.restore();
        }
      }),
      { numRuns: 10, seed: 20_240_602 },
    );
  });
});
