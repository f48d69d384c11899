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
  PodTopologySpread: {
    defaultingType: "List",
    defaultConstraints: [
      { maxSkew: 1, topologyKey: "kubernetes.io/hostname", whenUnsatisfiable: "DoNotSchedule" },
      {
        maxSkew: 2,
        topologyKey: "topology.kubernetes.io/zone",
        whenUnsatisfiable: "ScheduleAnyway",
      },
    ],
  },
  InterPodAffinity: { hardPodAffinityWeight: 30, ignorePreferredTermsOfExistingPods: true },
  NodeResourcesBalancedAllocation: {
    resources: [{ name: "cpu" }, { name: "memory" }, { name: "alibabacloud.com/gpu-milli" }],
  },
};
for (const [name, given] of Object.entries(args))
  describePlugin(name, () => makePlugin(name, given));

/** Bits of `actionType` in the recorded table: any of a group makes the action. */
const ACTIONS: readonly (readonly [bits: number, action: string])[] = [
  [1, "Add"],
  [2, "Delete"],
  [4 + 8 + 16 + 32 + 64, "Update"],
];
/** Updates of nodes are told apart. */
const NODE_ACTIONS: typeof ACTIONS = [
  [1, "Add"],
  [2, "Delete"],
  [4, "UpdateAllocatable"],
  [8, "UpdateLabel"],
  [16, "UpdateTaint"],
  [32, "UpdateCondition"],
  [64, "UpdateAnnotation"],
];

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
        (resource === "Node" ? NODE_ACTIONS : ACTIONS)
          .filter(([bits]) => (actionType & bits) !== 0)
          .map(([, action]) => `${resource.replace("storage.k8s.io/", "")}/${action}`),
      );

  test.each(pluginNames())("%s registers for what kube-scheduler's does", (name) => {
    expect([...(makePlugin(name).requeueOn ?? [])].sort()).toEqual(
      [...new Set(recorded(name))].sort(),
    );
  });

  test("every plugin of the table is here", () => {
    expect(pluginNames()).toEqual(expect.arrayContaining(rows.flatMap(({ plugins }) => plugins)));
  });
});
