import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compare, definePlugin, type Recorder, simulate } from "../index.ts";

/** Six jobs for two places at a time: some wait. */
const experiment = {
  name: "crowded",
  workload: {
    synthetic: {
      nodes: [{ name: "node", count: 2, cpu: 1 }],
      jobs: [{ name: "job", count: 6, cpu: 1, arrivals: "1s", duration: "5s" }],
    },
  },
};

/** The most pods that were bound and not finished at one time. */
const crowd: Recorder = {
  name: "crowd",
  metrics: { crowd_most: { unit: "count", better: "lower" } },
  attach(trace) {
    let now = 0;
    let most = 0;
    trace.binding.subscribe(() => {
      most = Math.max(most, ++now);
    });
    trace.podFinished.subscribe(() => now--);
    return () => ({ crowd_most: most });
  },
};

const lastNode = definePlugin({
  name: "LastNode",
  locality: "node",
  score: (_pod, node) => (node.name === "node-1" ? 100 : 0),
});

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "stowage-library-"));
  writeFileSync(join(folder, "e.yaml"), JSON.stringify(experiment)); // JSON is YAML
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("simulate", () => {
  test("gives the figures, digests and rows of one run, and writes nothing", async () => {
    const empty = mkdtempSync(join(folder, "empty-"));
    const rows = ["pods", "runs"] as const;
    const run = await simulate({ experiment, seed: 7, rows, workingDirectory: empty });
    expect([run.policy, run.workload, run.seed]).toEqual(["default", "crowded", "7"]);
    expect(run.metrics["pods_finished"]).toBe(6);
    expect(run.digests.commits).toMatch(/^[0-9a-f]{16}$/);
    expect(run.rows.pods?.map((row) => row["phase"])).toEqual(Array(6).fill("Succeeded"));
    expect(run.rows.runs).toHaveLength(1);
    expect(Number(run.rows.runs?.[0]?.["makespan_s"])).toBeCloseTo(
      run.metrics["makespan_s"] ?? 0,
      6,
    );
    expect(Object.keys(run.rows)).toEqual(["pods", "runs"]);
    expect(run.paths).toEqual([]);
    expect(readdirSync(empty)).toEqual([]);
  });

  test("gives the same run for a file as for its settings", async () => {
    const fromFile = await simulate({ experiment: "e.yaml", workingDirectory: folder });
    const inline = await simulate({ experiment });
    expect(fromFile.digests).toEqual(inline.digests);
  });

  test("writes the folder that `stowage run` writes; the same rows are in memory", async () => {
    const { paths, rows } = await simulate({
      experiment,
      out: "run",
      rows: ["runs", "comparison"],
      workingDirectory: folder,
    });
    expect(paths).toContain(join(folder, "run", "run.json"));
    for (const file of ["runs", "comparison"] as const) {
      const lines = readFileSync(join(folder, "run", `${file}.csv`), "utf8")
        .trim()
        .split("\n");
      const columns = (lines[0] ?? "").split(",");
      const cells = lines.slice(1).map((line) => line.split(","));
      expect(rows[file]?.map((row) => columns.map((column) => row[column]))).toEqual(cells);
    }
  });

  test("takes settings by path, and a horizon in microseconds or as text", async () => {
    const set = { "kubelet.imagePullMbitPerSecond": 1, "workload.synthetic.jobs[0].count": 1 };
    const { metrics } = await simulate({ experiment, set: {}, horizon: 3_000_000 });
    expect(metrics["virtual_s"]).toBe(3);
    expect((await simulate({ experiment, horizon: "3s" })).metrics["virtual_s"]).toBe(3);
    const unknown = simulate({ experiment, set });
    await expect(unknown).rejects.toThrow('unknown field "cluster.kubelet.imagePullMbitPerSecond"');
    const one = await simulate({
      experiment,
      set: { "workload.synthetic.jobs[0].count": 1 },
    });
    expect(one.metrics["pods_created"]).toBe(1);
  });

  test.each([
    ["a name", "most-allocated", "most-allocated"],
    ["a plugin", lastNode, "LastNode"],
    ["what a file exports, with a name", { name: "mine", policy: [lastNode] }, "mine"],
  ])("takes as a policy %s", async (_case, policy, label) => {
    const run = await simulate({ experiment, policy, rows: ["pods"] });
    expect(run.policy).toBe(label);
    if (policy === "most-allocated") return;
    expect(run.rows.pods?.[0]?.["node"]).toBe("node-1");
  });

  test("joins the metrics of own recorders to those of the run", async () => {
    const run = await simulate({ experiment, recorders: [crowd], rows: ["runs", "comparison"] });
    expect(run.metrics["crowd_most"]).toBe(2);
    expect(run.rows.runs?.[0]?.["crowd_most"]).toBe("2");
    expect(run.rows.comparison?.some((row) => row["metric"] === "crowd_most")).toBe(true);
  });

  test.each([
    ["two policies", { ...experiment, policies: ["default", "random"] }, "has 2 policies and 1 se"],
    ["a matrix", { ...experiment, parameters: { horizon: ["1s", "2s"] } }, "a matrix of 2 points"],
    ["an unknown field", { wrkload: {} }, 'unknown field "wrkload". Did you mean "workload"?'],
    ["nothing", {}, "workload: got none, want one"],
    ["no settings", 7, "experiment: got number, want the path of an experiment file"],
  ])("refuses %s", async (_case, wrong, message) => {
    await expect(simulate({ experiment: wrong as never })).rejects.toThrow(message);
    await expect(simulate({ experiment: wrong as never })).rejects.toHaveProperty(
      "name",
      "InputError",
    );
  });

  test("stops when it is told to", async () => {
    const stop = new AbortController();
    stop.abort(new Error("enough"));
    await expect(simulate({ experiment, signal: stop.signal })).rejects.toThrow("enough");
  });
});

describe("compare", () => {
  test("runs each policy with each seed, and judges own metrics, too", async () => {
    const result = await compare({
      experiment,
      policies: ["default", lastNode],
      seeds: [1, "two"],
      recorders: [crowd],
    });
    expect(result.runs.map(({ policy, seed }) => `${policy} ${seed}`)).toEqual([
      ...["default 1", "default two"],
      ...["LastNode 1", "LastNode two"],
    ]);
    const own = result.comparisons.filter(({ metric }) => metric.name === "crowd_most");
    expect(own.map(({ policy, spread }) => [policy, spread?.mean, spread?.n])).toEqual([
      ["default", 2, 2],
      ["LastNode", 2, 2],
    ]);
    expect(result.verdict.join()).toContain("crowd_most");
    expect(result.table).toContain("crowd most");
  });

  test("refuses two policies of one name", async () => {
    const policies = [lastNode, { name: "LastNode", policy: lastNode }];
    await expect(compare({ experiment, policies })).rejects.toThrow('got "LastNode" twice');
  });

  test("gives each run a recorder of its own", async () => {
    const { runs } = await compare({ experiment, seeds: 3, recorders: [crowd] });
    expect(runs.map(({ metrics }) => metrics["crowd_most"])).toEqual([2, 2, 2]);
  });
});
