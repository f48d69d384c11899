/** Every row of the tables recorded from kube-scheduler that concern this room. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { makeNode, makePod } from "../../../test/builders.ts";
import { KeyRecord, type Pod, type PodSpec } from "../../api/index.ts";
import { createPodInfo } from "./create-pod-info.ts";
import { definePlugin } from "./define-plugin.ts";
import { FullPass } from "./full-pass.ts";
import { IncrementalEvaluator } from "./incremental.ts";
import type { Profile } from "./interface.ts";
import { planEvaluation } from "./plan.ts";
import { ResourceTable } from "./resource-table.ts";
import { numFeasibleNodesToFind } from "./sampling.ts";
import { SchedulerCache } from "./scheduler-cache.ts";

function readTable<Row>(name: string): Row[] {
  const url = new URL(`../../../test/reference/tables/${name}.json`, import.meta.url);
  const rows = JSON.parse(readFileSync(url, "utf8")) as Row[];
  expect(rows.length).toBeGreaterThan(0);
  return rows;
}

const podRecord = (id: number, name: string): KeyRecord<Pod> =>
  new KeyRecord<Pod>(id, "Pod", "default", name);

test("numFeasibleNodesToFind is kube-scheduler's", () => {
  const rows = readTable<{
    numFeasibleNodesToFind: number;
    numNodes: number;
    percentageOfNodesToScore: number;
  }>("num-feasible-nodes");
  for (const row of rows) {
    const found = numFeasibleNodesToFind(row.percentageOfNodesToScore, row.numNodes);
    expect(found, JSON.stringify(row)).toBe(row.numFeasibleNodesToFind);
  }
});

describe("createPodInfo", () => {
  interface Row {
    readonly spec: PodSpec;
    readonly requested: {
      readonly milliCPU: number;
      readonly memory: number;
      readonly ephemeralStorage: number;
      readonly scalar: Readonly<Record<string, number>>;
    };
    readonly nonZeroRequested: { readonly milliCPU: number; readonly memory: number };
  }

  test("sums requests as a bound pod adds them to its node", () => {
    for (const [i, { spec, requested, nonZeroRequested }] of readTable<Row>(
      "pod-requests",
    ).entries()) {
      const resources = new ResourceTable();
      const pod = { ...makePod(`p${i}`).build(), spec };
      const info = createPodInfo(podRecord(i, `p${i}`), pod, resources);
      const amount = (name: string): number => info.requests[resources.indexOf(name)] ?? 0;
      const scalar = Object.keys(requested.scalar).map((name) => [name, amount(name)]);
      expect(
        {
          requested: {
            milliCPU: amount("cpu"),
            memory: amount("memory"),
            ephemeralStorage: amount("ephemeral-storage"),
            scalar: Object.fromEntries(scalar),
          },
          nonZeroRequested: {
            milliCPU: info.boundNonZeroCpuMilli,
            memory: info.boundNonZeroMemoryBytes,
          },
        },
        JSON.stringify(spec),
      ).toEqual({ requested, nonZeroRequested });
    }
  });
});

describe("SchedulerCache", () => {
  interface Row {
    readonly operations: readonly {
      readonly op: "add" | "update" | "remove";
      readonly node: string;
      readonly labels?: Readonly<Record<string, string>>;
    }[];
    readonly order: readonly string[];
  }

  test("walks the nodes in kube-scheduler's order", () => {
    for (const { operations, order } of readTable<Row>("node-order")) {
      const cache = new SchedulerCache();
      for (const { op, node, labels = {} } of operations) {
        cache.orderedNodes(); // a cycle between any two operations, as when it was recorded
        if (op === "remove") {
          cache.removeNode(node);
          continue;
        }
        const built = makeNode(node).build();
        const object = { ...built, metadata: { ...built.metadata, labels: { ...labels } } };
        if (op === "add") cache.addNode(object);
        else cache.updateNode(object);
      }
      expect(cache.orderedNodes().map(({ name }) => name)).toEqual(order);
    }
  });
});

describe("sampling", () => {
  interface Row {
    readonly percentageOfNodesToScore: number;
    readonly nodeSelectorDiskSsd: boolean;
    readonly nodes: readonly {
      readonly name: string;
      readonly zone: string;
      readonly disk: string;
    }[];
    readonly steps: readonly {
      readonly startIndex: number;
      readonly nextStartIndex: number;
      readonly feasible: readonly string[];
      readonly numRejected: number;
    }[];
  }

  const ssdOnly = definePlugin({
    name: "SsdOnly",
    locality: "spec",
    reads: ["nodeSelector"],
    filter: ({ pod }, { labels }) =>
      pod.spec.nodeSelector === undefined || labels["disk"] === "ssd" ? undefined : "no ssd",
    score: () => 7,
  });
  const newest = definePlugin({
    name: "Newest",
    locality: "node",
    score: (_, { pods }) => pods.length,
  });

  function clusterOf(row: Row): SchedulerCache {
    const cache = new SchedulerCache();
    for (const { name, zone, disk } of row.nodes) {
      const built = makeNode(name).build();
      const labels = { "topology.kubernetes.io/zone": zone, disk };
      cache.addNode({ ...built, metadata: { ...built.metadata, labels } });
    }
    return cache;
  }

  test.each(["full pass", "incremental"])("%s takes the recorded window", (mode) => {
    for (const row of readTable<Row>("node-sampling")) {
      const cache = clusterOf(row);
      const profile: Profile = {
        schedulerName: "s",
        plugins: [ssdOnly, newest].map((plugin) => ({ plugin, weight: 1 })),
        percentageOfNodesToScore: row.percentageOfNodesToScore,
      };
      const plan = planEvaluation(profile);
      const evaluator =
        mode === "full pass" ? new FullPass(plan, cache) : new IncrementalEvaluator(plan, cache);
      for (const [i, step] of row.steps.entries()) {
        const pod = makePod(`p${i}`).build();
        const spec = row.nodeSelectorDiskSsd
          ? { ...pod.spec, nodeSelector: { disk: "ssd" } }
          : pod.spec;
        const info = createPodInfo(podRecord(i, `p${i}`), { ...pod, spec }, cache.state.resources);
        expect(cache.state.nextStartIndex).toBe(step.startIndex);
        const taken = step.feasible.map((_, rank) => {
          const { chosenSlot } = evaluator.evaluate(info, () => rank);
          return cache.nodeAt(chosenSlot).name;
        });
        const result = evaluator.evaluate(info, () => 0);
        // Without sampling ties are counted in slot order: the same nodes, in another order.
        const isSampled = row.nodes.length >= 100;
        expect(isSampled ? taken : taken.sort()).toEqual(
          isSampled ? step.feasible : [...step.feasible].sort(),
        );
        expect(result.feasibleCount).toBe(step.feasible.length);
        expect(result.evaluatedCount).toBe(step.feasible.length + step.numRejected);
        cache.state.nextStartIndex = result.nextStartIndex;
        expect(result.nextStartIndex).toBe(step.nextStartIndex);
      }
    }
  });
});
