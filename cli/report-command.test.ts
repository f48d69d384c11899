import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { reportCommand } from "./report-command.ts";
import type { Terminal } from "./terminal.ts";

let folder = "";
let out = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "stowage-report-command-"));
  out = "";
  mkdirSync(join(folder, "my results"));
  const run = { policy: "default", workload: "w", seed: "1" };
  const digests = { digest_decisions: "d", digest_commits: "c" };
  const manifest = {
    ...{ stowage: "0.1.0", configuration: { name: "mine" }, resources: ["cpu"] },
    runs: [{ ...run, ...digests }],
  };
  writeFileSync(join(folder, "my results/run.json"), JSON.stringify(manifest));
  writeFileSync(
    join(folder, "my results/runs.csv"),
    "policy,workload,seed,makespan_s,digest_decisions,digest_commits\ndefault,w,1,5.5,d,c\n",
  );
});
afterEach(() => rmSync(folder, { recursive: true }));

const terminal = {
  isInteractive: false,
  out: (text: string) => {
    out += text;
  },
  err: () => {},
} as unknown as Terminal;

const report = (results: string, flags: Parameters<typeof reportCommand>[1] = {} as never) =>
  reportCommand(results, flags, {
    ...{ terminal, version: "0.1.0", signal: new AbortController().signal },
    ...{ debug: false, workingDirectory: folder },
  });

const flags = (given: object) => given as Parameters<typeof reportCommand>[1];

describe("stowage report", () => {
  test("writes beside the results, and lists what it wrote", async () => {
    await report("my results");
    expect(out).toContain("my results/report/index.html\n");
    expect(readdirSync(join(folder, "my results/report/figures")).sort()).toEqual([
      "ranking-makespan-s.csv",
      "ranking-makespan-s.png",
      "ranking-makespan-s.svg",
    ]);
  });

  test("writes one figure of one kind into another folder", async () => {
    await report(
      "my results",
      flags({ figure: ["ranking-makespan-s"], format: ["csv"], out: "there" }),
    );
    expect(out).toBe("Files:\n  there/figures/ranking-makespan-s.csv\n");
  });

  test("names the folder as the user did when it has no results", async () => {
    await expect(report("nothing")).rejects.toThrow(
      "nothing: has neither study.json nor run.json, want the output folder of stowage sweep",
    );
  });
});
