import { describe, expect, test } from "vitest";
import { type ComparedRun, compare } from "./comparison.ts";
import { verdict } from "./verdict.ts";

type Metrics = ComparedRun["metrics"];

/** Both policies under `count` seeds. */
const seeds = (count: number, base: (seed: number) => Metrics, fast: (seed: number) => Metrics) =>
  Array.from({ length: count }, (_, seed) => [
    { policy: "default", workload: "w", seed: String(seed), metrics: base(seed) },
    { policy: "fast", workload: "w", seed: String(seed), metrics: fast(seed) },
  ]).flat();

const gains = (count: number, gain: (seed: number) => number) =>
  seeds(
    count,
    (seed) => ({ makespan_s: 100 + (seed % 3) }),
    (seed) => ({ makespan_s: 100 + (seed % 3) - gain(seed) }),
  );

const said = (runs: readonly ComparedRun[]): string[] => verdict(compare(runs, []));

describe("verdict", () => {
  test.each([
    [
      "a clear gain",
      gains(10, (seed) => 5 + (seed % 2)),
      "fast against default, n = 10 seeds: better: makespan_s by -5.50 s or -5.5 % (95 % -5.88 to -5.12, p < 0.0001).",
    ],
    [
      "a clear loss",
      gains(10, (seed) => -5 - (seed % 2)),
      "fast against default, n = 10 seeds: worse: makespan_s by +5.50 s or +5.5 % (95 % +5.12 to +5.88, p < 0.0001).",
    ],
    [
      "mere luck",
      gains(10, (seed) => (seed % 2 === 0 ? 3 : -2.5)),
      "fast against default, n = 10 seeds: cannot be told apart: makespan_s (about 509 more seeds would settle it).",
    ],
    [
      "the same gain under each seed",
      gains(4, () => 5),
      "fast against default, n = 4 seeds: better: makespan_s by -5.00 s or -5.0 % (in every seed).",
    ],
    [
      "a gain so small that it must not read as none",
      gains(4, () => 0.0000015),
      "fast against default, n = 4 seeds: better: makespan_s by -0.00000150 s or less than 0.1 % (in every seed).",
    ],
    [
      "no difference",
      gains(4, () => 0),
      "fast against default, n = 4 seeds: equal in every seed: makespan_s.",
    ],
    [
      "one seed",
      gains(1, () => 5),
      "fast against default: one seed shows no more than luck may. Run more: --seeds 20.",
    ],
    [
      "nothing in common",
      seeds(
        1,
        () => ({}),
        () => ({ makespan_s: 1 }),
      ),
      "fast against default: no seed has figures of both, so nothing can be said.",
    ],
  ])("%s", (_, runs, text) => {
    expect(said(runs)).toEqual([text]);
  });

  test("one policy needs no judgement", () => {
    expect(said(gains(3, () => 1).filter(({ policy }) => policy === "fast"))).toEqual([]);
  });

  test("names the scenario where there are several", () => {
    const two = ["a", "b"].flatMap((workload) =>
      gains(2, () => 0).map((run) => ({ ...run, workload })),
    );
    expect(said(two)).toEqual([
      "a: fast against default, n = 2 seeds: equal in every seed: makespan_s.",
      "b: fast against default, n = 2 seeds: equal in every seed: makespan_s.",
    ]);
  });
});

describe("warnings", () => {
  test("means over other pods are no better or worse", () => {
    const figures = (n: number) => (seed: number) => ({
      scheduling_wait_mean_s: n / 10 + seed,
      scheduling_wait_n: n,
    });
    expect(said(seeds(3, figures(50), figures(30)))[1]).toBe(
      "Beware, fast against default: scheduling_wait_mean_s is not of the same pods or requests: " +
        "scheduling_wait_n is 30, not 50.",
    );
    expect(said(seeds(3, figures(50), figures(50)))).toHaveLength(1);
  });

  test("one line for all such metrics", () => {
    const figures = (n: number) => (seed: number) => ({
      ...{ makespan_s: seed, pods_finished: n },
      ...{ job_completion_mean_s: seed, job_completion_n: n / 2 },
    });
    expect(said(seeds(3, figures(4), figures(8)))[1]).toBe(
      "Beware, fast against default: makespan_s, job_completion_mean_s are not of the same pods or " +
        "requests: pods_finished is 8, not 4, job_completion_n is 4, not 2.",
    );
  });

  test("a makespan of fewer pods is no shorter way", () => {
    const figures = (finished: number) => (seed: number) => ({
      makespan_s: finished + seed,
      pods_finished: finished,
    });
    expect(said(seeds(3, figures(9), figures(8)))[1]).toContain("pods_finished is 8, not 9");
  });

  test("seeds that only one policy has", () => {
    const runs = gains(6, (seed) => seed).filter(
      ({ policy, seed }) => policy === "fast" || seed > "1",
    );
    expect(verdict(compare(runs, [], "default"))).toEqual([
      expect.stringContaining("n = 4 seeds"),
      "Beware, fast against default: seeds that only one of them has are left out of makespan_s.",
    ]);
  });

  test("seeds that change nothing", () => {
    const runs = seeds(
      5,
      () => ({ makespan_s: 10 }),
      () => ({ makespan_s: 9 }),
    );
    expect(said(runs)).toEqual([
      expect.stringContaining("(in every seed)"),
      expect.stringContaining("every seed gives the same figures"),
    ]);
  });
});
