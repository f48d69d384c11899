import { describe, expect, test } from "vitest";
import type { Pod } from "../api/index.ts";
import { ageBucket, compareActive, compareRanked, podsToDelete } from "./pod-ranking.ts";

const NOW_US = 7_200_000_000; // two hours after the epoch, 2024-01-01T02:00:00Z

interface Sketch {
  readonly node?: string;
  readonly phase?: string;
  readonly ready?: string;
  readonly cost?: string;
  readonly restarts?: number;
  readonly created?: string;
}

function pod(uid: string, sketch: Sketch = {}): Pod {
  const { node = "n1", phase = "Running", ready = "01:00:00", cost, restarts = 0 } = sketch;
  const at = (clock: string): string => `2024-01-01T${clock}Z`;
  const isReady = ready !== "";
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: uid,
      namespace: "default",
      uid,
      resourceVersion: "1",
      creationTimestamp: at(sketch.created ?? "00:30:00"),
      ...(cost === undefined
        ? {}
        : { annotations: { "controller.kubernetes.io/pod-deletion-cost": cost } }),
    },
    spec: { containers: [], ...(node === "" ? {} : { nodeName: node }) },
    status: {
      phase,
      conditions: [
        {
          type: "Ready",
          status: isReady ? "True" : "False",
          lastTransitionTime: at(ready || "01:00:00"),
        },
      ],
      containerStatuses: [
        { name: "main", image: "", imageID: "", ready: isReady, restartCount: restarts },
      ],
    },
  };
}

describe("the ranking of a ReplicaSet's pods: the first goes first", () => {
  const first = (sketch: Sketch) => pod("z", sketch);
  const second = (sketch: Sketch) => pod("a", sketch);
  test.each<[string, Sketch, Sketch, number, number]>([
    ["unassigned before assigned", { node: "" }, {}, 0, 0],
    ["unassigned before pending", { node: "" }, { phase: "Pending", ready: "" }, 0, 0],
    ["pending before unknown", { phase: "Pending" }, { phase: "Unknown" }, 0, 0],
    ["unknown before running", { phase: "Unknown" }, { phase: "Running" }, 0, 0],
    ["not ready before ready", { ready: "" }, {}, 0, 0],
    ["not ready before a lower cost", { ready: "" }, { cost: "-10" }, 0, 0],
    ["the lower cost", { cost: "-1" }, {}, 0, 0],
    ["a cost that is no number counts as 0", { cost: "x" }, { cost: "1" }, 0, 0],
    ["cost before doubling up", { cost: "1" }, { cost: "2" }, 1, 9],
    ["doubled up on its node", {}, {}, 2, 1],
    ["doubling up before ready time", { ready: "00:40:00" }, { ready: "01:59:00" }, 2, 1],
    ["ready for a shorter time", { ready: "01:50:00" }, { ready: "00:40:00" }, 0, 0],
    ["more restarts", { restarts: 3 }, { restarts: 1 }, 0, 0],
    ["younger", { created: "01:50:00", ready: "" }, { created: "00:10:00", ready: "" }, 0, 0],
  ])("%s", (_name, a, b, rankA, rankB) => {
    expect(compareRanked(first(a), second(b), rankA, rankB, NOW_US)).toBeLessThan(0);
    expect(compareRanked(second(b), first(a), rankB, rankA, NOW_US)).toBeGreaterThan(0);
  });

  test("times within one power of two are alike: the uid decides", () => {
    const [a, b] = [pod("a", { ready: "00:50:00" }), pod("b", { ready: "01:00:00" })];
    expect(compareRanked(a, b, 0, 0, NOW_US)).toBeLessThan(0);
    expect(compareActive(a, b)).toBeGreaterThan(0); // a Job's ranking has no buckets
  });

  test.each([
    [-1, -1],
    [0, -1],
    [1, 9],
    [1_000_000, 29],
    [1_073_742, 30],
    [3_600_000_000, 41],
  ])("an age of %i us is in bucket %i", (ageUs, bucket) => {
    expect(ageBucket(ageUs)).toBe(bucket);
  });
});

describe("podsToDelete", () => {
  test("takes from the node that holds most pods of all the owner's ReplicaSets", () => {
    const mine = [pod("a", { node: "n1" }), pod("b", { node: "n2" })];
    const others = [pod("c", { node: "n2" }), pod("d", { node: "n2", phase: "Failed" })];
    expect(
      podsToDelete(mine, [...mine, ...others], 1, NOW_US).map(({ metadata }) => metadata.uid),
    ).toEqual(["b"]);
  });

  test("takes all when all are too many", () => {
    expect(podsToDelete([pod("a"), pod("b")], [], 5, NOW_US)).toHaveLength(2);
  });
});
