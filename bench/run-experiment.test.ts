import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { configureScheduler } from "../policies/index.ts";
import type { ExperimentFlags } from "./experiment-flags.ts";
import { resolveExperiment } from "./resolve-experiment.ts";
import { runExperiment } from "./run-experiment.ts";
import type { RunHooks } from "./run-hooks.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "stowage-run-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const JOBS = `workload:
  synthetic:
    nodes: [{ name: n, count: 2, cpu: 4 }]
    jobs: [{ name: j, count: 4, arrivals: 1s, duration: 5s }]
`;
const CROWDED = `${JOBS}    pods: [{ name: huge, cpu: 64, arrivals: 1s }]\n`;

async function experimentOf(yaml: string, flags: ExperimentFlags = {}) {
  writeFileSync(join(folder, "e.yaml"), yaml);
  return resolveExperiment({
    file: "e.yaml",
    flags: { out: "out", ...flags },
    workingDirectory: folder,
  });
}

const heard: string[] = [];
const hooks = (signal = new AbortController().signal): RunHooks => ({
  version: "0",
  loadPolicy: () => Promise.reject(new Error("no policy file is named")),
  loadBalancer: () => Promise.reject(new Error("no balancer file is named")),
  onRunStart: ({ run, runs }) => heard.push(`start ${run}/${runs}`),
  onProgress: () => {},
  onRunDone: ({ run, runs }) => heard.push(`done ${run}/${runs}`),
  breathe: () => Promise.resolve(),
  notice: () => {},
  signal,
});

const virtualSeconds = async (flags: ExperimentFlags, yaml = JOBS) => {
  const { summaries } = await runExperiment(await experimentOf(yaml, flags), hooks());
  return summaries.map(({ metrics }) => metrics["virtual_s"]);
};

describe("a run ends", () => {
  const policy = ["default", "most-allocated"];

  test("when nothing is left to do, without a horizon", async () => {
    for (const end of await virtualSeconds({ policy })) expect(end).toBeLessThan(60);
  });

  test("at the horizon, whatever is left to do", async () => {
    expect(await virtualSeconds({ policy, horizon: "10m" })).toEqual([600, 600]);
    expect(await virtualSeconds({ policy, horizon: "10m" }, CROWDED)).toEqual([600, 600]);
    expect(await virtualSeconds({ policy, horizon: "2s" })).toEqual([2, 2]);
  });

  test("at the horizon in every file: all policies are measured over the same time", async () => {
    await runExperiment(await experimentOf(JOBS, { policy, horizon: "10m" }), hooks());
    const rows = readFileSync(join(folder, "out", "utilization.csv"), "utf8")
      .trim()
      .split("\n");
    expect(rows).toHaveLength(1 + 2 * 10);
    expect(rows.filter((row) => row.includes(",540.000000,600.000000,"))).toHaveLength(2);
  });

  test("at the horizon with its periodic chores done: what fits nowhere is tried again", async () => {
    const attempts = async (horizon: string) => {
      const { summaries } = await runExperiment(await experimentOf(CROWDED, { horizon }), hooks());
      return summaries[0]?.metrics["attempts_failed"] ?? 0;
    };
    expect(await attempts("30m")).toBeGreaterThan(await attempts("1m"));
  });
});

describe("a scheduler configuration as policy", () => {
  async function runConfigured(configuration: object): Promise<readonly string[]> {
    writeFileSync(join(folder, "s.yaml"), "");
    const notices: string[] = [];
    const experiment = await experimentOf(CROWDED, { policy: ["./s.yaml"], horizon: "3m" });
    const { summaries } = await runExperiment(experiment, {
      ...hooks(),
      loadPolicy: async () => ({ ...configureScheduler(configuration, () => ""), sha256: "0" }),
      notice: (text) => notices.push(text),
    });
    return [...notices, `${summaries[0]?.metrics["attempts_failed"]} failed attempts`];
  }

  test("sets back-off; what has no effect is said", async () => {
    const failed = async (configuration: object) => (await runConfigured(configuration)).at(-1);
    const slow = { podInitialBackoffSeconds: 100, podMaxBackoffSeconds: 100 };
    expect(await failed(slow)).not.toBe(await failed({}));
    expect(await runConfigured({ parallelism: 4 })).toContain(
      "s: without meaning in a simulation: parallelism",
    );
  });
});

