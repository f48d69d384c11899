import { describe, expect, test } from "vitest";
import { balancerByName } from "../policies/balance/index.ts";
import { profileByName } from "../policies/index.ts";
import type { Manifest } from "../sim/api/index.ts";
import { Cluster, defaultClusterOptions } from "../sim/index.ts";
import { digestOfWrites } from "./digest-of-writes.ts";
import { faultyCluster, type History } from "./faulty-cluster.ts";

const SECOND = 1_000_000;

function node(name: string): Manifest {
  const allocatable = { cpu: "4", memory: "16Gi", pods: "110" };
  return { apiVersion: "v1", kind: "Node", metadata: { name }, status: { allocatable } };
}

function pod(index: number): Manifest {
  const annotations = { "stowage.dev/duration": `${20 + (index % 7)}s` };
  const requests = { cpu: index % 3 === 0 ? "1500m" : "700m", memory: "1Gi" };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: `p${index}`, namespace: "default", annotations },
    spec: {
      restartPolicy: "Never",
      containers: [{ name: "main", image: `app:${index % 4}`, resources: { requests } }],
    },
  };
}

/** A cluster that is too small for its pods, so that some wait, back off and come later. */
function busyCluster(seed: string): Cluster {
  const cluster = new Cluster(
    { ...defaultClusterOptions, seed },
    { profiles: [profileByName("default")], balancer: balancerByName("round-robin") },
  );
  cluster.bootstrap([node("a"), node("b"), node("c")]);
  for (let i = 0; i < 60; i++) {
    cluster.operations.append(i * 700_000, { verb: "create", object: pod(i), source: `pod ${i}` });
  }
  cluster.operations.close();
  cluster.start();
  return cluster;
}

describe("a fork in the middle of a run", () => {
  test.each([5, 17.123456, 30])("after %s s goes on exactly as the original", (seconds) => {
    const original = busyCluster("7");
    original.run(seconds * SECOND);
    const copies = [original.fork(), original.fork()];
    const clusters = [original, ...copies];
    const digests = clusters.map((cluster) => digestOfWrites(cluster));
    for (const cluster of clusters) expect(cluster.run(3600 * SECOND)).toBe("idle");
    const [first, ...others] = digests.map((digest) => digest.hex);
    expect(others).toEqual([first, first]);
    expect(copies.map(({ kernel }) => kernel.dispatched)).toEqual([
      original.kernel.dispatched,
      original.kernel.dispatched,
    ]);
  });

  test.each<{ what: string; fault: History["faults"][number]; afterUs: number }>([
    {
      what: "an election of etcd is under way",
      fault: { fault: "etcd-leader-loss", atUs: 20_050_000 },
      afterUs: 500_000,
    },
    {
      what: "etcd's disks are slow",
      fault: { fault: "etcd-slow", factor: 50, atUs: 20 * SECOND, forUs: 9 * SECOND },
      afterUs: 60_000,
    },
    {
      what: "a server is slow and its requests wait",
      fault: { fault: "apiserver-slow", server: 0, factor: 500, atUs: 20e6, forUs: 9 * SECOND },
      afterUs: 123_457,
    },
    {
      what: "a server is dead and its clients reconnect",
      fault: { fault: "apiserver-down", server: 1, atUs: 20_010_000, forUs: 9 * SECOND },
      afterUs: 1,
    },
    {
      what: "the controller manager has died and its lease runs",
      fault: { fault: "controller-manager-crash", atUs: 20_050_000 },
      afterUs: 3 * SECOND,
    },
    {
      what: "the next controller manager lists",
      fault: { fault: "controller-manager-crash", atUs: 20_050_000 },
      afterUs: 15_100_000,
    },
    {
      what: "the scheduler has just died with pods assumed",
      fault: { fault: "scheduler-crash", atUs: 20_020_000 },
      afterUs: 1,
    },
    {
      what: "a node is cut off",
      fault: { fault: "node-isolated", node: "n1", atUs: 15 * SECOND, forUs: 400 * SECOND },
      afterUs: 60 * SECOND,
    },
    {
      what: "a node is dead",
      fault: { fault: "node-down", node: "n1", atUs: 15 * SECOND, forUs: 100 * SECOND },
      afterUs: 70 * SECOND,
    },
  ])("while $what, goes on exactly as the original", ({ fault, afterUs }) => {
    const original = faultyCluster({
      seed: 5,
      steps: [
        { atMs: 19_990, act: "scale-web", number: 5 },
        { atMs: 20_000, act: "job", number: 4 },
        { atMs: 20_010, act: "image-db", number: 2 },
        { atMs: 20_040, act: "drain", number: 1 },
      ],
      faults: [fault],
    });
    original.run(fault.atUs + afterUs);
    const clusters = [original, original.fork(), original.fork()];
    const digests = clusters.map((cluster) => digestOfWrites(cluster));
    for (const cluster of clusters) expect(cluster.run(3600 * SECOND)).toBe("idle");
    const [first, ...others] = digests.map((digest) => digest.hex);
    expect(others).toEqual([first, first]);
    expect(new Set(clusters.map(({ kernel }) => kernel.dispatched)).size).toBe(1);
  });

  test("does not disturb the original", () => {
    const undisturbed = busyCluster("7");
    const expected = digestOfWrites(undisturbed);
    undisturbed.run(3600 * SECOND);
    const forked = busyCluster("7");
    const digest = digestOfWrites(forked);
    forked.run(12 * SECOND);
    forked.fork().run(3600 * SECOND);
    forked.run(3600 * SECOND);
    expect(digest.hex).toBe(expected.hex);
  });
});
