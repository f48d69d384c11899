import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { momentText, nodeMomentText } from "../../reports/index.ts";
import { quietHooks as hooks } from "../../test/quiet-hooks.ts";
import { resolveExperiment } from "../resolve-experiment.ts";
import { runExperiment } from "../run-experiment.ts";
import { clusterAt } from "./cluster-at.ts";

const INPUT = `
apiVersion: v1
kind: Node
metadata: { name: n1 }
spec: { taints: [{ key: dedicated, value: db, effect: PreferNoSchedule }] }
status: { allocatable: { cpu: "4", memory: 8Gi, pods: "10" } }
`;
const pod = (name: string, cpu: string, spec = "") => `
apiVersion: v1
kind: Pod
metadata: { name: ${name} }
spec:
${spec}  containers: [{ name: main, image: busybox, resources: { requests: { cpu: "${cpu}" } } }]
`;

let folder = "";
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "stowage-at-"));
  writeFileSync(join(folder, "nodes.yaml"), INPUT);
  writeFileSync(
    join(folder, "pods.yaml"),
    [
      pod("web", "3"),
      pod("large", "2"),
      pod("gated", "1", "  schedulingGates: [{ name: later }]\n"),
    ].join("---"),
  );
  writeFileSync(
    join(folder, "experiment.yaml"),
    `name: shop
workload: { manifests: { nodes: [nodes.yaml], manifests: [pods.yaml], gap: 10s } }
horizon: 2m
`,
  );
  const experiment = await resolveExperiment({
    file: join(folder, "experiment.yaml"),
    flags: { out: "out" },
    workingDirectory: folder,
  });
  await runExperiment(experiment, {
    ...hooks,
    onRunStart: () => {},
    onProgress: () => {},
    onRunDone: () => {},
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const at = (seconds: number) =>
  clusterAt({ run: "out", workingDirectory: folder, atUs: seconds * 1_000_000 }, hooks);

describe("a cluster at a moment", () => {
  test("has the pods of that moment: those that run, and those that wait, with the reason", async () => {
    const { moment: early } = await at(9);
    expect(early).toMatchObject({ phases: { Running: 1 }, queues: [], waiting: [] });
    const { moment, run } = await at(25);
    expect(moment.phases).toEqual({ Running: 1, Pending: 2 });
    expect(moment.queues).toMatchObject([
      { queue: "unschedulable", count: 1, examples: [{ pod: "default/large" }] },
      { queue: "gated", count: 1, examples: [{ pod: "default/gated", event: "PodAdd" }] },
    ]);
    expect(moment.waiting.map(({ count, examples }) => [count, examples])).toEqual([
      [1, ["default/large"]],
      [1, ["default/gated"]],
    ]);
    const text = momentText(moment, run);
    expect(text).toContain("At 25.000 s: 1 nodes, 1 of them ready; pods: 2 Pending, 1 Running.");
    expect(text).toMatch(/unschedulable +1 +default\/large, since 1\d\.\d{3} s/);
    expect(text).toMatch(/1 such as default\/large: 0\/1 nodes are available: 1 Insufficient cpu/);
  });

  test("tells of a node what is requested, what is free, and its pods", async () => {
    const { moment, run } = await at(25);
    const [node] = moment.nodes;
    expect(node).toMatchObject({
      name: "n1",
      isReady: true,
      isCordoned: false,
      taints: ["dedicated=db:PreferNoSchedule"],
      pods: [{ pod: "default/web", phase: "Running", requests: { cpu: 3000 } }],
    });
    expect(node?.resources).toContainEqual({ resource: "cpu", allocatable: 4000, requested: 3000 });
    const text = node === undefined ? "" : nodeMomentText(node, moment, run);
    expect(text).toMatch(/cpu +3 +1 +4 +75 %/);
    expect(text).toMatch(/default\/web +Running +\S+Z +0 +3 cpu/);
  });

  test("after the end there is nothing to tell", async () => {
    await expect(at(121)).rejects.toThrow(
      "--at: got 121 s, want a time before the run ended: nothing happened after 120 s.",
    );
  });
});
