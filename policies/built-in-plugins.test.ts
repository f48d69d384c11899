import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { describePlugin } from "../test/plugin-suite.ts";
import { makePlugin, pluginNames } from "./index.ts";

for (const name of pluginNames()) describePlugin(name, () => makePlugin(name));

const args: Readonly<Record<string, object>> = {
  NodeAffinity: {
    addedAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: "disk", operator: "Exists" }] }],
      },
      preferredDuringSchedulingIgnoredDuringExecution: [
        { weight: 7, preference: { matchExpressions: [{ key: "disk", operator: "Exists" }] } },
      ],
    },
  },
  NodeResourcesFit: {
    ignoredResourceGroups: ["alibabacloud.com"],
    scoringStrategy: {
      type: "RequestedToCapacityRatio",
      resources: [{ name: "cpu" }, { name: "alibabacloud.com/gpu-milli", weight: 5 }],
      requestedToCapacityRatio: {
        shape: [
          { utilization: 20, score: 10 },
          { utilization: 80, score: 3 },
        ],
      },
    },
  },
  NodeResourcesBalancedAllocation: {
    resources: [{ name: "cpu" }, { name: "memory" }, { name: "alibabacloud.com/gpu-milli" }],
  },
};
for (const [name, given] of Object.entries(args))
  describePlugin(name, () => makePlugin(name, given));

/** Bits of `actionType` in the recorded table. */
const ACTIONS: Readonly<Record<string, readonly [bit: number, action: string][]>> = {
  Pod: [[2, "Delete"]],
  Node: [
    [1, "Add"],
    [2, "Delete"],
    [4, "UpdateAllocatable"],
    [8, "UpdateLabel"],
    [16, "UpdateTaint"],
    [32, "UpdateCondition"],
    [64, "UpdateAnnotation"],
  ],
};

describe("events that wake up rejected pods", () => {
  const rows: readonly { resource: string; actionType: number; plugins: readonly string[] }[] =
    JSON.parse(
      readFileSync(
        new URL("../test/reference/tables/event-registrations.json", import.meta.url),
        "utf8",
      ),
    );
  const recorded = (name: string): readonly string[] =>
    rows
      .filter((row) => row.plugins.includes(name))
      .flatMap(({ resource, actionType }) =>
        (ACTIONS[resource] ?? [])
          .filter(([bit]) => (actionType & bit) !== 0)
          .map(([, action]) => `${resource}/${action}`),
      );

  test.each(pluginNames())("%s registers for what kube-scheduler's does", (name) => {
    expect([...(makePlugin(name).requeueOn ?? [])].sort()).toEqual([...recorded(name)].sort());
  });

  test("the table names plugins that are here", () => {
    expect(pluginNames().filter((name) => recorded(name).length > 0)).toHaveLength(6);
  });
});
