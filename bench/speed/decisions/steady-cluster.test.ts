import { describe, expect, test } from "vitest";
import { defaultProfile } from "../../../policies/index.ts";
import { appGroups, deploymentGroups, spreadingRules } from "./app-groups.ts";
import { anyGroup, rollOuts } from "./decision-table.ts";
import { type PodGroup, plainGroups } from "./pod-group.ts";
import { SteadyCluster } from "./steady-cluster.ts";

const nodeCount = 24;
const profile = defaultProfile({ percentageOfNodesToScore: 100 });

describe("a steady cluster", () => {
  test.each<[string, readonly PodGroup[], number | undefined]>([
    ["plain pods", plainGroups(5), undefined],
    ["apps that spread", appGroups(nodeCount, 10, spreadingRules), 10],
    ["Deployments behind Services", deploymentGroups(nodeCount, 30), 30],
  ])("of %s stays as full as it was, and places every pod", (_name, groups, replicas) => {
    const options = replicas === undefined ? {} : { replicas };
    const cluster = new SteadyCluster({ nodeCount, groups, ...options });
    const groupOf = (replicas === undefined ? anyGroup : rollOuts(replicas))(cluster);
    const { pods } = cluster.cache.state;
    const before = pods.size;
    expect(before / nodeCount).toBeGreaterThan(8);
    expect(before / nodeCount).toBeLessThan(30);
    for (const evaluation of ["full", "verify"] as const) {
      cluster.run(cluster.framework(profile, evaluation), cluster.turns(60, groupOf));
    }
    expect(cluster.failedCount).toBe(0);
    expect(pods.size).toBe(before);
  });
});
