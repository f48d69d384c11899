import { describe, expect, test } from "vitest";
import { balancerByName } from "../policies/balance/index.ts";
import { profileByName } from "../policies/index.ts";
import type { ApiObject, Manifest, Node, Pod } from "../sim/api/index.ts";
import { Cluster, defaultClusterOptions } from "../sim/index.ts";

const SECOND = 1_000_000;

function node(name: string, spec: object = {}): Manifest {
  const allocatable = { cpu: "4", memory: "8Gi", pods: "110" };
  return { apiVersion: "v1", kind: "Node", metadata: { name }, spec, status: { allocatable } };
}

function clusterOf(...nodes: Manifest[]): Cluster {
  const policies = {
    profiles: [profileByName("default")],
    balancer: balancerByName("random"),
  };
  const cluster = new Cluster(defaultClusterOptions, policies);
  cluster.bootstrap(nodes);
  cluster.start();
  return cluster;
}

function apply(cluster: Cluster, atSeconds: number, object: Manifest): void {
  cluster.operations.append(atSeconds * SECOND, { verb: "apply", object, source: "test" });
}

function stored<T extends ApiObject>(cluster: Cluster, kind: string, name: string): T {
  const object = cluster.list(kind).find((record) => record.name === name)?.stored;
  if (object === undefined) throw new Error(`there is no ${kind} ${name}`);
  return object as T;
}

const pod: Manifest = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "p", namespace: "default" },
  spec: { containers: [{ name: "main", image: "app:1" }] },
};

describe("a Node in a user's manifests", () => {
  test("of a new name joins: its kubelet registers it and runs pods", () => {
    const cluster = clusterOf();
    apply(cluster, 1, node("late"));
    apply(cluster, 2, pod);
    cluster.operations.close();
    cluster.run(60 * SECOND);
    const { spec, status } = stored<Pod>(cluster, "Pod", "p");
    expect([spec.nodeName, status.phase]).toEqual(["late", "Running"]);
  });

  test("of a known name changes that node, and makes no second one", () => {
    const cluster = clusterOf(node("n1"));
    apply(cluster, 1, node("n1", { unschedulable: true }));
    apply(cluster, 2, pod);
    cluster.operations.close();
    cluster.run(60 * SECOND);
    expect(cluster.nodeCount).toBe(1);
    expect(stored<Node>(cluster, "Node", "n1").spec.unschedulable).toBe(true);
    expect(stored<Pod>(cluster, "Pod", "p").spec.nodeName).toBeUndefined();
  });

  test("that changes while its kubelet registers it waits for that", () => {
    const cluster = clusterOf(node("n1"));
    for (const spec of [{}, { unschedulable: true }]) apply(cluster, 1, node("late", spec));
    cluster.operations.close();
    cluster.run(60 * SECOND);
    const late = stored<Node>(cluster, "Node", "late");
    expect(late.spec.unschedulable).toBe(true);
  });

  test("that was deleted comes back when it is applied again", () => {
    const cluster = clusterOf(node("n1"));
    cluster.operations.append(SECOND, { verb: "delete", object: node("n1"), source: "test" });
    apply(cluster, 2, node("n1"));
    apply(cluster, 3, pod);
    cluster.operations.close();
    expect(cluster.run(60 * SECOND)).toBe("idle");
    expect(cluster.nodeCount).toBe(1);
    expect(stored<Pod>(cluster, "Pod", "p").status.phase).toBe("Running");
  });

  test("twice among the nodes of the start is the user's mistake", () => {
    expect(() => clusterOf(node("n1"), node("n1"))).toThrow(/Node "n1" is there twice/);
  });
});
