import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { storyText } from "../../reports/index.ts";
import { quietHooks as hooks } from "../../test/quiet-hooks.ts";
import { resolveExperiment } from "../resolve-experiment.ts";
import { runExperiment } from "../run-experiment.ts";
import { explainPod } from "./explain-pod.ts";

/** Three nodes: n1 is small, n2 is tainted, n3 is large and holds a pod of low priority. */
const MANIFESTS = `
apiVersion: v1
kind: Node
metadata: { name: n1 }
status: { allocatable: { cpu: "2", memory: 4Gi, pods: "10" } }
---
apiVersion: v1
kind: Node
metadata: { name: n2 }
spec: { taints: [{ key: dedicated, value: db, effect: NoSchedule }] }
status: { allocatable: { cpu: "16", memory: 32Gi, pods: "10" } }
---
apiVersion: v1
kind: Node
metadata: { name: n3 }
status: { allocatable: { cpu: "8", memory: 16Gi, pods: "10" } }
`;
const pod = (name: string, cpu: string, extra = "") => `
apiVersion: v1
kind: Pod
metadata: { name: ${name} }
spec:
${extra}  containers: [{ name: main, image: busybox, resources: { requests: { cpu: "${cpu}", memory: 1Gi } } }]
`;
const PODS = [
  "apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: { name: high }\nvalue: 1000\n",
  pod("small", "1"),
  pod("low", "6"),
  pod("huge", "9"),
  pod("urgent", "7", "  priorityClassName: high\n"),
].join("---");

const EXPERIMENT = `
name: shop
workload: { manifests: { nodes: [nodes.yaml], manifests: [pods.yaml], gap: 1s } }
cluster: { scheduler: { ties: lowest-name } }
horizon: 2m
`;

let folder = "";
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "stowage-explain-"));
  writeFileSync(join(folder, "nodes.yaml"), MANIFESTS);
  writeFileSync(join(folder, "pods.yaml"), PODS);
  await run("default", "a");
  await run("most-allocated", "b");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(policy: string, out: string): Promise<void> {
  writeFileSync(join(folder, "experiment.yaml"), EXPERIMENT);
  const experiment = await resolveExperiment({
    file: join(folder, "experiment.yaml"),
    flags: { policy: [policy], out },
    workingDirectory: folder,
  });
  await runExperiment(experiment, {
    ...hooks,
    onRunStart: () => {},
    onProgress: () => {},
    onRunDone: () => {},
  });
}

const explain = (name: string, out = "a", node = "") =>
  explainPod(
    {
      run: out,
      namespace: "default",
      name,
      limits: { scores: 5, examples: 5, node },
      workingDirectory: folder,
    },
    hooks,
  );

