/** What a pod's removal costs: requests are refused until each node's proxy has heard of it, not longer. */
import { describe, expect, test } from "vitest";
import { balancerByName } from "../policies/balance/index.ts";
import { profileByName } from "../policies/index.ts";
import type { Manifest, ServiceRequestFact } from "../sim/api/index.ts";
import { Cluster, defaultClusterOptions } from "../sim/index.ts";
import { plainTraffic } from "./network-fixture.ts";

const SECOND = 1_000_000;
const REMOVED_US = 30 * SECOND;
const PODS = ["p0", "p1", "p2", "p3"];
const NODES = ["n0", "n1", "n2", "n3", "n4", "n5"];

function node(name: string): Manifest {
  const allocatable = { cpu: "4", memory: "16Gi", pods: "110" };
  return { apiVersion: "v1", kind: "Node", metadata: { name }, status: { allocatable } };
}

function pod(name: string, preStopSeconds: number): Manifest {
  const sleep = { preStop: { sleep: { seconds: preStopSeconds } } };
  const lifecycle = preStopSeconds > 0 ? { lifecycle: sleep } : {};
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default", labels: { app: "web" } },
    spec: { containers: [{ name: "main", image: "app:1", ...lifecycle }] },
  };
}

const service: Manifest = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "web", namespace: "default" },
  spec: { selector: { app: "web" }, ports: [{ port: 80 }] },
};

interface Removal {
  readonly facts: ServiceRequestFact[];
  /** When each node's proxy had first written rules after the removal. */
  readonly knownUs: Map<string, number>;
}

/** Six nodes send 8,000 requests a second in all; at 30 s a pod of four is deleted. */
function removePod(proxyMode: string, preStopSeconds: number): Removal {
  const { network } = defaultClusterOptions;
  const cluster = new Cluster(
    { ...defaultClusterOptions, seed: "5", network: { ...network, proxyMode } },
    { profiles: [profileByName("default")], balancer: balancerByName("random") },
  );
  cluster.bootstrap([...NODES.map(node), service]);
  for (const name of PODS) {
    const object = pod(name, preStopSeconds);
    cluster.operations.append(0, { verb: "create", object, source: "test" });
  }
  const object = pod("p1", 0);
  cluster.operations.append(REMOVED_US, { verb: "delete", object, source: "test" });
  cluster.operations.close();
  const load = { service: "default/web", arrivals: "poisson(rate=8000/s)", requests: undefined };
  const span = { startUs: REMOVED_US - SECOND, untilUs: REMOVED_US + 7 * SECOND };
  cluster.addTraffic({ ...plainTraffic, ...load, ...span, serviceTime: "constant(100us)" });
  const facts: ServiceRequestFact[] = [];
  const knownUs = new Map<string, number>();
  cluster.trace.serviceRequest.subscribe((fact) => facts.push(fact));
  cluster.trace.proxySync.subscribe(({ node: name, programmingUs, timeUs }) => {
    if (timeUs < REMOVED_US || programmingUs.length === 0 || knownUs.has(name)) return;
    knownUs.set(name, timeUs);
  });
  cluster.start();
  expect(cluster.run(3600 * SECOND)).toBe("idle");
  return { facts, knownUs };
}

describe.each(["iptables", "ipvs", "nftables"])("a pod is deleted, mode %s", (mode) => {
  test("it is asked by each node until that node's proxy knows, and by none after", () => {
    const { facts, knownUs } = removePod(mode, 0);
    expect([...knownUs.keys()].sort()).toEqual(NODES);
    const failed = facts.filter(({ outcome }) => outcome !== "ok");
    const first = failed[0];
    expect(first?.startUs).toBeGreaterThan(REMOVED_US);
    for (const { endpoint, outcome, sourceNode, startUs } of failed) {
      expect(["connection-refused", "connection-reset"]).toContain(outcome);
      expect(endpoint).toBe("p1");
      expect(startUs).toBeLessThan(knownUs.get(sourceNode) ?? 0);
    }
    // While a node does not know, a quarter of its requests go there.
    const stale = facts.filter(
      ({ sourceNode, startUs }) =>
        startUs >= (first?.startUs ?? 0) && startUs < (knownUs.get(sourceNode) ?? 0),
    );
    expect(stale.length).toBeGreaterThan(100);
    const deviation = Math.sqrt(0.25 * 0.75 * stale.length);
    expect(Math.abs(failed.length - stale.length / 4)).toBeLessThan(4 * deviation);
  });

  test("a preStop hook longer than that: no request fails", () => {
    const { facts, knownUs } = removePod(mode, 5);
    for (const timeUs of knownUs.values()) expect(timeUs).toBeLessThan(REMOVED_US + 5 * SECOND);
    expect(facts.length).toBeGreaterThan(60_000);
    expect(facts.filter(({ outcome }) => outcome !== "ok")).toEqual([]);
    const last = facts.findLast(({ endpoint }) => endpoint === "p1");
    expect(last?.startUs).toBeGreaterThan(REMOVED_US);
    expect(last?.startUs).toBeLessThan(Math.max(...knownUs.values()));
  });
});
