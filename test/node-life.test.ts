import { describe, expect, test } from "vitest";
import type { KeyRecord, Manifest, Pod } from "../sim/api/index.ts";
import { NodeWorld } from "./node-world.ts";

/** What the admission plugin DefaultTolerationSeconds gives every pod. */
const TOLERATIONS = ["not-ready", "unreachable"].map((word) => ({
  key: `node.kubernetes.io/${word}`,
  operator: "Exists",
  effect: "NoExecute",
  tolerationSeconds: 300,
}));

function pod(name: string, spec: object = {}): Manifest {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default" },
    spec: {
      containers: [{ name: "main", image: "app:1" }],
      tolerations: TOLERATIONS,
      ...spec,
    },
  };
}

function replicaSet(replicas: number): Manifest {
  const { spec } = pod("");
  return {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: { name: "web", namespace: "default" },
    spec: {
      replicas,
      selector: { matchLabels: { app: "web" } },
      template: { metadata: { labels: { app: "web" } }, spec },
    },
  };
}

const nodeEvents = (world: NodeWorld): string[] => world.log.filter((line) => / n\d+ /.test(line));

describe("a machine that dies", () => {
  test("is unreachable after its grace, its pods are evicted after their toleration and replaced", () => {
    const world = new NodeWorld();
    world.create(replicaSet(3));
    world.run(100);
    expect(world.pods.map(({ spec }) => spec.nodeName).sort()).toEqual(["n0", "n1", "n2"]);
    world.log.length = 0;
    world.kubelets.stopNode("n1");
    const lastUs = world.kubelets.lastRenewUs("n1") ?? 0;
    const seen = Math.ceil(lastUs / 5_000_000) * 5; // the controller's look that saw the last Lease
    world.run(600);
    const lost = seen + 40;
    expect(nodeEvents(world)).toEqual([`${lost} n1 Unknown`, `${lost + 5} n1 tainted`]);
    expect(world.taints("n1")).toEqual(["unreachable:NoExecute", "unreachable:NoSchedule"]);
    const podEvents = world.log.filter((line) => line.includes("web-"));
    expect(podEvents).toHaveLength(1);
    expect(podEvents[0]).toMatch(new RegExp(`^${lost + 5 + 300} web-\\w+ deleted$`));
    const alive = world.pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    expect(alive.map(({ spec }) => spec.nodeName).sort()).toEqual(["n0", "n0", "n2"]);
  });

  test("its pods count as not ready as soon as it does, and the evicted one says why", () => {
    const world = new NodeWorld();
    const record = world.create(pod("p", { nodeName: "n1" })) as KeyRecord<Pod>;
    world.run(20);
    const condition = (type: string) =>
      record.stored?.status.conditions?.find((each) => each.type === type);
    expect(condition("Ready")?.status).toBe("True");
    world.kubelets.stopNode("n1");
    world.run(80);
    expect(condition("Ready")?.status).toBe("False");
    world.run(400);
    expect(condition("DisruptionTarget")?.reason).toBe("DeletionByTaintManager");
  });

  test("a pod on it stays Terminating until the machine is back", () => {
    const world = new NodeWorld();
    const record = world.create(pod("db-0", { nodeName: "n1" })) as KeyRecord<Pod>;
    world.run(20);
    world.kubelets.stopNode("n1");
    world.run(1000);
    expect(record.stored?.metadata.deletionTimestamp).toBeDefined();
    world.kubelets.restoreNode("n1");
    world.run(1100);
    expect(record.stored).toBeUndefined();
    expect(world.taints("n1")).toEqual([]);
  });

  test("a pod on it is removed at once when somebody says that the node is out of service", () => {
    const world = new NodeWorld();
    const record = world.create(pod("db-0", { nodeName: "n1" })) as KeyRecord<Pod>;
    world.run(20);
    world.kubelets.stopNode("n1");
    world.run(100);
    const { client, done, etcd } = world.plane;
    const taints = [
      ...(world.node("n1").spec.taints ?? []),
      { key: "node.kubernetes.io/out-of-service", value: "nodeshutdown", effect: "NoExecute" },
    ];
    client.patch(etcd.find("Node", "n1") as KeyRecord, { spec: { taints } }, "", done, undefined);
    world.run(121); // deleted at once, then removed at the garbage collector's next look
    expect(record.stored).toBeUndefined();
  });

  test("boots in time: nothing is evicted, its containers are restarted", () => {
    const world = new NodeWorld();
    const record = world.create(pod("p", { nodeName: "n1" })) as KeyRecord<Pod>;
    world.run(20);
    world.log.length = 0;
    world.kubelets.stopNode("n1");
    world.run(40);
    expect(world.kubelets.isRunning(record)).toBe(false);
    world.kubelets.restoreNode("n1");
    world.run(700);
    expect(world.log).toEqual([]);
    expect(world.kubelets.isRunning(record)).toBe(true);
    const [status] = record.stored?.status.containerStatuses ?? [];
    expect(status).toMatchObject({ restartCount: 1, ready: true });
    expect(status?.lastState?.terminated).toMatchObject({ exitCode: 255, reason: "Unknown" });
  });

  test("boots: a pod that is never restarted has failed", () => {
    const world = new NodeWorld();
    const record = world.create(pod("p", { nodeName: "n1", restartPolicy: "Never" }));
    world.run(20);
    world.kubelets.stopNode("n1");
    world.run(30);
    world.kubelets.restoreNode("n1");
    world.run(60);
    expect((record.stored as Pod).status.phase).toBe("Failed");
  });
});

