import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { InputError } from "../../sim/kernel/index.ts";
import { resolveStudy, sweepFiles } from "../study/index.ts";
import { inProcessExecutor } from "./in-process.ts";
import { runStudy } from "./run-study.ts";
import type { Executor, RunTask, RunVerdict } from "./run-task.ts";
import type { Shard } from "./sweep.ts";

const STUDY = `
name: small
workload:
  synthetic:
    nodes: [{ name: n, count: 3, cpu: 4, memory: 8Gi }]
    pods: [{ name: p, count: 12, cpu: 1, arrivals: exponential(mean=1s), duration: 20s }]
clusters: { plain: {}, events: { events: true } }
parameters: { scheduler.percentageOfNodesToScore: [0, 50] }
policies: [default, most-allocated]
seeds: 2
`;

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "stowage-sweep-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const surroundings = {
  version: "1.2.3",
  loadPolicy: () => Promise.reject(new Error("no policy files here")),
  loadBalancer: () => Promise.reject(new Error("no balancers here")),
  breathe: async () => {},
};

interface Options {
  readonly executor?: Executor;
  readonly shard?: Shard;
  readonly signal?: AbortSignal;
  readonly text?: string;
  readonly out?: string;
}

async function sweep({ executor, shard, signal, text = STUDY, out = "out" }: Options = {}) {
  const file = join(folder, "study.yaml");
  writeFileSync(file, text);
  const study = await resolveStudy({
    file,
    flags: { out },
    workingDirectory: folder,
    files: sweepFiles(),
  });
  const notices: string[] = [];
  const result = await runStudy(
    { study, named: out, command: "stowage sweep study.yaml", shard },
    {
      ...surroundings,
      executor: executor ?? inProcessExecutor(surroundings),
      onProgress: () => {},
      onRunDone: () => {},
      notice: (notice) => notices.push(notice),
      signal: signal ?? new AbortController().signal,
    },
  );
  return { ...result, notices };
}

/** A hash per file of a folder, whatever its depth. */
function fingerprint(directory: string, prefix = ""): Record<string, string> {
  return Object.fromEntries(
    readdirSync(directory)
      .sort()
      .flatMap((name) => {
        const path = join(directory, name);
        if (statSync(path).isDirectory())
          return Object.entries(fingerprint(path, `${prefix}${name}/`));
        return [[prefix + name, createHash("sha256").update(readFileSync(path)).digest("hex")]];
      }),
  );
}

/** Counts what it is asked to run, and may break. */
function counting(
  hinder: (task: RunTask, count: number) => RunVerdict | undefined = () => undefined,
): Executor & { ran: string[] } {
  const inner = inProcessExecutor(surroundings);
  const ran: string[] = [];
  return {
    ...inner,
    ran,
    run: async (task, options) => {
      ran.push(task.key);
      return hinder(task, ran.length) ?? inner.run(task, options);
    },
  };
}

