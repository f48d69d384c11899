/**
 * Answers that say nothing (connection lost, etcd has no leader) are neither success nor the end:
 * each component asks again, and a run with something that can never succeed still ends.
 */
import { describe, expect, test } from "vitest";
import { balancerByName } from "../policies/balance/index.ts";
import { profileByName } from "../policies/index.ts";
import type { Lease, Manifest, Node, Pod } from "../sim/api/index.ts";
import {
  Cluster,
  type ClusterOptions,
  defaultClusterOptions,
  type Fault,
  type Operation,
} from "../sim/index.ts";
import { deployment } from "./controllers-fixture.ts";
import { Watchman } from "./fault-checks.ts";
import { faultyCluster, SECOND } from "./faulty-cluster.ts";

type Timed = readonly [second: number, operation: Operation];

function node(name: string): Manifest {
  const allocatable = { cpu: "4", memory: "16Gi", pods: "20" };
  return { apiVersion: "v1", kind: "Node", metadata: { name }, status: { allocatable } };
}

function pod(name: string, seconds?: number): Manifest {
  const annotations = seconds === undefined ? {} : { "stowage.dev/duration": `${seconds}s` };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default", annotations },
    spec: { restartPolicy: "Never", containers: [{ name: "main", image: "app:1" }] },
  };
}

/** Lives through it all until nothing is left to do. */
function live(
  objects: readonly Manifest[],
  operations: readonly Timed[],
  faults: readonly Fault[],
  options: Partial<ClusterOptions> = {},
): Cluster {
  const kubelet = { ...defaultClusterOptions.kubelet, defaultImageBytes: 0 };
  const cluster = new Cluster(
    { ...defaultClusterOptions, kubelet, ...options },
    { profiles: [profileByName("default")], balancer: balancerByName("random") },
  );
  cluster.bootstrap([node("n0"), ...objects]);
  for (const [second, operation] of operations)
    cluster.operations.append(Math.round(second * SECOND), operation);
  cluster.operations.close();
  for (const fault of faults) cluster.inject(fault);
  cluster.start();
  expect(cluster.run(4 * 3600 * SECOND)).toBe("idle");
  return cluster;
}

const create = (object: Manifest): Operation => ({ verb: "create", object, source: "test" });
const stored = <T>(cluster: Cluster, kind: string, name: string): T | undefined =>
  cluster.list(kind).find((record) => record.name === name)?.stored as T | undefined;
const phaseOf = (cluster: Cluster, name: string): string | undefined =>
  stored<Pod>(cluster, "Pod", name)?.status.phase;

describe("what a kubelet has to say is said again", () => {
  /** The pod is created at 10 s and ends 5 s after its start: statuses go out from 10 to 16 s. */
  test.each([10.02, 10.05, 10.2, 10.5, 11, 15.2, 15.4, 15.6, 15.8, 16])(
    "etcd has no leader from %d s on for 4 s: the pod has succeeded",
    (second) => {
      const atUs = Math.round(second * SECOND);
      const faults: Fault[] = [{ fault: "etcd-quorum-loss", atUs, forUs: 4 * SECOND }];
      expect(phaseOf(live([], [[10, create(pod("a", 5))]], faults), "a")).toBe("Succeeded");
    },
  );

  test("the only API server is away while a pod ends", () => {
    const faults: Fault[] = [{ fault: "apiserver-down", atUs: 12 * SECOND, forUs: 8 * SECOND }];
    expect(phaseOf(live([], [[10, create(pod("a", 5))]], faults), "a")).toBe("Succeeded");
  });

  test.each([20.01, 20.03, 20.05, 20.1, 21, 50.1])(
    "a pod that was deleted goes, though the API server was away from %d s on",
    (second) => {
      const remove: Operation = { verb: "delete", object: pod("a"), source: "test" };
      const operations: Timed[] = [
        [10, create(pod("a"))],
        [20, remove],
      ];
      const atUs = Math.round(second * SECOND);
      const faults: Fault[] = [{ fault: "apiserver-down", atUs, forUs: 9 * SECOND }];
      expect(phaseOf(live([], operations, faults), "a")).toBeUndefined();
    },
  );
});

