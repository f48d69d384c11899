/** Leaders that die: who takes over, when, and that nothing is lost or done twice. */
import { describe, expect, test } from "vitest";
import { balancerByName } from "../policies/balance/index.ts";
import { profileByName } from "../policies/index.ts";
import type { Deployment, KeyRecord, Lease, Manifest, Pod } from "../sim/api/index.ts";
import { Cluster, type ClusterOptions, defaultClusterOptions, type Fault } from "../sim/index.ts";

const SECOND = 1_000_000;

function newCluster(faults: readonly Fault[], options: Partial<ClusterOptions> = {}): Cluster {
  const cluster = new Cluster(
    { ...defaultClusterOptions, ...options },
    { profiles: [profileByName("default")], balancer: balancerByName("random") },
  );
  cluster.bootstrap([0, 1, 2].map(node));
  for (const fault of faults) cluster.inject(fault);
  cluster.start();
  return cluster;
}

function node(i: number): Manifest {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: `n${i}` },
    status: { allocatable: { cpu: "16", memory: "64Gi", pods: "110" } },
  };
}

function deployment(replicas: number): Manifest {
  const labels = { app: "web" };
  const spec = { containers: [{ name: "main", image: "web:1" }] };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", namespace: "default" },
    spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  };
}

function apply(cluster: Cluster, atUs: number, object: Manifest): void {
  cluster.operations.append(atUs, { verb: "apply", object, source: "test" });
}

function finish(cluster: Cluster): void {
  cluster.operations.close();
  expect(cluster.run(3_600 * SECOND)).toBe("idle");
}

const pods = (cluster: Cluster): Pod[] => cluster.list("Pod").map(({ stored }) => stored as Pod);
const web = (cluster: Cluster): Deployment =>
  cluster.list("Deployment")[0]?.stored as unknown as Deployment;
const lease = (cluster: Cluster, name: string): Lease =>
  cluster.list("Lease").find((record: KeyRecord) => record.name === name)?.stored as Lease;

describe("the controller manager dies", () => {
  const crash: Fault = { fault: "controller-manager-crash", atUs: 30 * SECOND };

  test.each([
    { what: "one replica: the lease of the dead process runs out first", replicas: 1 },
    { what: "a standby takes over", replicas: 2 },
  ])("$what", ({ replicas }) => {
    const leaderElection = { ...defaultClusterOptions.leaderElection, replicas };
    const cluster = newCluster([crash], { leaderElection });
    apply(cluster, 31 * SECOND, deployment(3));
    finish(cluster);
    const created = Math.min(...pods(cluster).map(createdS));
    // Renewed at 30 s at the latest, 15 s of lease, and up to 2.2 retry periods of 2 s.
    expect(created).toBeGreaterThanOrEqual(43);
    expect(created).toBeLessThanOrEqual(51);
    expect(lease(cluster, "kube-controller-manager").spec).toMatchObject({
      holderIdentity: "kube-controller-manager-1",
      leaseTransitions: 1,
    });
  });

  test("without leader election only its restart is waited for", () => {
    const leaderElection = { ...defaultClusterOptions.leaderElection, leaderElect: false };
    const cluster = newCluster([{ ...crash, forUs: 2 * SECOND }], { leaderElection });
    apply(cluster, 31 * SECOND, deployment(3));
    finish(cluster);
    expect(Math.min(...pods(cluster).map(createdS))).toBeLessThan(34);
  });

  test.each([30_001, 30_005, 30_010, 30_020, 30_040, 30_080, 30_300, 31_000, 33_000])(
    "at %i ms, in the middle of its work: there are as many pods as asked for in the end",
    (ms) => {
      const cluster = newCluster([{ ...crash, atUs: ms * 1000 }]);
      apply(cluster, 30 * SECOND, deployment(40));
      finish(cluster);
      expect(pods(cluster)).toHaveLength(40);
      expect(web(cluster).status).toMatchObject({ readyReplicas: 40, availableReplicas: 40 });
    },
  );
});

