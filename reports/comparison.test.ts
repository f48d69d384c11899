import { describe, expect, test } from "vitest";
import { compare, comparisonColumns, comparisonRows, spreadOf } from "./comparison.ts";
import { comparisonTable } from "./comparison-table.ts";
import { studentT975 } from "./student-t.ts";
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

describe("spreadOf", () => {
  test.each([
    ["one value has no spread", [5], { n: 1, mean: 5, sd: undefined, ci95: undefined }],
    ["2 and 4", [2, 4], { n: 2, mean: 3, sd: Math.SQRT2, ci95: 12.706 }],
    ["missing values do not count", [undefined, 3, undefined], { n: 1, mean: 3 }],
  ])("%s", (_, sample, expected) => {
    expect(spreadOf(sample)).toMatchObject(expected);
  });

  test("nothing has no spread at all", () => {
    expect(spreadOf([undefined])).toBeUndefined();
  });
});

describe("studentT975", () => {
  test.each([
    [1, 12.706],
    [9, 2.262],
    [30, 2.042],
    [35, 2.042],
    [59, 2.021],
    [60, 2.0],
    [1000, 1.984],
  ])("%d degrees of freedom", (freedom, quantile) => {
    expect(studentT975(freedom)).toBe(quantile);
  });
});

describe("comparisonRows", () => {
  const rows = comparisonRows(compare(runs)).map((row) =>
    Object.fromEntries(comparisonColumns.map((name, i) => [name, row[i]])),
  );

  test("has a row per policy and metric that a run has, with mean and spread", () => {
    expect(rows.map((row) => `${row["policy"]} ${row["metric"]}`)).toEqual([
      "default pods_scheduled",
      "default gpu_milli_share_end",
      "packing pods_scheduled",
      "packing gpu_milli_share_end",
    ]);
    expect(rows[0]).toMatchObject({ n: 2, mean: "102.000000", sd: "2.828427", ci95: "25.412000" });
    expect(rows[0]).toMatchObject({ min: "100.000000", max: "104.000000", unit: "count" });
  });

  test("pairs each policy with the first one, seed by seed", () => {
    expect(rows[0]).toMatchObject({ baseline: "", diff_mean: "" });
    expect(rows[2]).toMatchObject({ baseline: "default", diff_n: 2, diff_mean: "0.000000" });
    expect(rows[3]).toMatchObject({ diff_mean: "0.050000", diff_ci95: "0.000000" });
  });

  test("does not depend on the order of seeds between policies", () => {
    const [a, b, c, d] = runs as [RunSummary, RunSummary, RunSummary, RunSummary];
    const differences = (order: RunSummary[]) => compare(order).map((one) => one.difference?.mean);
    expect(differences([a, b, d, c])).toEqual(differences(runs));
  });
});

describe("comparisonTable", () => {
  test("shows policies as rows, mean and deviation, and marks the best", () => {
    const text = comparisonTable(compare(runs));
    expect(text.split("\n")).toEqual([
      "openb",
      "policy   scheduled    gpu milli",
      "              pods     at end %",
      "-".repeat(32),
      "default    102±2.8  91.00±1.41",
      "packing    102±1.4  96.00±1.41*",
      "mean ± sample standard deviation over 2 seeds.   * best mean",
    ]);
  });

  test("writes no colour codes and, with one seed, no deviation", () => {
    const text = comparisonTable(compare(runs.filter(({ seed }) => seed === "1")));
    expect(text).not.toContain("\u001b");
    expect(text).not.toContain("±");
    expect(text).toContain("101*");
    expect(text).toContain("no spread is known");
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
