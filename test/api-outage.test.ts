/** The API out of reach of everybody, for longer than any grace period: nobody is to blame. */
import { describe, expect, test } from "vitest";
import { balancerByName } from "../policies/balance/index.ts";
import { profileByName } from "../policies/index.ts";
import { findCondition, type Manifest, type Node, type Pod } from "../sim/api/index.ts";
import { Cluster, type ClusterOptions, defaultClusterOptions, type Fault } from "../sim/index.ts";

const SECOND = 1_000_000;
const NODES = 12;
const START = 60 * SECOND;

function newCluster(options: Partial<ClusterOptions> = {}): Cluster {
  const cluster = new Cluster(
    { ...defaultClusterOptions, ...options },
    { profiles: [profileByName("default")], balancer: balancerByName("random") },
  );
  cluster.bootstrap(Array.from({ length: NODES }, (_, i) => node(i)));
  cluster.start();
  cluster.operations.append(0, { verb: "apply", object: deployment(30), source: "test" });
  return cluster;
}

function node(i: number): Manifest {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: `n${i}`, labels: { "topology.kubernetes.io/zone": `z${i % 3}` } },
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

const uids = (cluster: Cluster): string[] =>
  cluster.list("Pod").map(({ stored }) => stored?.metadata.uid ?? "");

describe.each([
  { leaderElect: true, what: "its leader resigned and another came" },
  { leaderElect: false, what: "it ran all the time" },
])("an outage, and a controller manager of which $what", ({ leaderElect }) => {
  const leaderElection = { ...defaultClusterOptions.leaderElection, leaderElect };

  test.each<[string, Partial<Fault> & Pick<Fault, "fault">, number]>([
    ["the only API server is down", { fault: "apiserver-down" }, 600],
    ["etcd has no majority", { fault: "etcd-quorum-loss" }, 600],
    ["for as long as a pod tolerates an unreachable node", { fault: "apiserver-down" }, 345],
    ["for as long as a node's grace", { fault: "apiserver-down" }, 45],
  ])("%s: no node is tainted and no pod evicted", (_what, fault, seconds) => {
    const cluster = newCluster({ leaderElection });
    const evicting: string[] = [];
    cluster.trace.committed.subscribe(({ record, object, type }) => {
      if (record.kind === "Node") {
        const { taints = [] } = (object as Node).spec;
        for (const { key, effect } of taints)
          if (effect === "NoExecute") evicting.push(`${record.name} ${key}`);
      }
      if (record.kind !== "Pod") return;
      const { deletionTimestamp } = (object as Pod).metadata;
      if (type === "DELETED" || deletionTimestamp !== undefined) evicting.push(record.name);
    });
    cluster.inject({ atUs: START, forUs: seconds * SECOND, ...fault });
    cluster.operations.close();
    cluster.run(START - 1);
    const before = uids(cluster);
    expect(before).toHaveLength(30);
    const watchers = cluster.apiserver.watches.watchCount("Deployment");
    cluster.run(START + (seconds + 1200) * SECOND);
    expect(evicting).toEqual([]);
    expect(uids(cluster)).toEqual(before);
    expect(cluster.apiserver.watches.watchCount("Deployment")).toBe(watchers);
    for (const { stored } of cluster.list("Node")) {
      expect(findCondition((stored as Node).status.conditions, "Ready")?.status).toBe("True");
      expect((stored as Node).spec.taints ?? []).toEqual([]);
    }
  });
});

describe("an outage", () => {
  test("does not hide a node that died meanwhile: its pods are evicted, and only they", () => {
    const cluster = newCluster();
    cluster.inject({ fault: "apiserver-down", atUs: START, forUs: 600 * SECOND });
    cluster.inject({ fault: "node-down", node: "n3", atUs: START + 100 * SECOND });
    cluster.operations.close();
    cluster.run(START - 1);
    const elsewhere = cluster
      .list("Pod")
      .filter(({ stored }) => (stored as Pod).spec.nodeName !== "n3")
      .map(({ key }) => key);
    cluster.run(START + 2400 * SECOND);
    const pods = cluster.list("Pod").map(({ key, stored }) => ({ key, pod: stored as Pod }));
    const keys = pods.map(({ key }) => key);
    for (const key of elsewhere) expect(keys).toContain(key);
    const running = pods.filter(({ pod }) => pod.metadata.deletionTimestamp === undefined);
    expect(running).toHaveLength(30);
    expect(running.filter(({ pod }) => pod.spec.nodeName === "n3")).toEqual([]);
  });
});

describe("what kubelets send", () => {
  /** Statuses that kubelets sent, and that were issued during an outage of four seconds, by their answer. */
  function sentDuring(fault: Fault["fault"]): number[] {
    const kubelet = { ...defaultClusterOptions.kubelet, defaultImageBytes: 0 };
    const cluster = newCluster({ kubelet });
    const startUs = 600_000; // the pods of the Deployment are about to start
    const codes: number[] = [];
    cluster.trace.apiRequest.subscribe(({ client, verb, code, issuedUs }) => {
      const isDuring = issuedUs > startUs && issuedUs < startUs + 4 * SECOND;
      if (client === "kubelet" && verb === "patch" && isDuring) codes.push(code);
    });
    cluster.inject({ fault, atUs: startUs, forUs: 4 * SECOND });
    cluster.operations.close();
    cluster.run(START);
    return codes;
  }

  test("goes out and waits when etcd has no leader", () => {
    const codes = sentDuring("etcd-quorum-loss");
    expect(codes.length).toBeGreaterThan(0);
    expect(new Set(codes)).toEqual(new Set([200]));
  });

  test("is held back while no API server is there", () => {
    expect(sentDuring("apiserver-down")).toEqual([]);
  });
});