describe("the scheduler dies", () => {
  test.each([30_030, 30_060, 30_100, 30_200, 30_500, 31_000])(
    "at %i ms: every pod is bound in the end, and no node holds too much",
    (ms) => {
      const cluster = newCluster([{ fault: "scheduler-crash", atUs: ms * 1000 }]);
      apply(cluster, 30 * SECOND, deployment(60));
      finish(cluster);
      expect(pods(cluster).filter(({ spec }) => spec.nodeName === undefined)).toEqual([]);
      expect(web(cluster).status.availableReplicas).toBe(60);
      expect(lease(cluster, "kube-scheduler").spec.leaseTransitions).toBe(1);
    },
  );

  test("pods wait for the next one, running pods do not notice", () => {
    const cluster = newCluster([{ fault: "scheduler-crash", atUs: 30 * SECOND }]);
    apply(cluster, 1 * SECOND, deployment(2));
    apply(cluster, 40 * SECOND, deployment(5));
    finish(cluster);
    const bound = pods(cluster)
      .map(scheduledS)
      .toSorted((a, b) => a - b);
    expect(bound.filter((s) => s < 30)).toHaveLength(2);
    expect(bound.filter((s) => s >= 43 && s <= 51)).toHaveLength(3);
  });
});

describe("the API is out of reach for longer than the renew deadline", () => {
  test("leaders exit, and lead again once their lease has run out and the API is back", () => {
    const cluster = newCluster([
      { fault: "apiserver-down", atUs: 30 * SECOND, forUs: 60 * SECOND },
    ]);
    apply(cluster, 1 * SECOND, deployment(2));
    apply(cluster, 95 * SECOND, deployment(4));
    finish(cluster);
    expect(web(cluster).status.availableReplicas).toBe(4);
    expect(lease(cluster, "kube-scheduler").spec.leaseTransitions).toBe(1);
    expect(lease(cluster, "kube-controller-manager").spec.leaseTransitions).toBe(1);
  });

  test("a shorter outage changes no leader", () => {
    const cluster = newCluster([{ fault: "apiserver-down", atUs: 30 * SECOND, forUs: 5 * SECOND }]);
    apply(cluster, 1 * SECOND, deployment(2));
    apply(cluster, 40 * SECOND, deployment(4));
    finish(cluster);
    expect(web(cluster).status.availableReplicas).toBe(4);
    expect(lease(cluster, "kube-scheduler").spec.leaseTransitions).toBe(0);
  });
});

test("one of two API servers dies: its clients and watches move to the other", () => {
  const apiserver = { ...defaultClusterOptions.apiserver, replicas: 2 };
  const down: Fault = { fault: "apiserver-down", server: 0, atUs: 30_020_000 };
  const cluster = newCluster([down], { apiserver });
  apply(cluster, 30 * SECOND, deployment(30));
  finish(cluster);
  expect(web(cluster).status.availableReplicas).toBe(30);
});

test("etcd's leader is lost in the middle of a burst: all pods are there a little later", () => {
  const cluster = newCluster([{ fault: "etcd-leader-loss", atUs: 30_100_000 }]);
  apply(cluster, 30 * SECOND, deployment(60));
  finish(cluster);
  expect(web(cluster).status.availableReplicas).toBe(60);
  expect(pods(cluster).filter((pod) => createdS(pod) >= 31).length).toBeGreaterThan(0);
});

function createdS({ metadata }: Pod): number {
  return secondsOf(metadata.creationTimestamp);
}

function scheduledS({ status }: Pod): number {
  const condition = status.conditions?.find(({ type }) => type === "PodScheduled");
  return secondsOf(condition?.lastTransitionTime ?? "");
}

function secondsOf(time: string): number {
  return (Date.parse(time) - Date.parse("2024-01-01T00:00:00Z")) / 1000;
}
