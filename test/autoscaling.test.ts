/** A horizontal pod autoscaler in a whole cluster: load comes and goes, and the replicas follow. */
import { describe, expect, test } from "vitest";
import { balancerByName } from "../policies/balance/index.ts";
import { profileByName } from "../policies/index.ts";
import type { Deployment, HorizontalPodAutoscaler, Manifest } from "../sim/api/index.ts";
import { Cluster, type ClusterOptions, defaultClusterOptions } from "../sim/index.ts";

const SECOND = 1_000_000;

function node(name: string): Manifest {
  const allocatable = { cpu: "64", memory: "256Gi", pods: "110" };
  return { apiVersion: "v1", kind: "Node", metadata: { name }, status: { allocatable } };
}

function deployment(cpuUsage: string, annotations: object = {}): Manifest {
  const labels = { app: "web" };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", namespace: "default" },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels, annotations: { "stowage.dev/cpu-usage": cpuUsage, ...annotations } },
        spec: {
          containers: [{ name: "main", image: "web:1", resources: { requests: { cpu: "1" } } }],
        },
      },
    },
  };
}

function autoscaler(spec: object = {}): Manifest {
  return {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: { name: "web", namespace: "default" },
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
      minReplicas: 2,
      maxReplicas: 10,
      metrics: [
        {
          type: "Resource",
          resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 50 } },
        },
      ],
      ...spec,
    },
  };
}

class World {
  readonly cluster: Cluster;
  /** Times, in seconds, at which the Deployment's replicas changed, with the new number. */
  readonly steps: [number, number][] = [];

  constructor(manifests: readonly Manifest[], options: Partial<ClusterOptions> = {}) {
    this.cluster = new Cluster(
      { ...defaultClusterOptions, seed: "7", ...options },
      { profiles: [profileByName("default")], balancer: balancerByName("random") },
    );
    this.cluster.trace.committed.subscribe(({ object, timeUs }) => {
      if (object.kind !== "Deployment") return;
      const replicas = (object as Deployment).spec.replicas ?? 0;
      if (this.steps.at(-1)?.[1] === replicas) return;
      this.steps.push([Math.floor(timeUs / SECOND), replicas]);
    });
    this.cluster.bootstrap([node("a"), node("b"), ...manifests]);
    this.cluster.start();
  }

  runUntil(seconds: number): this {
    this.keepUntil(seconds);
    this.cluster.run(seconds * SECOND);
    return this;
  }

  /** A user's operation at that time: an autoscaler itself keeps no run alive. */
  keepUntil(seconds: number): void {
    this.cluster.operations.append(seconds * SECOND, {
      verb: "create",
      object: { apiVersion: "v1", kind: "Namespace", metadata: { name: `t${seconds}` } },
      source: "test",
    });
  }

  get autoscaler(): HorizontalPodAutoscaler {
    return this.cluster.list("HorizontalPodAutoscaler")[0]?.stored as HorizontalPodAutoscaler;
  }
}

const conditions = ({ status }: HorizontalPodAutoscaler): string[] =>
  (status.conditions ?? []).map(({ type, status: is, reason }) => `${type}=${is} ${reason}`);

describe("an autoscaler over a divided load", () => {
  // 1 core until 400 s, then 4 until 900 s, then 1 again; the target is half a core per pod.
  const load = "share: 0s=1, 400s=4, 900s=1";

  test("follows it up within two periods, and down after the stabilisation window", () => {
    const world = new World([deployment(load), autoscaler()]).runUntil(1600);
    const [first, up, ...down] = world.steps;
    expect(first).toEqual([0, 2]);
    // 400 s: the load; 405 s: a scrape sees a third of it; 420 s: the next one all of it.
    expect(up?.[1]).toBeGreaterThan(2);
    expect(up?.[0]).toBeGreaterThanOrEqual(405);
    expect(up?.[0]).toBeLessThanOrEqual(435);
    const peak = world.steps.find(([, replicas]) => replicas === 8);
    expect(peak?.[0]).toBeLessThanOrEqual(480);
    const last = down.at(-1);
    expect(last?.[1]).toBe(2);
    expect(last?.[0]).toBeGreaterThanOrEqual(900 + 300);
    expect(last?.[0]).toBeLessThanOrEqual(900 + 300 + 60);
  });

  test("tells in its status what it saw", () => {
    const { autoscaler: hpa } = new World([deployment(load), autoscaler()]).runUntil(300);
    expect(hpa.status.currentMetrics).toEqual([
      {
        type: "Resource",
        resource: { name: "cpu", current: { averageUtilization: 50, averageValue: "500m" } },
      },
    ]);
    expect(hpa.status).toMatchObject({ currentReplicas: 2, desiredReplicas: 2 });
    expect(conditions(hpa)).toEqual([
      "AbleToScale=True ReadyForNewScale",
      "ScalingActive=True ValidMetricFound",
      "ScalingLimited=False DesiredWithinRange",
    ]);
  });

  test("does not keep the run alive", () => {
    const world = new World([deployment(load), autoscaler()]);
    world.cluster.operations.close();
    expect(world.cluster.run(3600 * SECOND)).toBe("idle");
    expect(world.cluster.kernel.nowUs).toBeLessThan(400 * SECOND);
  });

  test("forgets its stabilisation window when the controller manager crashes", () => {
    const world = new World([deployment(load), autoscaler()]);
    world.cluster.inject({ fault: "controller-manager-crash", atUs: 1000 * SECOND, forUs: 0 });
    world.runUntil(1150);
    expect(world.steps.at(-1)?.[1]).toBe(8); // it begins anew with the replicas that it finds
    world.runUntil(1600);
    const last = world.steps.at(-1);
    expect(last?.[1]).toBe(2);
    expect(last?.[0]).toBeGreaterThanOrEqual(1000 + 300);
  });

  test("goes on in a fork as it would have", () => {
    const world = new World([deployment(load), autoscaler()]).runUntil(430);
    world.keepUntil(900);
    const fork = world.cluster.fork();
    const seen = [world.cluster, fork].map((cluster) => {
      cluster.run(900 * SECOND);
      return ["Deployment", "HorizontalPodAutoscaler", "Pod"].map((kind) =>
        cluster.list(kind).map(({ stored }) => stored),
      );
    });
    expect(seen[1]).toEqual(seen[0]);
    expect(world.steps.at(-1)?.[1]).toBe(8);
  });
});