describe("why a pod went where it did", () => {
  test("shows every node by every plugin, the chosen one marked", async () => {
    const { story, run: label } = await explain("small");
    const [attempt] = story.attempts;
    expect(label).toBe("shop / default / seed 1");
    expect(story).toMatchObject({ node: "n3", earlierAttempts: 0 });
    expect(attempt).toMatchObject({ attempt: 1, nodes: 3, evaluatedNodes: 3, feasibleNodes: 2 });
    expect(attempt).toMatchObject({ result: "scheduled", binding: { ok: true } });
    expect(attempt?.queued.map(({ queue, event }) => [queue, event])).toEqual([
      ["active", "PodAdd"],
    ]);
    expect(attempt?.rejections).toEqual([
      {
        plugin: "TaintToleration",
        reason: "node(s) had untolerated taint {dedicated: db}",
        count: 1,
        firstCount: 1,
        examples: ["n2"],
      },
    ]);
    expect(attempt?.scores.map(({ node, isChosen }) => [node, isChosen])).toEqual([
      ["n3", true],
      ["n1", false],
    ]);
    // LeastAllocated: n3 has (7/8 + 15/16) / 2 free after it, n1 (1/2 + 3/4) / 2.
    const fit = attempt?.scorers.findIndex(({ plugin }) => plugin === "NodeResourcesFit") ?? -1;
    expect(attempt?.scores.map(({ parts }) => parts[fit])).toEqual([
      { raw: 90, normalized: 90, weighted: 90 },
      { raw: 62, normalized: 62, weighted: 62 },
    ]);
    for (const { total, parts } of attempt?.scores ?? [])
      expect(parts.reduce((sum, part) => sum + (part?.weighted ?? 0), 0)).toBe(total);
  });

  test("tells about any node that is asked for", async () => {
    const { story } = await explain("small", "a", "n2");
    expect(story.attempts[0]?.asked).toEqual({
      node: "n2",
      verdict: "rejected",
      rejections: [
        { plugin: "TaintToleration", reason: "node(s) had untolerated taint {dedicated: db}" },
      ],
      rank: undefined,
      total: undefined,
      room: [
        { resource: "cpu", requested: 1000, free: 16_000 },
        { resource: "memory", requested: 1 << 30, free: 32 * (1 << 30) },
        { resource: "pods", requested: 1, free: 10 },
      ],
    });
    const { story: other } = await explain("small", "a", "n1");
    expect(other.attempts[0]?.asked).toMatchObject({ verdict: "fits", rank: 2 });
    const { story: typo } = await explain("small", "a", "n9");
    expect(typo.attempts[0]?.asked).toMatchObject({ verdict: "unknown", room: [] });
  });

  test("says what a pod lacks that fits nowhere, and where it lacks the least", async () => {
    const { story, run: label } = await explain("huge");
    expect(story).toMatchObject({ node: "", boundUs: undefined });
    const [first] = story.attempts;
    // n1 has 2 of the 9 cpu that it asks for free, n3 only 1.
    expect(first?.rejections.map(({ plugin, reason, count }) => [plugin, reason, count])).toEqual([
      ["NodeResourcesFit", "Insufficient cpu", 2],
      ["TaintToleration", "node(s) had untolerated taint {dedicated: db}", 1],
    ]);
    expect(first?.remedies).toEqual({
      groups: [
        {
          count: 2,
          examples: ["n1", "n3"],
          needs: [],
          lacking: [{ resource: "cpu", least: 7000, most: 8000 }],
        },
        {
          count: 1,
          examples: ["n2"],
          needs: ["a toleration of dedicated=db:NoSchedule"],
          lacking: [],
        },
      ],
      nearest: { node: "n2", needs: ["a toleration of dedicated=db:NoSchedule"] },
    });
    const text = storyText(story, label);
    expect(text).toContain("Pod default/huge was never bound to a node:");
    expect(text).toContain("- 7 to 8 cpu more on 2 nodes (n1, n3)");
    expect(text).toContain("- a toleration of dedicated=db:NoSchedule on 1 node (n2)");
  });

  test("says who preempted it, and whom it preempted", async () => {
    const low = await explain("low");
    expect(low.story.preemptedFor).toMatchObject({ pod: "default/urgent", priority: 1000 });
    expect(storyText(low.story, "")).toContain(
      "to make room for default/urgent (priority 1000, its own 0) on n3.",
    );
    const urgent = await explain("urgent");
    const [first, ...later] = urgent.story.attempts;
    expect(first).toMatchObject({ node: "", result: "unschedulable" });
    expect(first?.preemption).toMatchObject({
      nominatedNode: "n3",
      candidateCount: 1,
      candidates: [{ node: "n3", isChosen: true, victims: [{ pod: "default/low", priority: 0 }] }],
    });
    expect(later.at(-1)).toMatchObject({ node: "n3" });
    expect(urgent.story.node).toBe("n3");
    const text = storyText(urgent.story, "");
    expect(text).toContain("It preempts default/low (priority 0) on n3, and is nominated to it.");
    expect(text).toContain("On no other node would preemption help.");
  });

  test("a pod that is not there is named, with those that are alike", async () => {
    await expect(explain("smal")).rejects.toThrow(
      "a: there is no Pod default/smal in this run. Names that begin so: default/small.",
    );
  });

  test("asking changes nothing: the repeated run has the recorded digests", async () => {
    // repeatRun compares them at the end of every repetition and refuses another run.
    await expect(explain("small", "b", "n1")).resolves.toMatchObject({
      run: "shop / most-allocated / seed 1",
    });
  });
});
