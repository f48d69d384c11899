/**
 * Decisions recorded from kube-scheduler v1.30.6, all of them, in every mode of evaluation. The
 * runner is the one behind `stowage conformance`.
 */
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { runConformance } from "../../bench/conformance/index.ts";
import type { EvaluationMode } from "../../sim/scheduler/index.ts";

const folder = fileURLToPath(new URL("../reference/conformance/", import.meta.url));

/** Scenarios in each file: one that is left out is seen here. */
const SCENARIOS: Readonly<Record<string, number>> = {
  config: 18,
  containers: 18,
  "default-spread": 18,
  "edge-cases": 47,
  "host-ports": 15,
  "image-locality": 15,
  mixed: 25,
  "node-affinity": 18,
  nominated: 18,
  "pod-affinity": 20,
  preemption: 22,
  resources: 18,
  taints: 18,
  "topology-spread": 20,
  volumes: 18,
  "whole-trace": 2,
};
const MODES: readonly EvaluationMode[] = ["full", "incremental", "verify"];

test("every file of the folder is known", () => {
  const files = readdirSync(folder).filter((name) => name.endsWith(".jsonl.gz"));
  expect(files.sort()).toEqual(Object.keys(SCENARIOS).map((name) => `${name}.jsonl.gz`));
});

describe.each(MODES)("evaluation %s decides as kube-scheduler v1.30.6 did", (evaluation) => {
  test.each(Object.entries(SCENARIOS))("%s", async (name, scenarios) => {
    const failures: string[] = [];
    const result = await runConformance({
      files: [`${folder}${name}.jsonl.gz`],
      evaluation,
      scenarios: [],
      onFailure: (line) => failures.push(line.slice(folder.length)),
      breathe: async () => {},
    });
    expect(failures.slice(0, 5)).toEqual([]);
    expect(result).toEqual({ passed: scenarios, failed: 0 });
  });
});
