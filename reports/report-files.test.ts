import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { defaultClusterOptions } from "../sim/options/index.ts";
import { makeNode, makePod } from "../test/builders.ts";
import { FactScript } from "../test/fact-script.ts";
import { latencySteps } from "./latency-recorder.ts";
import { type ReportFile, reportFiles } from "./report-columns.ts";
import { ReportFiles } from "./report-files.ts";
import { RunRecorder } from "./run-recorder.ts";
import { schedulerCounters, schedulerGauges, schedulerHistograms } from "./scheduler-metric-set.ts";
import { summaryMetrics } from "./summary-metrics.ts";

const resources = ["cpu", "memory", "alibabacloud.com/gpu-milli"];
const manifest = { version: "0.1.0", references: {}, inputs: [], configuration: { seeds: 2 } };

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "stowage-"));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

function writeReports(folder: string, only: readonly ReportFile[] = reportFiles): ReportFiles {
  const files = new ReportFiles({ directory: folder, resources, files: only, own: [] });
  for (const policy of ["default", "packing"])
    for (const seed of ["1", "2"]) {
      const labels = { policy, workload: "openb", seed };
      const sinks = files.sinks(labels);
      const scheduler = {
        profiles: [],
        nodeCosts: defaultClusterOptions.latency,
      };
      const options = { labels, resources, utilizationIntervalUs: 1000, scheduler, sinks };
      const recorder = new RunRecorder(options);
      const script = new FactScript();
      recorder.attach(script.trace);
      script.node("n1", makeNode("n1").cpu("4").build(), 0).created(makePod("a").build(), 500);
      files.addRun(recorder.finish({ endUs: 2000, events: 1 }));
    }
  return files;
}

const lines = (name: string) => readFileSync(join(directory, name), "utf8").trimEnd().split("\n");
const header = (file: ReportFile) => lines(`${file}.csv`)[0]?.split(",") ?? [];

/** Beside comparison.csv. */
const TEXTS = ["comparison.md", "comparison.tex"];

describe("ReportFiles", () => {
  test("puts all runs into one file of each kind, each row led by its run", () => {
    const { paths } = writeReports(directory).close(manifest);
    const names = reportFiles.map((file) => `${file}.csv`);
    expect(paths).toEqual([...names, ...TEXTS, "run.json"].map((name) => join(directory, name)));
    expect(readdirSync(directory).sort()).toEqual([...names, ...TEXTS, "run.json"].sort());
    for (const file of reportFiles.filter((name) => name !== "comparison"))
      expect(header(file).slice(0, 3)).toEqual(["policy", "workload", "seed"]);
    expect(
      lines("pods.csv")
        .slice(1)
        .map((line) => line.split(",", 3).join()),
    ).toEqual(["default,openb,1", "default,openb,2", "packing,openb,1", "packing,openb,2"]);
    expect(lines("utilization.csv")).toHaveLength(1 + 4 * 2);
    expect(lines("scheduler-metrics.csv")[1]).toMatch(
      /^default,openb,1,scheduler_pending_pods,queue=active,mean,,0$/,
    );
    expect(lines("runs.csv")).toHaveLength(1 + 4);
  });

  test("run.json holds configuration and digests, and is the same for the same runs", () => {
    writeReports(directory).close(manifest);
    const first = lines("run.json");
    const content = JSON.parse(first.join("\n")) as { runs: object[]; configuration: object };
    expect(content.configuration).toEqual({ seeds: 2 });
    expect(content.runs).toHaveLength(4);
    expect(content.runs[3]).toMatchObject({ policy: "packing", workload: "openb", seed: "2" });
    writeReports(directory).close(manifest);
    expect(lines("run.json")).toEqual(first);
  });

  test("an abort leaves nothing of this run, and results of an earlier one untouched", () => {
    writeFileSync(join(directory, "runs.csv"), "earlier\n");
    writeReports(directory).abort();
    expect(readdirSync(directory)).toEqual(["runs.csv"]);
    expect(lines("runs.csv")).toEqual(["earlier"]);
  });

  test("writes only the files that are asked for", () => {
    writeReports(directory, ["runs", "comparison"]).close(manifest);
    expect(readdirSync(directory).sort()).toEqual([
      "comparison.csv",
      ...TEXTS,
      "run.json",
      "runs.csv",
    ]);
  });

  test("a folder holds one experiment: what this one does not write does not stay", () => {
    writeReports(directory).close(manifest);
    writeFileSync(join(directory, "notes.csv"), "mine\n");
    writeReports(directory, ["runs"]).close(manifest);
    expect(readdirSync(directory).sort()).toEqual(["notes.csv", "run.json", "runs.csv"]);
  });

  test("no file gets its name before all are complete", () => {
    const files = writeReports(directory);
    mkdirSync(join(directory, "run.json.partial"));
    expect(() => files.close(manifest)).toThrow("run.json: cannot write the results");
    rmSync(join(directory, "run.json.partial"), { recursive: true });
    files.abort();
    expect(readdirSync(directory)).toEqual([]);
  });

  test("every column of every file is explained in docs/outputs.md", () => {
    writeReports(directory).close(manifest);
    const docs = readFileSync(new URL("../docs/outputs.md", import.meta.url), "utf8");
    const stems = /^(cpu|memory|gpu_milli)_(allocatable|requested|share|arrived|seconds)/;
    let seen = 0;
    for (const file of reportFiles) {
      const section = docs.split(/^## /m).find((part) => part.startsWith(`\`${file}.csv\``)) ?? "";
      for (const column of header(file)) {
        const written = column.replace(stems, "RESOURCE_$2");
        const isExplained = section.includes(`| \`${written}\` `);
        expect(isExplained, `${file}.csv: column ${column}`).toBe(true);
        seen++;
      }
    }
    expect(seen).toBeGreaterThan(90);
  });

  test("docs/outputs.md says of each figure of runs.csv what it is of, and its unit", () => {
    const docs = readFileSync(new URL("../docs/outputs.md", import.meta.url), "utf8");
    const section = docs.split(/^## /m).find((part) => part.startsWith("`runs.csv`")) ?? "";
    const rows = section.split("\n").map((line) => line.split("|").map((cell) => cell.trim()));
    for (const { name, unit, kind } of summaryMetrics(["cpu"])) {
      const written = `\`${name.replace(/^cpu_share/, "RESOURCE_share")}\``;
      const row = rows.find(([, column]) => column === written);
      expect(row?.slice(2, 4), name).toEqual([unit === "per_s" ? "1/s" : unit, kind]);
    }
  });

  test("every metric of scheduler-metrics.csv is explained in docs/outputs.md", () => {
    const docs = readFileSync(new URL("../docs/outputs.md", import.meta.url), "utf8");
    const histograms = Object.keys(schedulerHistograms);
    for (const metric of [...schedulerCounters, ...schedulerGauges, ...histograms])
      expect(docs.includes(`| \`scheduler_${metric}\` `), metric).toBe(true);
  });

  test("every step of latency.csv is explained in docs/outputs.md", () => {
    const docs = readFileSync(new URL("../docs/outputs.md", import.meta.url), "utf8");
    for (const step of latencySteps) expect(docs).toContain(`| \`${step}\` `);
  });
});
