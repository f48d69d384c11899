import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Deployment, ReplicaSet } from "../api/index.ts";
import {
  fenceposts,
  newSetReplicas,
  scaleDownOldSets,
  scaledValue,
  scaleProportionally,
} from "./deployment-arithmetic.ts";

type Share = number | string;

function deployment(replicas: number, maxSurge: Share, maxUnavailable: Share): Deployment {
  return {
    spec: {
      replicas,
      selector: {},
      template: {},
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge, maxUnavailable } },
    },
    status: {},
  } as unknown as Deployment;
}

function set(name: string, replicas: number, available = replicas, max?: number): ReplicaSet {
  const annotations =
    max === undefined ? {} : { "deployment.kubernetes.io/max-replicas": `${max}` };
  return {
    metadata: { name, uid: name, annotations, creationTimestamp: "2024-01-01T00:00:00Z" },
    spec: { replicas },
    status: { replicas, availableReplicas: available },
  } as unknown as ReplicaSet;
}

const sizes = (steps: readonly { set: ReplicaSet; replicas: number }[]) =>
  steps.map((step) => [step.set.metadata.name, step.replicas]);

test.each<[Share, number, boolean, number]>([
  [3, 10, true, 3],
  ["25%", 10, true, 3],
  ["25%", 10, false, 2],
  ["100%", 7, false, 7],
  ["1%", 1, true, 1],
  ["1%", 1, false, 0],
  ["0%", 9, true, 0],
])("scaledValue of %s of %i, rounded up: %s, is %i", (value, total, isUp, wanted) => {
  expect(scaledValue(value, total, isUp)).toBe(wanted);
});

test.each<[number, Share, Share, object]>([
  [4, "25%", "25%", { maxSurge: 1, maxUnavailable: 1 }],
  [1, "0%", "25%", { maxSurge: 0, maxUnavailable: 1 }],
  [3, 0, "20%", { maxSurge: 0, maxUnavailable: 1 }],
  [2, 0, 5, { maxSurge: 0, maxUnavailable: 2 }],
  [10, "200%", 0, { maxSurge: 20, maxUnavailable: 0 }],
])("fenceposts of %i replicas with %s and %s are %j", (replicas, surge, unavailable, wanted) => {
  expect(fenceposts(deployment(replicas, surge, unavailable))).toEqual(wanted);
});

describe("newSetReplicas", () => {
  test.each<[string, number, Share, number[], number, number]>([
    ["fills the surge", 10, 3, [10], 0, 3],
    ["waits when the surge is used", 10, 3, [10], 3, 3],
    ["goes on as old pods go", 10, 3, [6], 3, 7],
    ["stops at the Deployment's size", 10, 3, [1], 8, 10],
    ["starts whole when there is nothing", 5, 1, [], 0, 5],
  ])("%s", (_name, replicas, surge, old, current, wanted) => {
    const all = [...old.map((size, i) => set(`old-${i}`, size)), set("new", current)];
    expect(newSetReplicas(deployment(replicas, surge, 0), all, current)).toBe(wanted);
  });
});

describe("scaleDownOldSets", () => {
  test.each<[string, Share, ReplicaSet[], ReplicaSet, [string, number][]]>([
    ["keeps what must be available", 0, [set("a", 10)], set("new", 3, 0), []],
    ["gives up what new pods replace", 0, [set("a", 10)], set("new", 3), [["a", 7]]],
    ["gives up what may be missing", 2, [set("a", 10)], set("new", 0), [["a", 8]]],
    [
      "unhealthy pods first",
      2,
      [set("a", 6, 6), set("b", 4, 1)],
      set("new", 3, 3),
      [
        ["b", 1],
        ["a", 4],
      ],
    ],
    [
      "unhealthy pods even when too few are available",
      2,
      [set("a", 10, 2)],
      set("new", 3, 0),
      [["a", 8]],
    ],
    ["waits when a status is behind its set", 2, [set("a", 3, 4)], set("new", 10, 8), []],
    ["nothing is left to give up", 2, [], set("new", 10), []],
  ])("%s", (_name, unavailable, old, newSet, wanted) => {
    expect(sizes(scaleDownOldSets(deployment(10, 3, unavailable), old, newSet))).toEqual(wanted);
  });
});

describe("scaleProportionally", () => {
  // The example of the Kubernetes documentation: 10 to 15 replicas in the middle of a rollout.
  test("shares 5 more between 8 and 5 pods", () => {
    const sets = [set("old", 8, 8, 13), set("new", 5, 0, 13)];
    expect(sizes(scaleProportionally(deployment(15, 3, 2), sets))).toEqual([
      ["old", 11],
      ["new", 7],
    ]);
  });

  test("always ends at the allowed total, below zero never", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 2, maxLength: 5 }),
        fc.integer({ min: 0, max: 60 }),
        fc.integer({ min: 0, max: 10 }),
        (old, replicas, surge) => {
          const before = old.reduce((sum, size) => sum + size, 0);
          const sets = old.map((size, i) => set(`s${i}`, size, size, before));
          const after = scaleProportionally(deployment(replicas, surge, 1), sets);
          const total = after.reduce((sum, step) => sum + step.replicas, 0);
          expect(after.every((step) => step.replicas >= 0)).toBe(true);
          expect(total).toBe(replicas === 0 ? 0 : replicas + surge);
        },
      ),
      { seed: 3, numRuns: 300 },
    );
  });
});
