import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Manifest, PodSpec } from "../../sim/api/index.ts";
import type { TimedOperation, WorkloadContext } from "../workload.ts";
import { defaultOpenbSpec, type OpenbSpec } from "./openb-spec.ts";
import { openOpenb } from "./openb-workload.ts";

let context: WorkloadContext;
beforeAll(async () => {
  context = { baseDirectory: await mkdtemp(join(tmpdir(), "openb-")), notice: () => {} };
});
afterAll(() => rm(context.baseDirectory, { recursive: true }));

const write = (name: string, data: string | Uint8Array): Promise<void> =>
  writeFile(join(context.baseDirectory, name), data);
const open = (settings: Partial<OpenbSpec> = {}) =>
  openOpenb({ ...defaultOpenbSpec, ...settings }, context);

async function operations(
  settings: Partial<OpenbSpec> = {},
  seed = "1",
): Promise<TimedOperation[]> {
  const all: TimedOperation[] = [];
  for await (const operation of (await open(settings)).operations(seed)) all.push(operation);
  return all;
}

const nameOf = ({ object }: TimedOperation): string => object.metadata?.name ?? "";
const durationOf = ({ object }: TimedOperation): string | undefined =>
  object.metadata?.annotations?.["stowage.dev/duration"];
const specOf = (object: Manifest): PodSpec => object.spec as PodSpec;
const gpuMilliOf = ({ object }: TimedOperation): number =>
  Number(specOf(object).containers[0]?.resources?.requests?.["alibabacloud.com/gpu-milli"] ?? 0);

describe("the openb workload that comes with the package", () => {
  test("has the published cluster: 1,213 nodes, 6,212 GPUs, 107,018 CPU", async () => {
    const nodes = (await open()).initialObjects.filter((object) => object.kind === "Node");
    const sum = (resource: string): number =>
      nodes.reduce((total, node) => {
        const status = node.status as { allocatable: Record<string, string> };
        return total + Number.parseInt(status.allocatable[resource] ?? "0", 10);
      }, 0);
    expect(nodes).toHaveLength(1213);
    expect(sum("alibabacloud.com/gpu-milli")).toBe(6_212_000);
    expect(sum("cpu")).toBe(107_018_000);
    expect(nodes[0]).toEqual({
      apiVersion: "v1",
      kind: "Node",
      metadata: {
        name: "openb-node-0000",
        labels: {
          "kubernetes.io/hostname": "openb-node-0000",
          "kubernetes.io/os": "linux",
          "alibabacloud.com/gpu-card-model": "P100",
          "alibabacloud.com/gpu-count": "2",
        },
      },
      status: {
        capacity: expect.anything(),
        allocatable: {
          cpu: "64000m",
          memory: "262144Mi",
          pods: "1001",
          "alibabacloud.com/gpu-milli": "2000",
        },
      },
    });
  });

  test("names its files with their checksums", async () => {
    expect(
      (await open()).inputs.map((input) => `${input.path} ${input.sha256.slice(0, 16)}`),
    ).toEqual([
      "openb_node_list_gpu_node.csv 2beca64b4d3dfa34",
      "openb_pod_list_default.csv 1ee7ed79c27a3b08",
    ]);
  });

  test("arrives at one pod a second until 130 % of the GPUs are asked for", async () => {
    const all = await operations();
    expect(all.map((operation) => operation.timeUs)).toEqual(all.map((_, i) => i * 1_000_000));
    const asked = all.reduce((sum, operation) => sum + gpuMilliOf(operation), 0) / 6_212_000;
    expect(asked).toBeGreaterThan(1.2998);
    expect(asked).toBeLessThan(1.3012);
    expect(new Set(all.map(nameOf)).size).toBe(all.length);
    expect(all.every((operation) => durationOf(operation) === undefined)).toBe(true);
    expect(Math.abs(all.length / ((await open()).expectedOperations ?? 0) - 1)).toBeLessThan(0.05);
  });

  test("arrives in the same order for the same seed, also the second time it is read", async () => {
    const workload = await open();
    const first: string[] = [];
    const again: string[] = [];
    for await (const operation of workload.operations("5")) first.push(nameOf(operation));
    for await (const operation of workload.operations("5")) again.push(nameOf(operation));
    expect(again).toEqual(first);
    expect((await operations({}, "6")).map(nameOf)).not.toEqual(first);
  });

  test("is pinned: the first arrivals of seed 1", async () => {
    expect((await operations()).slice(0, 4).map((x) => `${nameOf(x)} ${x.source}`)).toEqual([
      "openb-pod-7505 openb_pod_list_default.csv:7507",
      "openb-pod-0541 openb_pod_list_default.csv:543",
      "openb-pod-0942 openb_pod_list_default.csv:944",
      "openb-pod-5438 openb_pod_list_default.csv:5440",
    ]);
  });

  test("replays its own times, compressed, and runs as long as the trace says", async () => {
    const all = await operations({ timeScale: 100 });
    expect(all).toHaveLength(8152);
    expect(nameOf(all[1]!)).toBe("openb-pod-0001");
    expect(all[1]?.timeUs).toBe(4_270_610_000); // 427061 s
    expect(durationOf(all[1]!)).toBe("124758990ms"); // (12902960 - 427061) s
    for (let i = 1; i < all.length; i++)
      expect(all[i]!.timeUs).toBeGreaterThanOrEqual(all[i - 1]!.timeUs);
  });
});

