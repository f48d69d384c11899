/** Requests through a whole cluster: nodes, kubelets, proxies. Slices are written by hand. */
import { describe, expect, test } from "vitest";
import { balancerByName } from "../policies/balance/index.ts";
import { profileByName } from "../policies/index.ts";
import type { Manifest, ServiceRequestFact } from "../sim/api/index.ts";
import { Cluster, defaultClusterOptions } from "../sim/index.ts";
import { kept, plainTraffic } from "./network-fixture.ts";

const SECOND = 1_000_000;
const PODS = ["p1", "p2", "p3"];

function node(name: string): Manifest {
  const allocatable = { cpu: "4", memory: "16Gi", pods: "110" };
  const labels = { "topology.kubernetes.io/zone": `zone-of-${name}` };
  return { apiVersion: "v1", kind: "Node", metadata: { name, labels }, status: { allocatable } };
}

function pod(name: string): Manifest {
  const containers = [{ name: "main", image: "app:1" }];
  const metadata = { name, namespace: "default" };
  return { apiVersion: "v1", kind: "Pod", metadata, spec: { containers } };
}

const service: Manifest = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "web", namespace: "default" },
  spec: { ports: [{ port: 80 }] },
};

const slice: Manifest = {
  apiVersion: "discovery.k8s.io/v1",
  kind: "EndpointSlice",
  metadata: {
    name: "web-1",
    namespace: "default",
    labels: { "kubernetes.io/service-name": "web" },
  },
  addressType: "IPv4",
  ports: [{ name: "", port: 80, protocol: "TCP" }],
  endpoints: PODS.map((name, i) => ({
    addresses: [`10.0.0.${i}`],
    targetRef: { kind: "Pod", namespace: "default", name },
  })),
};

/** Pods start at 0 s; at 20 s a node joins; at 30 s a pod is deleted. */
function servingCluster(): Cluster {
  const cluster = new Cluster(
    { ...defaultClusterOptions, seed: "7" },
    { profiles: [profileByName("default")], balancer: balancerByName("random") },
  );
  cluster.bootstrap([node("a"), node("b"), service, slice]);
  const at = (seconds: number, verb: "create" | "delete", object: Manifest): void =>
    cluster.operations.append(seconds * SECOND, { verb, object, source: "test" });
  for (const name of PODS) at(0, "create", pod(name));
  at(20, "create", node("late"));
  at(30, "delete", pod("p1"));
  cluster.operations.close();
  const load = { service: "default/web", arrivals: "exponential(mean=20ms)", startUs: 15 * SECOND };
  const rest = { serviceTime: "exponential(mean=30ms)", requests: 1_500 };
  cluster.addTraffic({ ...plainTraffic, ...load, ...rest, from: "random-node" });
  const late = { from: "late", startUs: 21 * SECOND, ...kept(4) };
  cluster.addTraffic({ ...plainTraffic, ...load, ...rest, ...late });
  cluster.start();
  return cluster;
}

function recordFacts(cluster: Cluster): ServiceRequestFact[] {
  const facts: ServiceRequestFact[] = [];
  cluster.trace.serviceRequest.subscribe((fact) => facts.push(fact));
  return facts;
}

describe("traffic through a cluster", () => {
  test("reaches pods, starts on a node that joined late, and is refused by a pod that left", () => {
    const cluster = servingCluster();
    const facts = recordFacts(cluster);
    expect(cluster.run(3600 * SECOND)).toBe("idle");
    expect(facts).toHaveLength(3_000);
    const before = facts.filter(({ endUs }) => endUs < 30 * SECOND);
    expect(new Set(before.map(({ outcome }) => outcome))).toEqual(new Set(["ok"]));
    expect(new Set(before.map(({ endpoint }) => endpoint))).toEqual(new Set(PODS));
    expect(new Set(facts.map(({ sourceNode }) => sourceNode))).toEqual(new Set(["a", "b", "late"]));
    const after = facts.filter(({ startUs }) => startUs > 32 * SECOND);
    // The hand-written slice keeps the endpoint: about a third goes on to be refused there.
    expect(new Set(after.map(({ endpoint, outcome }) => `${endpoint} ${outcome}`))).toEqual(
      new Set(["p1 connection-refused", "p2 ok", "p3 ok"]),
    );
  });

  test.each([18, 25.4, 30.05, 33])(
    "a fork after %s s goes on exactly as the original",
    (seconds) => {
      const original = servingCluster();
      original.run(seconds * SECOND);
      const copy = original.fork();
      const facts = [original, copy].map((cluster) => {
        const recorded = recordFacts(cluster);
        cluster.run(3600 * SECOND);
        return recorded;
      });
      expect(facts[0]?.length).toBeGreaterThan(1_000);
      expect(facts[1]).toEqual(facts[0]);
    },
  );
});