describe("runExperiment", () => {
  test("tells of each run, and of pods that fit nowhere with the place they come from", async () => {
    heard.length = 0;
    const { summaries } = await runExperiment(await experimentOf(CROWDED, { seeds: 2 }), hooks());
    expect(heard).toEqual(["start 1/2", "done 1/2", "start 2/2", "done 2/2"]);
    for (const { unplaced } of summaries)
      expect(unplaced).toMatchObject([{ pods: 1, isTooLarge: true }]);
  });

  test("always writes run.json, and of the other files those that are asked for", async () => {
    const yaml = `${JOBS}outputs: { files: [pods] }\n`;
    await runExperiment(await experimentOf(yaml), hooks());
    expect(readdirSync(join(folder, "out")).sort()).toEqual(["pods.csv", "run.json"]);
  });

  test("counts in scheduler-metrics.csv what the other files count", async () => {
    const { summaries } = await runExperiment(await experimentOf(CROWDED), hooks());
    const { attempts, attempts_failed, pods_never_scheduled } = summaries[0]?.metrics ?? {};
    const text = readFileSync(join(folder, "out", "scheduler-metrics.csv"), "utf8");
    const rows = text.split("\n").map((line) => line.split(",").slice(3));
    const sum = (metric: string, labels: RegExp, statistic: string) =>
      rows
        .filter(([name, label = "", of]) => {
          return name === `scheduler_${metric}` && labels.test(label) && of === statistic;
        })
        .reduce((total, row) => total + Number(row[4]), 0);
    expect(sum("schedule_attempts_total", /./, "total")).toBe(attempts);
    expect(sum("schedule_attempts_total", /unschedulable/, "total")).toBe(attempts_failed);
    expect(sum("queue_incoming_pods_total", /queue=active/, "total")).toBe(attempts);
    expect(sum("queue_incoming_pods_total", /ScheduleAttemptFailure/, "total")).toBe(
      attempts_failed,
    );
    expect(sum("pending_pods", /./, "end")).toBe(pods_never_scheduled);
    const filtered = /extension_point=Filter;/;
    const cycles = "framework_extension_point_duration_seconds";
    expect(sum(cycles, filtered, "count")).toBe(attempts);
    const plugins = sum("plugin_execution_duration_seconds", filtered, "sum");
    expect(plugins).toBeCloseTo(sum(cycles, filtered, "sum"), 4);
  });

  test("that is stopped leaves nothing", async () => {
    const stop = new AbortController();
    const stopping = { ...hooks(stop.signal), onRunDone: () => stop.abort(new Error("enough")) };
    const experiment = await experimentOf(JOBS, { seeds: 2 });
    await expect(runExperiment(experiment, stopping)).rejects.toThrow("enough");
    expect(readdirSync(join(folder, "out"))).toEqual([]);
  });
});

describe("what a policy is not", () => {
  const notices = async (yaml: string): Promise<string[]> => {
    const said: string[] = [];
    const notice = (text: string): number => said.push(text);
    await runExperiment(await experimentOf(yaml), { ...hooks(), notice });
    return said;
  };
  const random = `${JOBS}policies: [random]\n`;

  test("is said of random where ties leave nothing to draw", async () => {
    const cluster = "cluster: { scheduler: { ties: lowest-name } }\n";
    expect(await notices(random + cluster)).toEqual([expect.stringContaining("first fit by name")]);
    expect(await notices(random)).toEqual([]);
  });
});