describe("a sweep", () => {
  test("runs policies x seeds at every point, and writes its tables", async () => {
    const { ran, found, missing, tables } = await sweep();
    expect({ ran, found, missing }).toEqual({ ran: 16, found: 0, missing: 0 });
    const out = join(folder, "out");
    expect(readdirSync(out).sort()).toEqual([
      ...["comparison.csv", "comparison.md", "comparison.tex", "failures.csv"].filter((name) =>
        readdirSync(out).includes(name),
      ),
      "runs",
      "runs.csv",
      "study.json",
    ]);
    const rows = readFileSync(join(out, "runs.csv"), "utf8").trim().split("\n");
    expect(rows).toHaveLength(1 + 16);
    expect(rows[0]).toMatch(
      /^policy,workload,cluster,scheduler\.percentageOfNodesToScore,seed,pods_created,/,
    );
    expect(rows[1]).toMatch(/^default,small,plain,0,1,12,/);
    expect(rows[16]).toMatch(/^most-allocated,small,events,50,2,12,/);
    expect(tables?.results.runs).toHaveLength(16);
  });

  test("gives the same bytes, however it is cut up, stopped and taken up again", async () => {
    await sweep({ out: "whole" });
    const halt = new AbortController();
    const executor = counting((_task, count) => {
      if (count === 6) halt.abort(new Error("stopped"));
      return undefined;
    });
    await expect(sweep({ out: "cut", executor, signal: halt.signal })).rejects.toThrow("stopped");
    const second = await sweep({ out: "cut", shard: { index: 2, count: 3 } });
    expect(second.tables).toBeUndefined();
    expect(second.missing).toBeGreaterThan(0);
    const rest = counting();
    const last = await sweep({ out: "cut", executor: rest });
    expect(last.found + last.ran).toBe(16);
    expect(rest.ran).toHaveLength(last.ran);
    expect(fingerprint(join(folder, "cut"))).toEqual(fingerprint(join(folder, "whole")));
  });

  test("never repeats a finished run; a damaged one is put aside and run again", async () => {
    await sweep();
    const again = counting();
    expect(await sweep({ executor: again })).toMatchObject({ ran: 0, found: 16 });
    expect(again.ran).toEqual([]);
    const runs = join(folder, "out", "runs");
    const [key = ""] = readdirSync(runs);
    writeFileSync(join(runs, key, "runs.csv"), "cut sh");
    const mended = counting();
    const { notices } = await sweep({ executor: mended });
    expect(mended.ran).toEqual([key]);
    expect(notices[0]).toMatch(/is damaged: runs\.csv has 6 bytes, want \d+\. It is put aside/);
    expect(readdirSync(runs)).toContain(`${key}.damaged-1`);
  });

  test("a failing run is told of, and the others go on", async () => {
    const executor = counting((_task, count) =>
      count === 3 ? { ok: false, message: "policy x: score: got NaN", isInput: true } : undefined,
    );
    const { ran, failures, tables } = await sweep({ executor });
    expect(ran).toBe(15);
    expect(failures).toEqual([
      {
        labels: {
          workload: "small",
          cluster: "plain",
          parameters: { "scheduler.percentageOfNodesToScore": "0" },
          policy: "most-allocated",
          seed: "1",
        },
        message: "policy x: score: got NaN",
      },
    ]);
    expect(tables?.results.failures[0]?.message).toBe("policy x: score: got NaN");
    expect(readFileSync(join(folder, "out", "failures.csv"), "utf8")).toContain("got NaN");
    expect(await sweep()).toMatchObject({ ran: 1, found: 15 });
  });

  test("runs with the same inputs are run once, under whatever names they are asked for", async () => {
    const text = STUDY.replace("events: { events: true }", "same: { events: false }");
    const { ran, tables } = await sweep({ text });
    expect(ran).toBe(8);
    expect(tables?.results.runs).toHaveLength(16);
  });

  test.each([
    ["policies: [default, most-allocated]", "policies: [defalt]", "Did you mean default?"],
    ["clusters:", "clustres:", 'unknown field "clustres". Did you mean "clusters"?'],
    [
      "scheduler.percentageOfNodesToScore",
      "scheduler.percentageOfNodesToScor",
      'unknown field "cluster.scheduler.percentageOfNodesToScor". Did you mean "percentageOf',
    ],
    [
      "[0, 50]",
      "[0, all]",
      'percentageOfNodesToScore: got "all", want a whole number from 0 to 100',
    ],
    ["[0, 50]", "[]", "parameters.scheduler.percentageOfNodesToScore: got an empty list, want"],
    ["{ plain: {}, events: { events: true } }", "{}", "clusters: got a mapping, want names with"],
  ])("refuses %s as %s", async (from, to, message) => {
    const refused = sweep({ text: STUDY.replace(from, to) });
    await expect(refused).rejects.toThrow(InputError);
    await expect(refused).rejects.toThrow(message);
  });
});