describe("a node that is cut off", () => {
  test("goes on; back after the toleration its pod is stopped, and the node is ready again", () => {
    const world = new NodeWorld();
    const record = world.create(pod("p", { nodeName: "n1" })) as KeyRecord<Pod>;
    world.run(20);
    world.kubelets.isolateNode("n1");
    world.run(500);
    expect(world.kubelets.isRunning(record)).toBe(true);
    expect(record.stored?.metadata.deletionTimestamp).toBeDefined();
    world.kubelets.restoreNode("n1");
    world.run(600);
    expect(record.stored).toBeUndefined();
    expect(world.kubelets.isRunning(record)).toBe(false);
    const ready = world.node("n1").status.conditions?.find(({ type }) => type === "Ready");
    expect(ready?.status).toBe("True");
    expect(world.taints("n1")).toEqual([]);
  });

  test("back before its pods' toleration is over: no pod is evicted", () => {
    const world = new NodeWorld();
    const record = world.create(pod("p", { nodeName: "n1" })) as KeyRecord<Pod>;
    world.run(20);
    world.kubelets.isolateNode("n1");
    world.run(200);
    expect(world.taints("n1")).toEqual(["unreachable:NoExecute", "unreachable:NoSchedule"]);
    world.kubelets.restoreNode("n1");
    world.run(900);
    expect(world.log.filter((line) => line.includes(" p "))).toEqual([]);
    const ready = record.stored?.status.conditions?.find(({ type }) => type === "Ready");
    expect(ready?.status).toBe("True");
    expect(world.taints("n1")).toEqual([]);
  });

  test("shorter than the grace is not noticed at all", () => {
    const world = new NodeWorld();
    world.create(pod("p", { nodeName: "n1" }));
    world.run(20);
    world.log.length = 0;
    world.kubelets.isolateNode("n1");
    world.run(45);
    world.kubelets.restoreNode("n1");
    world.run(600);
    expect(world.log).toEqual([]);
  });

  test("a pod that ended meanwhile is told when it is back", () => {
    const world = new NodeWorld();
    const manifest = pod("p", { nodeName: "n1", restartPolicy: "Never" });
    const annotations = { "stowage.dev/duration": "10s" };
    const record = world.create({ ...manifest, metadata: { ...manifest.metadata, annotations } });
    world.run(5);
    world.kubelets.isolateNode("n1");
    world.run(30);
    expect((record.stored as Pod).status.phase).toBe("Running");
    world.kubelets.restoreNode("n1");
    world.run(31);
    expect((record.stored as Pod).status.phase).toBe("Succeeded");
  });
});

describe("many nodes that fall silent", () => {
  const zones = (a: number, b: number): string[] => [
    ...Array.from({ length: a }, () => "a"),
    ...Array.from({ length: b }, () => "b"),
  ];
  const taintedAt = (world: NodeWorld): number[] =>
    world.log.filter((line) => line.endsWith("tainted")).map((line) => Number(line.split(" ")[0]));

  test("of a healthy zone are tainted one every ten seconds", () => {
    const world = new NodeWorld({ zones: zones(8, 2) });
    world.run(20);
    for (const name of ["n0", "n1", "n2"]) world.kubelets.stopNode(name);
    world.run(200);
    const times = taintedAt(world);
    expect(times).toHaveLength(3);
    const gaps = times.slice(1).map((time, i) => time - (times[i] ?? 0));
    for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(10);
  });

  test("of a small zone that is mostly down are not tainted: it may be cut off", () => {
    const world = new NodeWorld({ zones: zones(5, 5) });
    world.run(20);
    for (const name of ["n0", "n1", "n2", "n3"]) world.kubelets.isolateNode(name);
    world.run(600);
    // The first is noticed alone, and tainted before most of its zone is seen to be silent.
    expect(taintedAt(world).length).toBeLessThanOrEqual(1);
    expect(nodeEvents(world).filter((line) => line.endsWith("Unknown"))).toHaveLength(4);
  });

  test("of a zone that is down as a whole are tainted at the usual rate", () => {
    const world = new NodeWorld({ zones: zones(3, 5) });
    world.run(20);
    for (const name of ["n0", "n1", "n2"]) world.kubelets.stopNode(name);
    world.run(600);
    expect(taintedAt(world)).toHaveLength(3);
  });

  test("all of them: nobody is evicted, since the fault may be ours", () => {
    const world = new NodeWorld({ zones: zones(2, 2) });
    world.create(pod("p", { nodeName: "n1" }));
    world.run(20);
    for (const name of ["n0", "n1", "n2", "n3"]) world.kubelets.isolateNode(name);
    world.run(1000);
    expect(["n0", "n1", "n2", "n3"].flatMap((name) => world.taints(name))).not.toContain(
      "unreachable:NoExecute",
    );
    expect(world.log.filter((line) => line.includes(" p "))).toEqual([]);
  });
});

