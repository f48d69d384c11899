import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fingerprint } from "./folder-fingerprint.ts";
import { stowage, until } from "./programs.ts";

const STUDY = `
name: killed
workload:
  synthetic:
    nodes: [{ name: n, count: 20, cpu: 8, memory: 16Gi }]
    pods: [{ name: p, count: 4000, cpu: 1, arrivals: exponential(mean=100ms), duration: 9s }]
policies: [default, most-allocated]
seeds: 4
`;

describe("a sweep as a process", () => {
  let folder = "";
  const sweep = (out: string, ...flags: string[]) =>
    stowage(folder, "sweep", "study.yaml", "--out", out, "--quiet", ...flags);
  const finished = (out: string): string[] => {
    const runs = join(folder, out, "runs");
    return existsSync(runs) ? readdirSync(runs).filter((name) => !name.startsWith(".")) : [];
  };

  let whole: Record<string, string> = {};
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "stowage-sweep-"));
    writeFileSync(join(folder, "study.yaml"), STUDY);
    const { code, err } = await sweep("whole", "--workers", "1").ended;
    expect({ code, err }).toEqual({ code: 0, err: "" });
    whole = fingerprint(join(folder, "whole"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each([
    ["SIGKILL", null],
    ["SIGINT", 130],
  ] as const)("stopped by %s and begun again gives the same bytes", async (signal, code) => {
    const out = `after-${signal}`;
    const first = sweep(out);
    await until(() => finished(out).length >= 2, "two runs are done");
    first.child.kill(signal);
    expect((await first.ended).code).toBe(code);
    const second = await sweep(out).ended;
    expect(second.code).toBe(0);
    expect(second.out).toMatch(/[1-6] runs? done, [2-7] found done\./);
    expect(fingerprint(join(folder, out))).toEqual(whole);
  });

  test("by shards in any order gives the same bytes", async () => {
    for (const shard of ["3/3", "1/3", "2/3"])
      expect((await sweep("shards", "--shard", shard).ended).code).toBe(0);
    const { out } = await sweep("shards").ended;
    expect(out).toContain("0 runs done, 8 found done.");
    expect(fingerprint(join(folder, "shards"))).toEqual(whole);
  });

  test("a run that needs more memory than it has fails alone", async () => {
    const { code, err } = await sweep("small", "--memory", "20").ended;
    expect(code).toBe(1);
    expect(err).toContain("the run needs more than 20 MB. Give it more with --memory");
  });
});
