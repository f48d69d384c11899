/**
 * All recorders together on clusters in which things go wrong: containers that restart for ever,
 * pods that never start, drains, evictions, machines that die. None may be surprised.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { profileByName } from "../policies/index.ts";
import { type Row, RunRecorder } from "../reports/index.ts";
import type { Manifest } from "../sim/api/index.ts";
import { defaultClusterOptions } from "../sim/index.ts";
import { ALL_FAULTS, END_US, faultyCluster, historyOf, SECOND } from "./faulty-cluster.ts";

const { kubelet, latency } = defaultClusterOptions;

/** Replicas of which each container ends after five seconds and starts again, images pulled anew. */
function restarting(name: string, initCount: number): Manifest {
  const labels = { app: name };
  const init = Array.from({ length: initCount }, (_, i) => ({
    name: `init-${i}`,
    image: `init-${i}`,
  }));
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name },
    spec: {
      replicas: 3,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels, annotations: { "stowage.dev/duration": "5s" } },
        spec: {
          containers: [{ name: "main", image: "untagged" }],
          ...(initCount > 0 ? { initContainers: init } : {}),
        },
      },
    },
  } as Manifest;
}

/** It fits on no node. */
const neverStarts: Manifest = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "too-large" },
  spec: { containers: [{ name: "main", image: "a:1", resources: { requests: { cpu: "99" } } }] },
} as Manifest;

function record(history: Parameters<typeof faultyCluster>[0]) {
  const rows: Record<string, Row[]> = {};
  const sink = (name: string) => (row: Row) => {
    rows[name] = [...(rows[name] ?? []), row];
  };
  const names = [
    "pods",
    "workloads",
    "operations",
    "faults",
    "utilization",
    "nodes",
    "namespaces",
    "distributions",
    "latency",
    "apiRequests",
  ];
  const recorder = new RunRecorder({
    labels: { policy: "default", workload: "random", seed: "1" },
    resources: ["cpu", "memory"],
    utilizationIntervalUs: 10 * SECOND,
    scheduler: { profiles: [profileByName("default")], nodeCosts: latency },
    sinks: Object.fromEntries([...names, "schedulerMetrics"].map((name) => [name, sink(name)])),
  });
  const cluster = faultyCluster(
    history,
    { kubelet: { ...kubelet, defaultImageBytes: 200_000_000 } },
    {
      extra: [restarting("restless", 0), restarting("prepared", 2), neverStarts],
      attach: ({ trace }) => recorder.attach(trace),
    },
  );
  cluster.run(END_US);
  const { kernel } = cluster;
  return { rows, summary: recorder.finish({ endUs: kernel.nowUs, events: kernel.dispatched }) };
}

describe("all recorders", () => {
  test("take whatever a run with faults, restarts and evictions tells them", () => {
    fc.assert(
      fc.property(historyOf(ALL_FAULTS), (history) => {
        const { rows, summary } = record(history);
        const { pods_created: created = 0, pods_started: started = 0 } = summary.metrics;
        expect(rows["pods"]?.length).toBe(created);
        // A row per fraction: each series counts every pod that it is about, in n or as censored.
        for (const row of rows["distributions"] ?? [])
          if (row[0] === "scheduling_wait" || row[0] === "pod_startup")
            expect(Number(row[2]) + Number(row[3])).toBe(created);
        const inNamespaces = rows["namespaces"]?.reduce((sum, row) => sum + Number(row[1]), 0);
        expect(inNamespaces).toBe(created);
        expect(started).toBeGreaterThan(0);
        const struck = rows["faults"]?.filter((row) => row[1] === "fault_struck");
        expect(struck?.length).toBe(history.faults.length);
        for (const [name, value = 0] of Object.entries(summary.metrics))
          expect(value, name).toBeGreaterThanOrEqual(0);
      }),
      { seed: 20, numRuns: 12 },
    );
  }, 120_000);

  test("a container that restarts for ever does not make its pod's start shorter than nothing", () => {
    const { summary } = record({ seed: 1, steps: [], faults: [] });
    expect(summary.metrics["pod_startup_slo_p50_s"]).toBeGreaterThan(0);
  });
});
