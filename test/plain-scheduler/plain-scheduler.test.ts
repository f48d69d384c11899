/**
 * Two readings of kube-scheduler v1.30 against each other and against the recordings: the plain
 * scheduler does what is recorded, and the simulator does what the plain scheduler does on scenarios
 * that nobody recorded. A random scenario is named kind-size-seed: randomScenario gives it again.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runConformance } from "../../bench/conformance/index.ts";
import type { EvaluationMode } from "../../sim/scheduler/index.ts";
import {
  type Expected,
  type RandomScenarioRequest,
  randomScenario,
  runPlainScheduler,
} from "./index.ts";

const recordings = fileURLToPath(new URL("../reference/conformance/", import.meta.url));
const files = readdirSync(recordings).filter((name) => name.endsWith(".jsonl.gz"));

interface Recording {
  readonly scenario: { readonly name: string };
  readonly expected: Expected;
}

const readRecordings = (file: string): readonly Recording[] =>
  gunzipSync(readFileSync(join(recordings, file)))
    .toString()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Recording);

describe("the plain scheduler does what kube-scheduler v1.30.6 was recorded to do", () => {
  test("there are recordings", () => {
    expect(files).toHaveLength(16);
  });

  test.each(files.filter((file) => file !== "whole-trace.jsonl.gz"))("%s", (file) => {
    for (const { scenario, expected } of readRecordings(file)) {
      const got = runPlainScheduler(scenario);
      expect({ name: scenario.name, ...got }).toEqual({ name: scenario.name, ...expected });
    }
  });

  test("whole-trace.jsonl.gz, whose steps are short", () => {
    for (const { scenario, expected } of readRecordings("whole-trace.jsonl.gz")) {
      const { steps, finalBindings } = runPlainScheduler(scenario);
      const short = steps.map(({ pod, outcome, chosen, feasible, totals, best }) => ({
        pod,
        outcome,
        chosen,
        feasibleCount: feasible.length,
        bestTotal: totals && Math.max(...Object.values(totals)),
        bestCount: best?.length,
      }));
      expect({ steps: short, finalBindings }).toMatchObject(expected);
    }
  });
});

type Batch = Omit<RandomScenarioRequest, "seed"> & {
  readonly count: number;
  /** Further seeds, for what comes up rarely. */
  readonly also?: readonly number[];
};

const BATCHES: readonly Batch[] = [
  // Spreading in a what-if beside pods that are terminating.
  { kind: "general", size: "small", count: 80, also: [147, 343] },
  { kind: "preemption", size: "small", count: 80 },
  { kind: "volumes", size: "small", count: 80 },
  { kind: "general", size: "large", count: 6 },
  { kind: "preemption", size: "large", count: 6 },
  { kind: "volumes", size: "large", count: 6 },
];
const MODES: readonly EvaluationMode[] = ["full", "incremental"];

const folder = mkdtempSync(join(tmpdir(), "plain-scheduler-"));
const fileOf = ({ kind, size }: Batch): string => join(folder, `${kind}-${size}.jsonl`);
const expectations: Expected[] = [];

beforeAll(() => {
  for (const batch of BATCHES) {
    const { kind, size, count, also = [] } = batch;
    const seeds = [...Array(count).keys(), ...also];
    const lines = seeds.map((seed) => {
      const scenario = randomScenario({ kind, size, seed });
      const expected = runPlainScheduler(scenario);
      expectations.push(expected);
      return `${JSON.stringify({ scenario, expected })}\n`;
    });
    writeFileSync(fileOf(batch), lines.join(""));
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("random scenarios", () => {
  const steps = () => expectations.flatMap((expected) => expected.steps);

  test("have every outcome, preemption and bindings of volumes among them", () => {
    const seen = new Set<string>();
    for (const { outcome, postFilter, afterPreemption, volumes, nominatedNodeOnly } of steps()) {
      seen.add(outcome);
      if (postFilter?.nominatedNode !== undefined) seen.add("nominates");
      if (postFilter?.nodeStatuses !== undefined) seen.add("in vain");
      if ((postFilter?.bestNodes ?? []).length > 1) seen.add("equal candidates");
      const candidates = Object.values(postFilter?.candidates ?? {});
      if (candidates.some(({ numPDBViolations }) => numPDBViolations > 0)) seen.add("budget");
      if (afterPreemption?.outcome === "scheduled") seen.add("scheduled after preemption");
      if (nominatedNodeOnly) seen.add("nominated node only");
      if (volumes?.static !== undefined) seen.add("static");
      if (volumes?.dynamic !== undefined) seen.add("dynamic");
    }
    expect([...seen].sort()).toEqual([
      "budget",
      "dynamic",
      "equal candidates",
      "gated",
      "ignored",
      "in vain",
      "nominated node only",
      "nominates",
      "scheduled",
      "scheduled after preemption",
      "static",
      "unschedulable",
    ]);
  });

  test("are rejected by every filter", () => {
    const seen = new Set<string>();
    for (const { preFilter, filtered = {} } of steps()) {
      if (preFilter?.plugin !== undefined) seen.add(`${preFilter.plugin} preFilter`);
      for (const { plugin = "" } of Object.values(filtered)) seen.add(plugin);
    }
    expect([...seen].sort()).toEqual([
      "AzureDiskLimits",
      "EBSLimits",
      "GCEPDLimits",
      "InterPodAffinity",
      "NodeAffinity",
      "NodeAffinity preFilter",
      "NodeName",
      "NodePorts",
      "NodeResourcesFit",
      "NodeUnschedulable",
      "NodeVolumeLimits",
      "PodTopologySpread",
      "TaintToleration",
      "VolumeBinding",
      "VolumeBinding preFilter",
      "VolumeRestrictions",
      "VolumeRestrictions preFilter",
      "VolumeZone",
      "VolumeZone preFilter",
    ]);
  });

  test("get different scores from every plugin", () => {
    const seen = new Set<string>();
    for (const { scores = {} } of steps()) {
      const [first = {}, ...others] = Object.values(scores);
      for (const [plugin, score] of Object.entries(first)) {
        if (others.some((other) => other[plugin] !== score)) seen.add(plugin);
      }
    }
    expect([...seen].sort()).toEqual([
      "ImageLocality",
      "InterPodAffinity",
      "NodeAffinity",
      "NodeResourcesBalancedAllocation",
      "NodeResourcesFit",
      "PodTopologySpread",
      "TaintToleration",
    ]);
  });
});

describe.each(MODES)("evaluation %s does what the plain scheduler does", (evaluation) => {
  test.each(BATCHES)("$kind, $size", async (batch) => {
    const failures: string[] = [];
    const result = await runConformance({
      files: [fileOf(batch)],
      evaluation,
      scenarios: [],
      onFailure: (line) => failures.push(line.slice(folder.length + 1)),
      breathe: async () => {},
    });
    expect(failures.slice(0, 5)).toEqual([]);
    expect(result).toEqual({ passed: batch.count + (batch.also ?? []).length, failed: 0 });
  });
});
