import { describe, expect, test } from "vitest";
import { balancerByName } from "../policies/balance/index.ts";
import { profileByName } from "../policies/index.ts";
import type { DaemonSet, Manifest, Pod, StatefulSet } from "../sim/api/index.ts";
import { Cluster, defaultClusterOptions } from "../sim/index.ts";
import { template } from "./controllers-fixture.ts";
import { digestOfWrites } from "./digest-of-writes.ts";

const SECOND = 1_000_000;

function node(name: string, taints: object[] = []): Manifest {
  const allocatable = { cpu: "4", memory: "16Gi", pods: "40" };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name },
    spec: { taints },
    status: { allocatable },
  };
}

function workload(kind: string, name: string, spec: object = {}): Manifest {
  return {
    apiVersion: "apps/v1",
    kind,
    metadata: { name, namespace: "default" },
    spec: { selector: { matchLabels: { app: name } }, template: template(name), ...spec },
  };
}

/** A rollout of a StatefulSet and of a DaemonSet on four nodes, of which one is tainted. */
function busyCluster(): Cluster {
  const cluster = new Cluster(defaultClusterOptions, {
    profiles: [profileByName("default")],
    balancer: balancerByName("round-robin"),
  });
  cluster.bootstrap([
    node("a"),
    node("b"),
    node("c"),
    node("d", [{ key: "only", effect: "NoSchedule" }]),
  ]);
  const set = { replicas: 3, serviceName: "db" };
  const operations: [number, "create" | "apply", Manifest][] = [
    [1, "create", workload("StatefulSet", "db", set)],
    [2, "create", workload("DaemonSet", "agent")],
    [40, "apply", workload("StatefulSet", "db", { ...set, template: template("db", "db:2") })],
    [41, "apply", workload("DaemonSet", "agent", { template: template("agent", "agent:2") })],
  ];
  for (const [second, verb, object] of operations)
    cluster.operations.append(second * SECOND, { verb, object, source: `at ${second} s` });
  cluster.operations.close();
  cluster.start();
  return cluster;
}

function podsOf(cluster: Cluster, app: string): Pod[] {
  return cluster
    .list("Pod")
    .flatMap(({ stored }) => (stored?.metadata.labels?.["app"] === app ? [stored as Pod] : []));
}

describe("StatefulSets and DaemonSets in a cluster", () => {
  test("are placed by the scheduler, rolled out and then at rest", () => {
    const cluster = busyCluster();
    expect(cluster.run(3600 * SECOND)).toBe("idle");
    const daemons = podsOf(cluster, "agent");
    expect(daemons.map(({ spec }) => spec.nodeName).sort()).toEqual(["a", "b", "c"]);
    expect(daemons.map(({ spec }) => spec.containers[0]?.image)).toEqual(Array(3).fill("agent:2"));
    const set = cluster.list("DaemonSet")[0]?.stored as DaemonSet;
    expect(set.status).toMatchObject({ numberReady: 3, desiredNumberScheduled: 3 });
    const stateful = podsOf(cluster, "db");
    expect(stateful.map(({ metadata }) => metadata.name).sort()).toEqual(["db-0", "db-1", "db-2"]);
    expect(new Set(stateful.map(({ spec }) => spec.nodeName)).size).toBe(3);
    const statefulSet = cluster.list("StatefulSet")[0]?.stored as StatefulSet | undefined;
    const status = statefulSet?.status;
    expect(status).toMatchObject({ readyReplicas: 3, updatedReplicas: 3 });
    expect(status?.currentRevision).toBe(status?.updateRevision);
  });

  test.each([1.5, 2.02, 42.3])("go on in a fork at %s s exactly as in the original", (seconds) => {
    const original = busyCluster();
    original.run(seconds * SECOND);
    const copy = original.fork();
    const [a, b] = [original, copy].map((cluster) => {
      const digest = digestOfWrites(cluster);
      expect(cluster.run(3600 * SECOND)).toBe("idle");
      return digest.hex;
    });
    expect(b).toBe(a);
  });
});
