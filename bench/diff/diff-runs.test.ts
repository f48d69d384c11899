import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { differenceText, type RunDifference } from "../../reports/index.ts";
import { quietHooks as hooks } from "../../test/quiet-hooks.ts";
import { resolveExperiment } from "../resolve-experiment.ts";
import { runExperiment } from "../run-experiment.ts";
import { diffRuns } from "./diff-runs.ts";

/** n1 is small, n2 and n3 are large and alike. */
const NODES = [
  ["n1", 2],
  ["n2", 8],
  ["n3", 8],
]
  .map(
    ([name, cpu]) => `
apiVersion: v1
kind: Node
metadata: { name: ${name} }
status: { allocatable: { cpu: "${cpu}", memory: 16Gi, pods: "10" } }
`,
  )
  .join("---");

const pod = (name: string, cpu = "1", duration = "") => `
apiVersion: v1
kind: Pod
metadata: { name: ${name}${duration === "" ? "" : `, annotations: { stowage.dev/duration: ${duration} }`} }
spec:
  restartPolicy: Never
  containers: [{ name: main, image: ${name}, resources: { requests: { cpu: "${cpu}", memory: 1Gi } } }]
`;

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "stowage-diff-"));
  writeFileSync(join(folder, "nodes.yaml"), NODES);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface RunCase {
  readonly pods: readonly string[];
  readonly cluster?: string;
  readonly policy?: string;
  readonly seed?: string;
}

async function run(out: string, { pods, cluster, policy, seed }: RunCase): Promise<void> {
  writeFileSync(join(folder, `${out}.yaml`), pods.join("---"));
  const file = join(folder, `${out}-experiment.yaml`);
  writeFileSync(
    file,
    `name: shop
workload: { manifests: { nodes: [nodes.yaml], manifests: [${out}.yaml], gap: 10s } }
cluster: { ${cluster ?? "scheduler: { ties: lowest-name }"} }
horizon: 2m
`,
  );
  const experiment = await resolveExperiment({
    file,
    flags: { policy: [policy ?? "default"], out, seed },
    workingDirectory: folder,
  });
  await runExperiment(experiment, {
    ...hooks,
    onRunStart: () => {},
    onProgress: () => {},
    onRunDone: () => {},
  });
}

/** Runs both and compares them. */
async function differ(a: RunCase, b: RunCase): Promise<RunDifference> {
  await run("a", a);
  await run("b", b);
  return await diffRuns(
    {
      a: { run: "a", workingDirectory: folder },
      b: { run: "b", workingDirectory: folder },
      limits: { scores: 5, examples: 5, node: "" },
    },
    hooks,
  );
}

describe("where two runs part", () => {
  test("is the first decision that differs, with both sides and what tells them apart", async () => {
    const pods = [pod("web")];
    const found = await differ({ pods }, { pods, policy: "most-allocated" });
    expect(found.sameDecisions).toBe(0);
    expect(found.parting?.a).toMatchObject({ pod: "default/web", attempt: { node: "n2" } });
    expect(found.parting?.b).toMatchObject({ pod: "default/web", attempt: { node: "n1" } });
    expect(found.settings).toContainEqual({
      path: "policies[0]",
      a: "default",
      b: "most-allocated",
    });
    // LeastAllocated: n2 (7/8 + 15/16) / 2, n1 (1/2 + 15/16) / 2; MostAllocated: 1 less these.
    expect(found.reasons).toContain("NodeResourcesFit puts n2 19 above it in A, 19 below it in B");
    const text = differenceText(found);
    expect(text).toContain(
      "The runs part at decision 1: pod default/web goes to n2 in A, to n1 in B.",
    );
    expect(text).toMatch(/A: at \S+ s changes Pod default\/web \(node n2, Pending\)/);
  });

  test("two runs that are alike do not part", async () => {
    const pods = [pod("one"), pod("two")];
    const found = await differ({ pods }, { pods });
    expect(found).toMatchObject({ sameDecisions: 2, parting: undefined, write: undefined });
    expect(found.reasons).toEqual([]);
    expect(found.digests?.a).toEqual(found.digests?.b);
    const text = differenceText(found);
    expect(text).toContain("The two runs made the same 2 decisions. All writes are the same, too.");
    expect(text).toContain(`Digests: ${found.digests?.a.decisions}`);
  });

  test("the same decisions at other times: the writes part", async () => {
    const pods = [pod("one"), pod("two")];
    const slow = "scheduler: { ties: lowest-name }, latency: { schedulingBase: constant(50ms) }";
    const found = await differ({ pods }, { pods, cluster: slow });
    expect(found).toMatchObject({ sameDecisions: 2, parting: undefined });
    expect(found.settings.map(({ path }) => path)).toContain("cluster.latency.schedulingBase");
    expect(found.write?.a).toMatchObject({ kind: "Pod", detail: "node n2, Pending" });
    expect(differenceText(found)).toContain("made the same 2 decisions. Some writes differ.");
  });

  test("a seed that draws another of equals is named as the reason", async () => {
    const pods = ["a", "b", "c", "d", "e", "f"].map((name) => pod(name, "1", "1s"));
    const cluster = "scheduler: { ties: seeded }";
    const found = await differ({ pods, cluster, seed: "1" }, { pods, cluster, seed: "2" });
    expect(found.parting).toBeDefined();
    expect(found.settings).toContainEqual({ path: "seeds[0]", a: "1", b: "2" });
    expect(found.reasons.join("\n")).toMatch(
      /A takes number [12] of 2 equals by the draw 0\.\d{4}; B takes number [12] of 2 equals/,
    );
  });

  test("another workload: which pods the two take up, and where the other's is", async () => {
    const found = await differ(
      { pods: [pod("one"), pod("two")] },
      { pods: [pod("one"), pod("other")] },
    );
    expect(found.sameDecisions).toBe(1);
    expect(found.inputs).toEqual(["a.yaml is one of A only", "b.yaml is one of B only"]);
    expect(found.reasons).toContain(
      "when A takes up default/two, default/other does not exist there",
    );
  });

  test("a run that ends earlier: only the other makes another decision", async () => {
    const found = await differ({ pods: [pod("one"), pod("two")] }, { pods: [pod("one")] });
    expect(found.parting?.b).toBeUndefined();
    expect(found.parting?.a).toMatchObject({ pod: "default/two" });
    expect(differenceText(found)).toContain(
      "The runs part at decision 2: only A makes another one.",
    );
  });

  test("a node that holds other pods: which, and where they are in the other run", async () => {
    // In A the pod "first" has ended and given its 7 cpu back when the others come, in B it has not.
    const cases = (duration: string) => [
      pod("first", "7", duration),
      pod("second", "1"),
      pod("third", "7"),
    ];
    const found = await differ({ pods: cases("11s") }, { pods: cases("60s") });
    expect(found.parting?.a).toMatchObject({ pod: "default/third", attempt: { node: "n2" } });
    expect(found.parting?.b?.attempt.node).not.toBe("n2");
    expect(found.reasons).toContain("n2 has 7 cpu less free in B (8 in A, 1 in B)");
    expect(found.reasons.join("\n")).toMatch(
      /default\/first is on n2 in B only: in A it is ended on n2 at \S+ s/,
    );
  });
});
