import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PodTemplateSpec } from "../../sim/api/index.ts";
import { defaultNodeGroup } from "../synthetic/synthetic-spec.ts";
import type { TimedOperation } from "../workload.ts";
import { readStep } from "./manifest-step.ts";
import { defaultManifestsSpec } from "./manifests-spec.ts";
import { openManifests } from "./manifests-workload.ts";

let baseDirectory: string;
beforeAll(async () => {
  baseDirectory = await mkdtemp(join(tmpdir(), "manifests-"));
});
afterAll(() => rm(baseDirectory, { recursive: true }));

const write = (name: string, data: string | Uint8Array): Promise<void> =>
  writeFile(join(baseDirectory, name), data);

async function open(nodes: string[], manifests: string[], notices: string[] = []) {
  const context = { baseDirectory, notice: (text: string) => void notices.push(text) };
  return openManifests({ ...defaultManifestsSpec, nodes, manifests }, context);
}

async function operations(...manifests: string[]): Promise<TimedOperation[]> {
  const all: TimedOperation[] = [];
  for await (const operation of (await open([], manifests)).operations("1")) all.push(operation);
  return all;
}

const brief = ({ timeUs, verb, object, source }: TimedOperation): string =>
  `${timeUs} ${verb} ${object.kind}/${object.metadata?.name} ${source}`;

const node = (name: string): string =>
  `apiVersion: v1\nkind: Node\nmetadata: {name: ${name}}\nstatus:\n  allocatable: {cpu: "4", memory: 8Gi, pods: "110"}\n`;
const pod = (name: string, namespace = "default"): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, namespace: ${namespace}}\nspec:\n  containers: [{name: main, image: "a:1"}]\n`;
const job = (name: string, annotations = ""): string => `apiVersion: batch/v1
kind: Job
metadata: {name: ${name}}
spec:
  template:
    metadata: {annotations: {${annotations}}}
    spec: {restartPolicy: Never, containers: [{name: main, image: "a:1"}]}
