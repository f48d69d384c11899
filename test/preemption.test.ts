/** Preemption in a whole cluster: victims end gracefully, the preemptor runs where it was promised. */
import { describe, expect, test } from "vitest";
import { balancerByName } from "../policies/balance/index.ts";
import { profileByName } from "../policies/index.ts";
import type { Manifest, Pod } from "../sim/api/index.ts";
import { Cluster, type ClusterOptions, defaultClusterOptions } from "../sim/index.ts";
import { digestOfWrites } from "./digest-of-writes.ts";

const SECOND = 1_000_000;
const GRACE_SECONDS = 10;

function node(name: string, cpu = "4"): Manifest {
  const allocatable = { cpu, memory: "16Gi", pods: "110" };
  return { apiVersion: "v1", kind: "Node", metadata: { name }, status: { allocatable } };
}

function priorityClass(name: string, value: number, rest: object = {}): Manifest {
  return {
    apiVersion: "scheduling.k8s.io/v1",
    kind: "PriorityClass",
    metadata: { name },
    value,
    ...rest,
  };
}

function pod(name: string, priorityClassName: string, cpu = "2"): Manifest {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default", labels: { app: name } },
    spec: {
      priorityClassName,
      terminationGracePeriodSeconds: GRACE_SECONDS,
      containers: [{ name: "main", image: "app:1", resources: { requests: { cpu } } }],
    },
  };
}

function clusterOf(
  bootstrap: readonly Manifest[],
  arrivals: readonly (readonly [second: number, object: Manifest])[],
  scheduler: Partial<ClusterOptions["scheduler"]> = {},
): Cluster {
  const options = {
    ...defaultClusterOptions,
    latency: { ...defaultClusterOptions.latency, containerStop: "constant(4s)" },
    scheduler: { ...defaultClusterOptions.scheduler, ...scheduler },
    events: true,
  };
  const cluster = new Cluster(options, {
    profiles: [profileByName("default")],
    balancer: balancerByName("random"),
  });
  cluster.bootstrap([
    priorityClass("low", 10),
    priorityClass("middle", 50),
    priorityClass("high", 100),
    priorityClass("polite", 100, { preemptionPolicy: "Never" }),
    ...bootstrap,
  ]);
  for (const [second, object] of arrivals)
    cluster.operations.append(second * SECOND, { verb: "create", object, source: "test" });
  cluster.operations.close();
  cluster.start();
  return cluster;
}

function podNamed(cluster: Cluster, name: string): Pod | undefined {
  return cluster.list("Pod").find((record) => record.name === name)?.stored as Pod | undefined;
}

function eventsAbout(cluster: Cluster, name: string): string[] {
  const events = cluster.list("Event").map(({ stored }) => stored as unknown as Event);
  return events
    .filter(({ involvedObject }) => involvedObject.name === name)
    .map(({ reason, message }) => `${reason}: ${message}`);
}

interface Event {
  readonly involvedObject: { readonly name: string };
  readonly reason: string;
  readonly message: string;
}

const FULL = [
  [1, pod("v1", "low")],
  [2, pod("v2", "low")],
] as const;

