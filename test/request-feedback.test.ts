/**
 * The loop that requests close in a whole cluster: load -> CPU use -> metrics -> autoscaler -> pods
 * -> scheduler -> endpoints -> latency.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { balancerByName } from "../policies/balance/index.ts";
import { profileByName } from "../policies/index.ts";
import type { HorizontalPodAutoscaler, Manifest, ServiceRequestFact } from "../sim/api/index.ts";
import { Cluster, defaultClusterOptions } from "../sim/index.ts";
import { plainTraffic } from "./network-fixture.ts";

const SECOND = 1_000_000;
const DOUBLED = 300 * SECOND;
const END = 900 * SECOND;

/** Room for one pod on each. */
function node(name: string): Manifest {
  const allocatable = { cpu: "1500m", memory: "16Gi", pods: "110" };
  return { apiVersion: "v1", kind: "Node", metadata: { name }, status: { allocatable } };
}

const labels = { app: "web" };
const metadata = { name: "web", namespace: "default" };
const deployment: Manifest = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata,
  spec: {
    replicas: 2,
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: {
        containers: [{ name: "main", image: "web:1", resources: { requests: { cpu: "1" } } }],
      },
    },
  },
};
const service: Manifest = {
  apiVersion: "v1",
  kind: "Service",
  metadata,
  spec: { selector: labels, ports: [{ port: 80 }] },
};
const autoscaler: Manifest = {
  apiVersion: "autoscaling/v2",
  kind: "HorizontalPodAutoscaler",
  metadata,
  spec: {
    scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
    minReplicas: 2,
    maxReplicas: 6,
    metrics: [
      {
        type: "Resource",
        resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 50 } },
      },
    ],
  },
};

const BEGIN = 90 * SECOND;

/** What the autoscaler saw and wanted, whenever it said so. */
interface Sight {
  readonly timeUs: number;
  readonly utilization: number;
  readonly desired: number;
}

const facts: ServiceRequestFact[] = [];
const sights: Sight[] = [];

/** From 90 s on 40 requests/s of 20 ms, one at a time in a pod; from 300 s on 80/s. */
function runDoublingLoad(): void {
  const cluster = new Cluster(
    { ...defaultClusterOptions, seed: "7" },
    { profiles: [profileByName("default")], balancer: balancerByName("random") },
  );
  cluster.bootstrap([...["a", "b", "c", "d", "e", "f"].map(node), deployment, service, autoscaler]);
  const load = {
    ...plainTraffic,
    from: "random-node",
    arrivals: "poisson(rate=40/s)",
    serviceTime: "exponential(mean=20ms)",
    requests: undefined,
    untilUs: END,
  };
  cluster.addTraffic({ ...load, name: "first", startUs: BEGIN });
  cluster.addTraffic({ ...load, name: "second", startUs: DOUBLED });
  cluster.trace.serviceRequest.subscribe((fact) => facts.push(fact));
  cluster.trace.committed.subscribe(({ object, timeUs }) => {
    if (object.kind !== "HorizontalPodAutoscaler") return;
    const { status } = object as HorizontalPodAutoscaler;
    const { averageUtilization = -1 } = status.currentMetrics?.[0]?.resource?.current ?? {};
    sights.push({ timeUs, utilization: averageUtilization, desired: status.desiredReplicas });
  });
  cluster.operations.close();
  cluster.start();
  cluster.run(END);
}

const between = (fromSeconds: number, toSeconds: number) => {
  const isIn = (timeUs: number) => timeUs >= fromSeconds * SECOND && timeUs < toSeconds * SECOND;
  return {
    facts: facts.filter(({ startUs }) => isIn(startUs)),
    sights: sights.filter(({ timeUs }) => isIn(timeUs)),
  };
};

function meanMs(of: readonly ServiceRequestFact[]): number {
  return of.reduce((sum, { endUs, startUs }) => sum + endUs - startUs, 0) / of.length / 1000;
}

describe("when requests double", () => {
  beforeAll(runDoublingLoad);

  const calm = () => between(150, 300);
  const peak = () => between(300, 308);
  const grown = () => between(500, 900);

  test("pods that will be sent requests use nothing before the first one, and stay as few", () => {
    const early = between(30, 90).sights;
    expect(early.length).toBeGreaterThan(0);
    expect(new Set(early.map(({ utilization }) => utilization))).toEqual(new Set([0]));
    expect(new Set(early.map(({ desired }) => desired))).toEqual(new Set([2]));
  });

  test("metrics-server sees the CPU time that they take, and the autoscaler with it", () => {
    for (const { utilization } of calm().sights) {
      expect(utilization).toBeGreaterThan(30);
      expect(utilization).toBeLessThan(55);
    }
    const seen = between(310, 400).sights.map(({ utilization }) => utilization);
    expect(Math.max(...seen)).toBeGreaterThan(65);
  });

  test("the autoscaler asks for twice the pods, which brings their use back", () => {
    expect(new Set(calm().sights.map(({ desired }) => desired))).toEqual(new Set([2]));
    expect(sights.at(-1)?.desired).toBe(4);
    expect(sights.at(-1)?.utilization).toBeGreaterThan(30);
    expect(sights.at(-1)?.utilization).toBeLessThan(55);
  });

  test("the scheduler places them, and requests go to their nodes", () => {
    const nodesOf = (of: readonly ServiceRequestFact[]) =>
      new Set(of.map(({ endpointNode }) => endpointNode)).size;
    expect(nodesOf(calm().facts)).toBe(2);
    expect(nodesOf(peak().facts)).toBe(2);
    expect(nodesOf(grown().facts)).toBe(4);
  });

  test("latency rises with the load, and falls when the new pods take their part", () => {
    // An M/M/1 queue of 20 ms: 33 ms at 40 % of the server, 100 ms at 80 %.
    expect(meanMs(calm().facts)).toBeGreaterThan(31);
    expect(meanMs(calm().facts)).toBeLessThan(38);
    expect(meanMs(peak().facts)).toBeGreaterThan(60);
    expect(meanMs(grown().facts)).toBeGreaterThan(31);
    expect(meanMs(grown().facts)).toBeLessThan(38);
    const served = between(60, 900).facts;
    expect(new Set(served.map(({ outcome }) => outcome))).toEqual(new Set(["ok"]));
  });
});