describe("a kubelet looks twice", () => {
  const big = {
    containers: [{ name: "main", image: "app:1", resources: { requests: { cpu: "3" } } }],
  };
  const AFFINITY =
    "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector";
  test.each([
    [
      "too little cpu",
      big,
      "OutOfcpu",
      "Node didn't have enough resource: cpu, requested: 3000, used: 3000, capacity: 4000",
    ],
    ["the wrong node", { nodeSelector: { disk: "ssd" } }, "NodeAffinity", AFFINITY],
  ])("%s: the pod fails", (_case, spec, reason, message) => {
    const world = new NodeWorld();
    world.create(pod("first", { nodeName: "n0", ...big }));
    world.run(10);
    const record = world.create(pod("second", { nodeName: "n0", ...spec })) as KeyRecord<Pod>;
    world.run(20);
    expect(record.stored?.status).toMatchObject({
      phase: "Failed",
      reason,
      message: `Pod was rejected: ${message}`,
    });
  });

  test("not when admission is switched off", () => {
    const world = new NodeWorld({ kubelet: { admission: false } });
    for (const name of ["first", "second"]) world.create(pod(name, { nodeName: "n0", ...big }));
    world.run(20);
    expect(world.pods.map(({ status }) => status.phase)).toEqual(["Running", "Running"]);
  });

  test("what has ended makes room", () => {
    const world = new NodeWorld();
    const first = world.create(pod("first", { nodeName: "n0", ...big }));
    world.run(10);
    world.remove(first);
    world.run(20);
    const second = world.create(pod("second", { nodeName: "n0", ...big }));
    world.run(30);
    expect((second.stored as Pod).status.phase).toBe("Running");
  });
});

describe("the pod garbage collector", () => {
  test("removes the oldest of too many pods that have ended", () => {
    const world = new NodeWorld({ controllerManager: { terminatedPodGcThreshold: 2 } });
    for (let i = 0; i < 5; i++) {
      const manifest = pod(`job-${i}`, { nodeName: "n0", restartPolicy: "Never" });
      const annotations = { "stowage.dev/duration": "1s" };
      world.create({ ...manifest, metadata: { ...manifest.metadata, annotations } });
      world.run(3 + i * 2);
    }
    world.run(60);
    expect(world.pods.map(({ metadata }) => metadata.name)).toEqual(["job-3", "job-4"]);
  });

  test("removes the pods of a node that is deleted, after 40 s, and no pod comes there any more", () => {
    const world = new NodeWorld();
    const record = world.create(pod("p", { nodeName: "n1" })) as KeyRecord<Pod>;
    world.run(25);
    world.remove(world.plane.etcd.find("Node", "n1") as KeyRecord);
    world.run(79);
    expect(record.stored).toBeDefined();
    world.run(81); // missed at 40 s, removed at 80 s
    expect(record.stored).toBeUndefined();
    expect(world.kubelets.isRunning(record)).toBe(false);
    const late = world.create(pod("late", { nodeName: "n1" })) as KeyRecord<Pod>;
    world.run(100);
    expect(world.kubelets.isRunning(late)).toBe(false);
  });
});

describe("while all is well", () => {
  test("heartbeats cost no event, and are counted", () => {
    const world = new NodeWorld();
    world.run(100);
    const before = world.plane.kernel.dispatched;
    const renewals = world.kubelets.leaseRenewals;
    world.run(100_100);
    expect(world.kubelets.leaseRenewals - renewals).toBe(30_000);
    // What is left is etcd's own compaction, every five minutes.
    expect(world.plane.kernel.dispatched - before).toBeLessThan(400);
  });
});
