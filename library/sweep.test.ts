import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openResults, plan, report, sweep } from "../index.ts";

const experiment = {
  name: "study",
  workload: {
    synthetic: {
      nodes: [{ name: "node", count: 2, cpu: 4 }],
      pods: [{ name: "pod", count: 6, cpu: 1, arrivals: "exponential(mean=1s)" }],
    },
  },
  parameters: { events: [true, false] },
  horizon: "1m",
} as const;

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "stowage-library-sweep-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("plan and sweep", () => {
  test("a plan counts the runs; a sweep does them once; its results can be read and reported", async () => {
    const options = {
      experiment,
      policies: ["default", "most-allocated"],
      seeds: 2,
      out: "results",
      workingDirectory: folder,
    };
    const before = await plan(options);
    expect(before).toMatchObject({ name: "study", parameters: ["events"], done: 0, left: 8 });
    expect(before.runs[0]).toMatchObject({ policy: "default", parameters: { events: "true" } });

    const done: number[] = [];
    const first = await sweep({
      ...options,
      workers: 2,
      onProgress: (progress) => done.push(progress.done),
    });
    expect(first).toMatchObject({ ran: 8, found: 0, failures: [], missing: 0 });
    expect(done.at(-1)).toBe(8);
    expect(first.results?.runs).toHaveLength(8);
    expect(first.verdict).not.toEqual([]);
    expect(await sweep({ ...options, workers: 1 })).toMatchObject({ ran: 0, found: 8 });
    expect(await plan(options)).toMatchObject({ done: 8, left: 0 });

    const results = await openResults(join(folder, "results"));
    expect(results.runs.map(({ metrics }) => metrics["pods_created"])).toEqual(Array(8).fill(6));
    const [run] = results.runs;
    const rows = [];
    if (run !== undefined) for await (const row of results.rows("runs", run)) rows.push(row);
    expect(rows).toHaveLength(1);

    const { paths } = await report({
      results: join(folder, "results"),
      out: join(folder, "report"),
      figures: ["ranking-pods-scheduled-study-events-true"],
      formats: ["csv"],
    });
    expect(paths.map((path) => relative(folder, path))).toEqual([
      join("report", "figures", "ranking-pods-scheduled-study-events-true.csv"),
    ]);
  }, 120_000);

  test.each([
    ["an object as a policy", { policies: [{ name: "x" } as never] }, "policies: got an object"],
    ["no workers", { workers: 0 }, "workers: got 0, want a whole number, 1 or more"],
    ["a shard too many", { shard: { index: 3, count: 2 } }, "shard: got 3 of 2"],
    [
      "until with a shard",
      { until: "ci<1%", shard: { index: 1, count: 2 } },
      "until and shard: got both",
    ],
  ])("refuses %s", async (_case, wrong, message) => {
    const options = { experiment, out: "other", workingDirectory: folder, ...wrong };
    await expect(sweep(options)).rejects.toThrow(message);
  });
});

describe("openResults", () => {
  test("refuses a folder without results", async () => {
    writeFileSync(join(folder, "file"), "");
    await expect(openResults(folder)).rejects.toThrow("has neither study.json nor run.json");
  });
});
