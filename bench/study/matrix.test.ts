import { describe, expect, test } from "vitest";
import { InputError } from "../../sim/kernel/index.ts";
import { pointsOf } from "./matrix.ts";

const openb = { openb: {} };

describe("the points of a matrix", () => {
  test("a file without a matrix is one point without names", () => {
    expect(pointsOf({ workload: openb }, "")).toEqual([
      {
        workload: undefined,
        cluster: undefined,
        parameters: {},
        input: { workload: openb },
        place: "",
      },
    ]);
  });

  test("workloads, clusters and parameters are crossed, the last parameter fastest", () => {
    const points = pointsOf(
      {
        workloads: { light: { openb: { load: 0.5 } }, heavy: { openb: { load: 1.3 } } },
        clusters: { plain: {}, events: { events: true } },
        parameters: { "scheduler.percentageOfNodesToScore": [0, 100], horizon: ["1h", "2h"] },
      },
      "",
    );
    expect(points).toHaveLength(16);
    expect(
      points
        .slice(0, 3)
        .map(({ workload, cluster, parameters }) => [
          workload,
          cluster,
          ...Object.values(parameters),
        ]),
    ).toEqual([
      ["light", "plain", "0", "1h"],
      ["light", "plain", "0", "2h"],
      ["light", "plain", "100", "1h"],
    ]);
    expect(points.at(-1)?.input).toEqual({
      workload: { openb: { load: 1.3 } },
      cluster: { events: true, scheduler: { percentageOfNodesToScore: 100 } },
      horizon: "2h",
    });
  });

  test("a variant of the cluster is laid over the cluster of the file", () => {
    const [point] = pointsOf(
      {
        workload: openb,
        cluster: { events: true, kubelet: {} },
        clusters: { quiet: { events: false } },
      },
      "",
    );
    expect(point?.input).toEqual({ workload: openb, cluster: { events: false, kubelet: {} } });
  });

  test("a parameter may stand in a list, and under a quoted name", () => {
    const [point] = pointsOf(
      {
        workload: openb,
        traffic: [{ service: "a/b" } as never],
        parameters: { "traffic[0].retries": [2], 'services["a/b"].concurrency': [8] },
      },
      "",
    );
    expect(point?.input).toMatchObject({
      traffic: [{ service: "a/b", retries: 2 }],
      services: { "a/b": { concurrency: 8 } },
    });
  });

  test.each([
    [{ parameters: { "": [1] } }, "f.yaml: parameters: got no path, want one."],
    [{ parameters: { "a..b": [1] } }, 'f.yaml: parameters: got the path "a..b", want names'],
    [{ parameters: { policies: ["x"] } }, 'f.yaml: parameters: got "policies", want a setting'],
    [{ parameters: { horizon: ["1h", "1h"] } }, "f.yaml: parameters.horizon: got 1h twice"],
    [
      { workload: openb, workloads: { a: openb } },
      "f.yaml: workloads: got workload and workloads, want one of them",
    ],
    [
      { parameters: { "a.b": range(1_000), "a.c": range(1_001) } },
      "f.yaml: the matrix has 1001000 points before policies and seeds, want at most 100000",
    ],
  ])("refuses %j", (input, message) => {
    expect(() => pointsOf(input as never, "f.yaml: ")).toThrow(InputError);
    expect(() => pointsOf(input as never, "f.yaml: ")).toThrow(message);
  });
});

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