`;

describe("the manifests workload", () => {
  test("starts with the nodes of its node files", async () => {
    await write("nodes.yaml", `${node("n0")}---\n${node("n1")}`);
    await write("pods.yaml", pod("a"));
    const workload = await open(["nodes.yaml"], ["pods.yaml"]);
    expect(workload.initialObjects.map((object) => object.metadata?.name)).toEqual(["n0", "n1"]);
  });

  test("applies its files in order, one object after another", async () => {
    await write("a.yaml", `${pod("a")}---\n${pod("b")}`);
    await write("b.yaml.gz", gzipSync(`# one more\n${pod("c")}`));
    expect((await operations("a.yaml", "b.yaml.gz")).map(brief)).toEqual([
      expect.stringMatching(/^0 apply Pod\/a a\.yaml:\d+$/),
      expect.stringMatching(/^1000 apply Pod\/b a\.yaml:\d+$/),
      expect.stringMatching(/^2000 apply Pod\/c b\.yaml\.gz:\d+$/),
    ]);
  });

  test("creates a missing namespace, says so once, and lets it come into being first", async () => {
    await write("a.yaml", `${pod("a", "team")}---\n${pod("b", "team")}`);
    const notices: string[] = [];
    const workload = await open([], ["a.yaml"], notices);
    for (const _time of ["once", "again"]) {
      const all: string[] = [];
      for await (const operation of workload.operations("1")) all.push(brief(operation));
      expect(all.map((line) => line.replace(/ a\.yaml.*/, ""))).toEqual([
        "0 create Namespace/team",
        "1000000 apply Pod/a",
        "1001000 apply Pod/b",
      ]);
    }
    expect(notices).toHaveLength(1);
    expect(notices[0]).toMatch(
      /^namespace "team" is not in the manifests before a\.yaml:\d+: it is created$/,
    );
  });

  test("leaves out what has no effect, and says so once, also when it is not read to the end", async () => {
    const configMap = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";
    await write("a.yaml", `${configMap}---\n${pod("a")}---\n${pod("b")}---\n${configMap}`);
    const expected = ["ignored: kind ConfigMap of v1 (a.yaml:2 and 1 more)"];
    const notices: string[] = [];
    const workload = await open([], ["a.yaml"], notices);
    for (const _time of ["once", "again"]) {
      const all: string[] = [];
      for await (const operation of workload.operations("1")) all.push(brief(operation));
      expect(all).toHaveLength(2);
      expect(notices).toEqual(expected);
    }
    const early: string[] = [];
    for await (const _first of (await open([], ["a.yaml"], early)).operations("1")) break;
    expect(early).toEqual(["ignored: kind ConfigMap of v1 (a.yaml:2)"]);
  });

  test("gives Jobs that state no run time one, and says so", async () => {
    await write("a.yaml", `${job("x")}---\n${job("y", "stowage.dev/duration: 5s")}`);
    const [x, y] = await operations("a.yaml");
    const durationOf = (operation: TimedOperation | undefined): unknown => {
      const spec = operation?.object.spec as { template: PodTemplateSpec } | undefined;
      return spec?.template.metadata?.annotations;
    };
    expect(durationOf(x)).toEqual({ "stowage.dev/duration": "1m" });
    expect(durationOf(y)).toEqual({ "stowage.dev/duration": "5s" });
  });

  test("names its files with their checksums, however far they are read", async () => {
    await write("nodes.yaml", node("n0"));
    await write("pods.yaml", pod("a"));
    const workload = await open(["nodes.yaml"], ["pods.yaml"]);
    expect(workload.inputs.map((input) => input.path)).toEqual(["nodes.yaml", "pods.yaml"]);
    for (const { sha256 } of workload.inputs) expect(sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  test("says before anything runs that a manifest file is missing", async () => {
    await expect(open([], ["gone.yaml"])).rejects.toThrow(/^gone\.yaml: no such file/);
  });

  test.each([
    [
      "a pod among the nodes",
      [`${node("n")}---\n${pod("p")}`],
      [],
      /^0\.yaml:\d+: got a Pod, want Nodes only\./,
    ],
    [
      "a run time without unit",
      [],
      [job("j", 'stowage.dev/duration: "5"')],
      /^0\.yaml:\d+: Job "j": spec\.template\.metadata\.annotations\[stowage\.dev\/duration\]: got "5"/,
    ],
    ["an unknown kind", [], ["apiVersion: v1\nkind: Podd\nmetadata: {name: x}\n"], /0\.yaml:\d+/],
    ["broken YAML", [], ["a: [1,\n"], /0\.yaml:\d+/],
    [
      "a negative quantity",
      [],
      [pod("p").replace("}]", ', resources: {requests: {cpu: "-1"}}}]')],
      /0\.yaml:\d+.*must be greater than or equal to 0/,
    ],
  ])("refuses %s", async (_case, nodes, manifests, message) => {
    for (const [i, text] of [...nodes, ...manifests].entries()) await write(`${i}.yaml`, text);
    const read = async (): Promise<void> => {
      const names = [...nodes.keys()].map((i) => `${i}.yaml`);
      const workload = await open(names, manifests.length > 0 ? ["0.yaml"] : []);
      for await (const operation of workload.operations("1")) expect(operation).toBeDefined();
    };
    await expect(read()).rejects.toMatchObject({
      name: "InputError",
      message: expect.stringMatching(message),
    });
  });
});

describe("steps", () => {
  test("apply their files at their times, besides the manifests", async () => {
    await write("pods.yaml", pod("a"));
    await write("later.yaml", `${pod("b")}---\n${job("c")}`);
    const steps = [
      readStep({ at: "30s", apply: "later.yaml" }, "e.yaml: workload.manifests.steps[0]"),
      readStep({ at: "5s", delete: "pod/a" }, "e.yaml: workload.manifests.steps[1]"),
    ];
    const spec = { ...defaultManifestsSpec, manifests: ["pods.yaml"], steps };
    const workload = await openManifests(spec, { baseDirectory, notice: () => {} });
    expect(workload.inputs.map((input) => input.path)).toEqual(["pods.yaml", "later.yaml"]);
    const all: string[] = [];
    for await (const operation of workload.operations("1")) all.push(brief(operation));
    expect(all).toEqual([
      expect.stringMatching(/^0 apply Pod\/a pods\.yaml:/),
      "5000000 delete Pod/a e.yaml: workload.manifests.steps[1]",
      expect.stringMatching(/^30000000 apply Pod\/b later\.yaml:/),
      expect.stringMatching(/^30001000 apply Job\/c later\.yaml:/),
    ]);
  });

  test("beside groups of nodes, which are there at time 0", async () => {
    const nodeGroups = [{ ...defaultNodeGroup, name: "n", count: 2, cpu: "4" }];
    const { initialObjects } = await openManifests(
      { ...defaultManifestsSpec, nodeGroups, steps: [] },
      { baseDirectory, notice() {} },
    );
    expect(initialObjects.map(({ kind, metadata }) => `${kind} ${metadata?.name}`)).toEqual([
      "Node n-0",
      "Node n-1",
    ]);
    expect(initialObjects[0]).toMatchObject({ status: { allocatable: { cpu: "4", pods: "110" } } });
  });

  test("say before anything runs that a file is missing", async () => {
    const steps = [readStep({ apply: "gone.yaml" }, "steps[0]")];
    const opened = openManifests(
      { ...defaultManifestsSpec, steps },
      { baseDirectory, notice() {} },
    );
    await expect(opened).rejects.toThrow(/^gone\.yaml: no such file/);
  });
});
