import { describe, expect, test } from "vitest";
import { type Comparison, compare as compareRuns } from "./comparison.ts";
import { comparisonColumns, comparisonRows } from "./comparison-rows.ts";
import { comparisonTable } from "./comparison-table.ts";
import type { RunSummary } from "./summary.ts";

function run(policy: string, seed: string, metrics: RunSummary["metrics"]): RunSummary {
  const use = { meanShare: 0, endShare: 0, endRequested: 0, endAllocatable: 1 };
  const resources = ["cpu", "memory", "x.io/gpu-milli"].map((resource) => ({ resource, ...use }));
  const digests = { decisions: "d", commits: "c" };
  return {
    policy,
    workload: "openb",
    seed,
    metrics,
    resources,
    digests,
    unplaced: [],
    refused: [],
    failedRequests: [],
  };
}

const runs = [
  run("default", "1", { pods_scheduled: 100, gpu_milli_share_end: 0.9, makespan_s: undefined }),
  run("default", "2", { pods_scheduled: 104, gpu_milli_share_end: 0.92 }),
  run("packing", "1", { pods_scheduled: 101, gpu_milli_share_end: 0.95 }),
  run("packing", "2", { pods_scheduled: 103, gpu_milli_share_end: 0.97 }),
];

const RESOURCES = ["cpu", "memory", "x.io/gpu-milli"];
const compare = (all: readonly RunSummary[]): Comparison[] => compareRuns(all, RESOURCES);

describe("comparisonRows", () => {
  const asObjects = (comparisons: readonly Comparison[], parameters: readonly string[] = []) =>
    comparisonRows(comparisons, parameters).map((row) =>
      Object.fromEntries(comparisonColumns(parameters).map((name, i) => [name, row[i]])),
    );
  const rows = asObjects(compare(runs));
  const value = (policy: string, metric: string, statistic: string) =>
    rows.find(
      (row) =>
        row["policy"] === policy && row["metric"] === metric && row["statistic"] === statistic,
    )?.["value"];

  test("has rows for each policy and metric that a run has, one for each statistic", () => {
    expect([...new Set(rows.map((row) => `${row["policy"]} ${row["metric"]}`))]).toEqual([
      "default pods_scheduled",
      "default gpu_milli_share_end",
      "packing pods_scheduled",
      "packing gpu_milli_share_end",
    ]);
    expect(rows[0]).toEqual({
      ...{ workload: "openb", cluster: "", policy: "default", baseline: "" },
      ...{ metric: "pods_scheduled", unit: "count", statistic: "mean", value: "102.000000", n: 2 },
    });
    expect(value("default", "pods_scheduled", "sd")).toBe("2.828427");
    expect(value("default", "pods_scheduled", "ci95_low")).toBe("76.587591");
    expect(value("default", "pods_scheduled", "max")).toBe("104.000000");
  });

  test("pairs each policy with the first one, seed by seed", () => {
    expect(value("default", "pods_scheduled", "diff_mean")).toBeUndefined();
    expect(value("packing", "pods_scheduled", "diff_mean")).toBe("0.000000");
    expect(value("packing", "gpu_milli_share_end", "diff_mean")).toBe("0.050000");
    expect(value("packing", "gpu_milli_share_end", "diff_ci95_high")).toBe("0.050000");
    expect(rows.filter((row) => row["statistic"] === "holm_p")).toMatchObject([
      { policy: "packing", baseline: "default", metric: "pods_scheduled", value: "1" },
      { metric: "gpu_milli_share_end" },
    ]);
  });

  test("does not depend on the order of seeds between policies", () => {
    const [a, b, c, d] = runs as [RunSummary, RunSummary, RunSummary, RunSummary];
    const differences = (order: RunSummary[]) => compare(order).map((one) => one.difference?.mean);
    expect(differences([a, b, d, c])).toEqual(differences(runs));
  });

  test("compares with the policy that is asked for, though it comes last or is not there", () => {
    const against = (baseline: string, all = runs) =>
      compareRuns(all, RESOURCES, baseline)
        .filter(({ metric }) => metric.name === "gpu_milli_share_end")
        .map((each) => [each.policy, each.baseline, each.difference?.n]);
    expect(against("packing")).toEqual([
      ["default", "packing", 2],
      ["packing", undefined, undefined],
    ]);
    expect(against("default", runs.slice(2))).toEqual([["packing", "default", undefined]]);
  });

  test("corrects the p-values of one metric for the number of policies", () => {
    const three = ["a", "b", "c"].flatMap((policy, i) =>
      [1, 2, 3, 4].map((seed) =>
        run(policy, String(seed), { makespan_s: 100 + seed + i * (5 + (seed % 2)) }),
      ),
    );
    const [, b, c] = compare(three).filter(({ metric }) => metric.name === "makespan_s");
    const pOf = (one: Comparison | undefined) => one?.difference?.tP ?? Number.NaN;
    const smallest = Math.min(pOf(b), pOf(c));
    expect(smallest).toBeGreaterThan(0);
    expect(b?.difference?.holmP).toBeCloseTo(2 * smallest, 12);
    expect(c?.difference?.holmP).toBeCloseTo(2 * smallest, 12);
  });

  test("writes p-values with four digits, however small", () => {
    const clear = [1, 2, 3, 4, 5, 6].flatMap((seed) => [
      run("default", String(seed), { makespan_s: 1000 + seed }),
      run("fast", String(seed), { makespan_s: 1 + seed * 1.001 }),
    ]);
    const found = asObjects(compare(clear)).filter((row) =>
      String(row["statistic"]).endsWith("_p"),
    );
    expect(found.map((row) => row["value"])).toEqual([
      expect.stringMatching(/^\d\.\d{1,3}e-\d+$/),
      "0.03125",
      expect.stringMatching(/^\d\.\d{1,3}e-\d+$/),
    ]);
  });

  test("compares policies within a cluster and a set of parameters, never across", () => {
    const inZones = (parameters: Record<string, string>, cluster: string, scheduled: number) =>
      [0, 1].flatMap((seed) =>
        ["default", "packing"].map((policy, i) => ({
          ...run(policy, String(seed), { pods_scheduled: scheduled + i + seed }),
          ...{ cluster, parameters },
        })),
      );
    const found = asObjects(
      compare([...inZones({ x: "1" }, "small", 10), ...inZones({ x: "2" }, "small", 50)]),
      ["x"],
    ).filter((row) => row["statistic"] === "mean" || row["statistic"] === "diff_mean");
    expect(found.map((row) => [row["x"], row["policy"], row["statistic"], row["value"]])).toEqual([
      ["1", "default", "mean", "10.500000"],
      ["1", "packing", "mean", "11.500000"],
      ["1", "packing", "diff_mean", "1.000000"],
      ["2", "default", "mean", "50.500000"],
      ["2", "packing", "mean", "51.500000"],
      ["2", "packing", "diff_mean", "1.000000"],
    ]);
  });
});