test("a node that joins while no API server is there registers when one is", () => {
  const faults: Fault[] = [{ fault: "apiserver-down", atUs: 9 * SECOND, forUs: 25 * SECOND }];
  const joined = stored<Node>(live([], [[10, create(node("n1"))]], faults), "Node", "n1");
  const ready = joined?.status.conditions?.find(({ type }) => type === "Ready");
  expect([ready?.status, joined?.spec.taints ?? []]).toEqual(["True", []]);
});

test("a node that comes back while no API server is there becomes ready when one is", () => {
  const faults: Fault[] = [
    { fault: "node-down", node: "n0", atUs: 10 * SECOND, forUs: 80 * SECOND },
    { fault: "apiserver-down", atUs: 85 * SECOND, forUs: 120 * SECOND },
  ];
  const back = stored<Node>(live([], [], faults), "Node", "n0");
  const ready = back?.status.conditions?.find(({ type }) => type === "Ready");
  expect([ready?.status, back?.spec.taints ?? []]).toEqual(["True", []]);
});

test("a leader's lease is written though etcd had no leader at first", () => {
  const crash: Fault = { fault: "scheduler-crash", atUs: 30 * SECOND };
  const losses: Fault[] = Array.from({ length: 400 }, (_, i) => ({
    fault: "etcd-leader-loss",
    atUs: 44 * SECOND + i * 30_000,
  }));
  const lease = stored<Lease>(live([], [], [crash, ...losses]), "Lease", "kube-scheduler");
  expect(lease?.spec).toMatchObject({ leaseTransitions: 1 });
});

describe("what users asked for and lost", () => {
  const lost: Fault = { fault: "apiserver-down", atUs: 9 * SECOND, forUs: 5 * SECOND };
  const patch: Operation = {
    verb: "patch",
    object: pod("a"),
    patch: { metadata: { labels: { x: "y" } } },
    source: "later",
  };

  test("what follows from it is no mistake: the run goes on", () => {
    const operations: Timed[] = [
      [10, create(pod("a"))],
      [20, patch],
      [21, create(pod("b", 1))],
    ];
    const cluster = live([], operations, [lost]);
    expect([phaseOf(cluster, "a"), phaseOf(cluster, "b")]).toEqual([undefined, "Succeeded"]);
  });

  test("without a fault a missing name is one", () => {
    expect(() => live([], [[20, patch]], [])).toThrow('later: pods "a" not found');
  });
});

describe("a ReplicaSet that its quota stops", () => {
  const quota = (pods: number): Manifest => ({
    apiVersion: "v1",
    kind: "ResourceQuota",
    metadata: { name: "pods", namespace: "default" },
    spec: { hard: { pods: String(pods) } },
  });
  const web = (replicas: number): Operation => ({
    verb: "apply",
    object: deployment("web", replicas),
    source: "test",
  });
  const scaled: Timed[] = [
    [10, web(2)],
    [20, web(5)],
  ];

  test("is tried again in longer and longer pauses, and lets the run end", () => {
    const cluster = live([quota(3)], scaled, []);
    expect(cluster.list("Pod")).toHaveLength(3);
    expect(cluster.kernel.dispatched).toBeLessThan(2_000);
  });

  test.each([
    { raisedS: 1200, untilS: 1300 },
    { raisedS: 1500, untilS: 2400 }, // the pause is at its longest: something else must go on
  ])("has its pods at the next try after the quota was raised at $raisedS s", (times) => {
    const raise: Operation = { verb: "apply", object: quota(9), source: "test" };
    const more: Timed[] = [
      [times.raisedS, raise],
      [times.untilS, web(5)],
    ];
    expect(live([quota(3)], [...scaled, ...more], []).list("Pod")).toHaveLength(5);
  });
});

test("a watch that was on its way to the server when its process died is not opened for it", () => {
  const cluster = faultyCluster({
    seed: 1,
    steps: [{ atMs: 2000, act: "scale-web", number: 0 }],
    faults: [{ fault: "controller-manager-crash", atUs: SECOND, forUs: SECOND }],
  });
  const watchman = new Watchman(cluster); // fails on a change that is delivered twice
  expect(cluster.run(3600 * SECOND)).toBe("idle");
  expect(watchman.deliveries).toBeGreaterThan(100);
});