describe("a pod of a high priority class in a full cluster", () => {
  test("preempts; its victims end gracefully, then it runs on the nominated node", () => {
    const cluster = clusterOf([node("n1")], [...FULL, [30, pod("urgent", "high", "3")]]);
    cluster.run(32 * SECOND);
    const victim = podNamed(cluster, "v1");
    expect(victim?.metadata.deletionTimestamp).toBeDefined();
    expect(victim?.metadata.deletionGracePeriodSeconds).toBe(GRACE_SECONDS);
    expect(victim?.status.conditions).toContainEqual(
      expect.objectContaining({
        type: "DisruptionTarget",
        status: "True",
        reason: "PreemptionByScheduler",
        message: "default-scheduler: preempting to accommodate a higher priority pod",
      }),
    );
    expect(podNamed(cluster, "urgent")).toMatchObject({
      status: {
        nominatedNodeName: "n1",
        conditions: [
          {
            type: "PodScheduled",
            reason: "Unschedulable",
            message: "0/1 nodes are available: 1 Insufficient cpu.",
          },
        ],
      },
    });
    cluster.run(90 * SECOND);
    expect(podNamed(cluster, "v1")).toBeUndefined();
    expect(podNamed(cluster, "v2")).toBeUndefined();
    const urgent = podNamed(cluster, "urgent");
    expect([urgent?.spec.nodeName, urgent?.status.phase]).toEqual(["n1", "Running"]);
    const { uid } = urgent?.metadata ?? {};
    expect(eventsAbout(cluster, "v1")).toContain(`Preempted: Preempted by pod ${uid} on node n1`);
  });

  test("keeps the room that it made from pods of lower priority", () => {
    const late = pod("late", "middle", "2");
    const arrivals = [...FULL, [30, pod("urgent", "high", "4")], [31, late]] as const;
    const cluster = clusterOf([node("n1")], arrivals);
    cluster.run(120 * SECOND);
    expect(podNamed(cluster, "urgent")?.status.phase).toBe("Running");
    expect(podNamed(cluster, "late")?.spec.nodeName).toBeUndefined();
  });

  test("preempts nobody when its class says so", () => {
    const cluster = clusterOf([node("n1")], [...FULL, [30, pod("patient", "polite")]]);
    cluster.run(90 * SECOND);
    expect(podNamed(cluster, "v1")?.status.phase).toBe("Running");
    expect(podNamed(cluster, "patient")?.status.conditions).toMatchObject([
      {
        message:
          "0/1 nodes are available: 1 Insufficient cpu. preemption: not eligible due to " +
          "preemptionPolicy=Never.",
      },
    ]);
  });

  test("leaves the pods that a PodDisruptionBudget protects, where it has a choice", () => {
    const budget: Manifest = {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: { name: "keep", namespace: "default" },
      spec: { minAvailable: 1, selector: { matchLabels: { app: "kept" } } },
    };
    const cluster = clusterOf(
      [node("n1", "2"), node("n2", "2"), budget],
      [
        [1, pod("kept", "low")],
        [2, pod("spare", "middle")],
        [30, pod("urgent", "high")],
      ],
    );
    cluster.run(90 * SECOND);
    expect(podNamed(cluster, "kept")?.status.phase).toBe("Running");
    expect(podNamed(cluster, "spare")).toBeUndefined();
    expect(podNamed(cluster, "urgent")?.status.phase).toBe("Running");
  });
});

/** Many nodes, many victims: arrivals of all classes, more than fit. */
function storm(scheduler: Partial<ClusterOptions["scheduler"]> = {}): Cluster {
  const nodes = Array.from({ length: 6 }, (_, i) => node(`n${i}`));
  const classes = ["low", "low", "middle", "high"];
  const arrivals = Array.from({ length: 40 }, (_, i) => {
    const name = classes[(i * 7) % classes.length] ?? "low";
    return [1 + i, pod(`p${i}`, i < 12 ? "low" : name, i % 3 === 0 ? "3" : "2")] as const;
  });
  return clusterOf(nodes, arrivals, scheduler);
}

describe("a storm of preemptions", () => {
  test("ends with the highest priorities running, and no node over its capacity", () => {
    const cluster = storm();
    cluster.run(400 * SECOND);
    const pods = cluster.list("Pod").map(({ stored }) => stored as Pod);
    const used = new Map<string, number>();
    for (const { spec } of pods) {
      if (spec.nodeName === undefined) continue;
      const cpu = Number(spec.containers[0]?.resources?.requests?.["cpu"] ?? 0);
      used.set(spec.nodeName, (used.get(spec.nodeName) ?? 0) + cpu);
    }
    for (const cpu of used.values()) expect(cpu).toBeLessThanOrEqual(4);
    const waiting = pods.filter(({ spec }) => spec.nodeName === undefined);
    const running = pods.filter(({ status }) => status.phase === "Running");
    expect(waiting.length).toBeGreaterThan(0);
    expect(running.some(({ spec }) => spec.priorityClassName === "high")).toBe(true);
    expect(running.some(({ spec }) => spec.priorityClassName === "low")).toBe(false);
  });

  test.each([
    ["a full evaluation", { evaluation: "full" }],
    ["verification", { evaluation: "verify" }],
  ] as const)("is the same with %s", (_name, scheduler) => {
    const cluster = storm();
    const other = storm(scheduler);
    const [digest, otherDigest] = [digestOfWrites(cluster), digestOfWrites(other)];
    cluster.run(120 * SECOND);
    other.run(120 * SECOND);
    expect(otherDigest.hex).toBe(digest.hex);
  });

  test.each([20.05, 25.003, 31.7])(
    "that is forked at %s s goes on exactly as the original",
    (seconds) => {
      const original = storm();
      original.run(seconds * SECOND);
      const copy = original.fork();
      const digests = [original, copy].map((cluster) => {
        const digest = digestOfWrites(cluster);
        cluster.run(90 * SECOND);
        return digest.hex;
      });
      expect(digests[1]).toBe(digests[0]);
    },
  );
});