describe("an openb list of the user", () => {
  const nodes = "sn,cpu_milli,memory_mib,gpu,model\nn0,8000,1024,2,T4\nn1,4000,1024,0,\n";
  const header =
    "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,creation_time,deletion_time,scheduled_time";

  test("may be gzipped, whatever it is called", async () => {
    await write("nodes.csv", nodes);
    await write("pods.csv", gzipSync("name,cpu_milli,memory_mib,num_gpu,gpu_milli\na,1,1,1,500\n"));
    const all = await operations({ nodes: "nodes.csv", pods: "pods.csv", load: 1, rate: 4 });
    expect(all.map((x) => `${nameOf(x)} ${x.timeUs} ${x.source}`)).toEqual([
      "a 0 pods.csv:2",
      "a-x2 250000 pods.csv:2",
      "a-x3 500000 pods.csv:2",
      "a-x4 750000 pods.csv:2",
    ]);
  });

  test("becomes pods that ask for what the row says", async () => {
    await write("nodes.csv", nodes);
    await write("pods.csv", `${header}\na,1500,2048,2,1000,T4|A10,LS,,,\n`);
    const [operation] = await operations({
      nodes: "nodes.csv",
      pods: "pods.csv",
      load: "as-is",
      imageBytes: 7,
    });
    expect(operation?.object).toEqual({
      apiVersion: "v1",
      kind: "Pod",
      metadata: {
        name: "a",
        namespace: "openb",
        labels: { "alibabacloud.com/qos": "LS" },
        annotations: {
          "alibabacloud.com/gpu-count": "2",
          "alibabacloud.com/gpu-milli": "1000",
          "stowage.dev/image-bytes": "7",
        },
      },
      spec: {
        containers: [
          {
            name: "task",
            image: "registry.example/openb/task:1.0",
            imagePullPolicy: "IfNotPresent",
            resources: {
              requests: { cpu: "1500m", memory: "2048Mi", "alibabacloud.com/gpu-milli": "2000" },
              limits: { "alibabacloud.com/gpu-milli": "2000" },
            },
          },
        ],
        restartPolicy: "Never",
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [
                {
                  matchExpressions: [
                    {
                      key: "alibabacloud.com/gpu-card-model",
                      operator: "In",
                      values: ["A10", "T4"],
                    },
                  ],
                },
              ],
            },
          },
        },
      },
    });
  });

  test("that is not sorted by time is replayed in time order, ties in the order of the file", async () => {
    await write("nodes.csv", nodes);
    const rows = ["c,1,1,0,0,,,20,50,30", "b,1,1,0,0,,,10,50,", "a,1,1,0,0,,,10,10,10"];
    await write("pods.csv", [header, ...rows, ""].join("\n"));
    const all = await operations({ nodes: "nodes.csv", pods: "pods.csv", timeScale: 10 });
    expect(all.map((x) => `${nameOf(x)} ${x.timeUs} ${durationOf(x)}`)).toEqual([
      "b 1000000 4s", // never scheduled: its life stands in
      "a 1000000 0s",
      "c 2000000 2s",
    ]);
  });

  test("without GPUs can be loaded only as it is", async () => {
    await write("nodes.csv", nodes);
    await write("pods.csv", "name,cpu_milli,memory_mib,num_gpu,gpu_milli\na,1,1,0,0\n");
    const files = { nodes: "nodes.csv", pods: "pods.csv" };
    await expect(open(files)).rejects.toThrow(
      /pods.csv: no load of 1.3 can be reached.*load: as-is/,
    );
    expect(await operations({ ...files, load: "as-is" })).toHaveLength(1);
  });

  test("that is missing is said by its name", async () => {
    await expect(open({ pods: "gone.csv" })).rejects.toThrow(/^gone.csv: no such file/);
  });
});