describe("an autoscaler", () => {
  test("without metrics says why and leaves the replicas alone", () => {
    const metrics = { ...defaultClusterOptions.metrics, enabled: false };
    const world = new World([deployment("3"), autoscaler()], { metrics }).runUntil(120);
    expect(world.steps).toEqual([[0, 2]]);
    const active = world.autoscaler.status.conditions?.find(({ type }) => type === "ScalingActive");
    expect(active).toMatchObject({
      status: "False",
      reason: "FailedGetResourceMetric",
      message:
        "the HPA was unable to compute the replica count: failed to get cpu utilization: unable to " +
        "get metrics for resource cpu: unable to fetch metrics from resource metrics API: the server " +
        "could not find the requested resource (get pods.metrics.k8s.io)",
    });
  });

  test("without a target says so", () => {
    const { autoscaler: hpa } = new World([autoscaler()]).runUntil(60);
    expect(conditions(hpa)).toEqual(["AbleToScale=False FailedGetScale"]);
    expect(hpa.status.conditions?.[0]?.message).toBe(
      "the HPA controller was unable to get the target's current scale: " +
        'deployments.apps "web" not found',
    );
  });

  test("follows a custom metric of the pods, and the largest of several metrics", () => {
    const perPod = { "stowage.dev/metric.rps": "share: 0s=100, 200s=600" };
    const target = { type: "AverageValue", averageValue: "100" };
    const metrics = [
      { type: "Pods", pods: { metric: { name: "rps" }, target } },
      {
        type: "Resource",
        resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 50 } },
      },
    ];
    const world = new World([deployment("50%", perPod), autoscaler({ metrics })]).runUntil(500);
    expect(world.steps.at(-1)?.[1]).toBe(6);
  });

  test("follows an external series, by value per pod", () => {
    const target = { type: "AverageValue", averageValue: "30" };
    const metrics = [{ type: "External", external: { metric: { name: "queue" }, target } }];
    const series = { queue: "0s=60, 100s=150" };
    const options = { metrics: { ...defaultClusterOptions.metrics, series } };
    const world = new World([deployment("50%"), autoscaler({ metrics })], options).runUntil(400);
    // Without a behavior no more than 4, or twice as many, at once.
    expect(world.steps.map(([, replicas]) => replicas)).toEqual([2, 4, 5]);
  });

  test.each([
    ["above its maximum", { maxReplicas: 2, minReplicas: 1 }, 4, 2],
    ["below its minimum", { maxReplicas: 9, minReplicas: 6 }, 4, 6],
  ])("brings a target that is %s there at once", (_, spec, before, after) => {
    const metrics = { ...defaultClusterOptions.metrics, enabled: false };
    const target = deployment("50%");
    const scaled = { ...target, spec: { ...(target.spec as object), replicas: before } };
    const world = new World([scaled, autoscaler(spec)], { metrics }).runUntil(60);
    expect(world.steps.map(([, replicas]) => replicas)).toEqual([before, after]);
    expect(world.steps[1]?.[0]).toBeGreaterThanOrEqual(15);
    expect(world.steps[1]?.[0]).toBeLessThanOrEqual(17);
  });

  test("leaves a target without replicas alone", () => {
    const target = deployment("50%");
    const scaled = { ...target, spec: { ...(target.spec as object), replicas: 0 } };
    const world = new World([scaled, autoscaler()]).runUntil(60);
    expect(world.steps).toEqual([[0, 0]]);
    expect(conditions(world.autoscaler)).toEqual([
      "AbleToScale=True SucceededGetScale",
      "ScalingActive=False ScalingDisabled",
    ]);
  });

  test("heeds the policies of its behavior", () => {
    const policies = [{ type: "Pods", value: 1, periodSeconds: 60 }];
    const scaleUp = { policies, stabilizationWindowSeconds: 0 };
    const scaleDown = { selectPolicy: "Disabled" };
    const behavior = { scaleUp, scaleDown };
    const load = deployment("share: 0s=1, 200s=4, 600s=1");
    const world = new World([load, autoscaler({ behavior })]).runUntil(1500);
    const [first, ...up] = world.steps;
    expect(first?.[1]).toBe(2);
    expect(up.map(([, replicas]) => replicas)).toEqual([3, 4, 5, 6, 7, 8]);
    const gaps = up.slice(1).map(([seconds], i) => seconds - (up[i]?.[0] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(59);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(91);
    expect(conditions(world.autoscaler)).toContain("ScalingLimited=True ScaleDownLimit");
  });

  test("that shares its pods with another one is refused", () => {
    const twin = autoscaler();
    const other = { ...twin, metadata: { name: "twin", namespace: "default" } };
    const world = new World([deployment("4"), autoscaler(), other]).runUntil(120);
    expect(conditions(world.autoscaler)).toContain("ScalingActive=False AmbiguousSelector");
  });
});