describe("comparisonTable", () => {
  test("shows policies as rows, mean and interval, and marks the best", () => {
    const text = comparisonTable(compare(runs));
    expect(text.split("\n")).toEqual([
      "openb",
      "policy   scheduled     gpu milli",
      "              pods      at end %",
      "-".repeat(33),
      "default   102±25.4  91.00±12.71",
      "packing   102±12.7  96.00±12.71*",
      "mean ± half of its 95 % interval, n = 2 seeds.   * best mean",
    ]);
  });

  test("writes no colour codes and, with one seed, no deviation", () => {
    const text = comparisonTable(compare(runs.filter(({ seed }) => seed === "1")));
    expect(text).not.toContain("\u001b");
    expect(text).not.toContain("±");
    expect(text).toContain("101*");
    expect(text).toContain("no interval is known");
  });

  test("says of how many seeds the figures are, where not all have them", () => {
    const three = ["1", "2", "3"].map((seed) =>
      run("default", seed, { pods_scheduled: 5, makespan_s: seed === "1" ? undefined : 9 }),
    );
    expect(comparisonTable(compare(three))).toContain("n = 2 to 3 seeds");
  });

  test("shows the longest wait where the table stays within 110 columns", () => {
    const waits = { scheduling_wait_mean_s: 1.5, scheduling_wait_max_s: 7200 };
    const narrow = comparisonTable(compare([run("default", "1", waits)]));
    expect(narrow).toMatch(/wait mean +wait max\n/);
    expect(narrow).toMatch(/1\.50 +7200\n/);
    const wide = comparisonTable(compare([run("p".repeat(95), "1", waits)]));
    expect(wide).toContain("wait mean");
    expect(wide).not.toContain("wait max");
  });

  test("shows failures where there were some, and leaves out goodput before it gets too wide", () => {
    const traffic = (errors: number) => ({
      ...{ service_request_p50_s: 0.01, service_request_p99_s: 0.05 },
      ...{ service_request_error_share: errors, service_request_goodput_per_s: 99.5 },
    });
    const clean = comparisonTable(compare([run("default", "1", traffic(0))]));
    expect(clean).toMatch(/request p99 +goodput\n/);
    const failing = [run("default", "1", traffic(0.02)), run("random", "1", traffic(0.01))];
    expect(comparisonTable(compare(failing))).toMatch(/random +0\.010 +0\.050 +1\.00\* +99\.50/);
    const wide = comparisonTable(compare([run("p".repeat(82), "1", traffic(0.02))]));
    expect(wide).toContain("failed %");
    expect(wide).not.toContain("goodput");
  });

  test.each([
    ["says how many pods each policy preempted", 3, /preempted\n.* pods\n[\s\S]*default +3\*\n/],
    ["says nothing about preemption where there was none", 0, /^(?![\s\S]*preempted)/],
  ])("%s", (_, pods, text) => {
    const none = run("random", "1", { pods_preempted: pods * 2 });
    expect(comparisonTable(compare([run("default", "1", { pods_preempted: pods }), none]))).toMatch(
      text,
    );
  });

  test("says nothing about makespans that no run has", () => {
    expect(comparisonTable(compare(runs))).not.toContain("makespan");
  });
});
