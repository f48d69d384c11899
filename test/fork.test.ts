import { describe, expect, test } from "vitest";
import { balancerByName } from "../policies/balance/index.ts";
import { profileByName } from "../policies/index.ts";
import type { Manifest } from "../sim/api/index.ts";
import { Cluster, defaultClusterOptions } from "../sim/index.ts";
import { digestOfWrites } from "./digest-of-writes.ts";

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
