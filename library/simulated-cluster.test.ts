import { describe, expect, test } from "vitest";
import { createCluster, definePlugin } from "../index.ts";

const pod = (name: string, cpu = "1", labels: Record<string, string> = {}) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, labels },
  spec: { containers: [{ name: "main", image: "nginx", resources: { requests: { cpu } } }] },
});
const DEPLOYMENT = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: main, image: nginx }] }
`;
const nodes = { count: 2, cpu: 4 };

describe("a cluster that is run step by step", () => {
  test("stands still until it is told to go on, and then goes on exactly as far", async () => {
    const cluster = await createCluster({ nodes });
    expect(cluster.nowUs).toBe(0);
    cluster.apply(pod("web"));
    expect(cluster.get("Pod", "web")).toBeUndefined();
    cluster.runUntil("30s");
    expect(cluster.nowUs).toBe(30_000_000);
    expect(cluster.get("Pod", "web")?.status.phase).toBe("Running");
    cluster.runFor(500_000);
    expect(cluster.nowUs).toBe(30_500_000);
  });

  test("has the same life whether it runs in one go, in spans, or event by event", async () => {
    const lives = await Promise.all(
      [0, 1, 2].map(async (way) => {
        const bound: string[] = [];
        const cluster = await createCluster({ nodes, seed: "twin" });
        cluster.on("binding", ({ record, node, endUs }) =>
          bound.push(`${record.key} ${node} ${endUs}`),
        );
        cluster.apply(DEPLOYMENT);
        if (way === 0) cluster.runUntil("20s");
        else if (way === 1) for (let i = 0; i < 200; i++) cluster.runFor("100ms");
        else while (cluster.nowUs < 20_000_000 && cluster.step());
        return bound;
      }),
    );
    expect(lives[0]).toHaveLength(2);
    expect(lives[1]).toEqual(lives[0]);
    expect(lives[2]).toEqual(lives[0]);
  });

  test("goes on through periodic chores, or stops when only those are left", async () => {
    const cluster = await createCluster({ nodes });
    cluster.apply(pod("web"));
    expect(cluster.runUntilIdle()).toBe(true);
    expect(cluster.nowUs).toBeLessThan(60_000_000);
    const before = cluster.events;
    cluster.runUntil("10m");
    expect(cluster.events).toBeGreaterThan(before);
    expect(cluster.nowUs).toBe(600_000_000);
    expect(cluster.runUntilIdle()).toBe(true);
    cluster.apply([pod("next"), pod("huge", "64")]);
    expect(cluster.runUntilIdle("601s")).toBe(false); // still pulling its image
    expect(cluster.nowUs).toBe(601_000_000);
    expect(cluster.runUntilIdle()).toBe(true);
    expect(cluster.get("Pod", "next")?.status.phase).toBe("Running");
    expect(cluster.get("Pod", "huge")?.status.phase).toBe("Pending");
  });

  test("shows its objects as plain JSON, which nobody shares with it", async () => {
    const cluster = await createCluster({ nodes, objects: [pod("a", "1", { app: "x" })] });
    cluster.apply([pod("b", "1", { app: "y" }), DEPLOYMENT]);
    cluster.runUntil("30s");
    const names = (options: Parameters<typeof cluster.list>[1]) =>
      cluster.list("Pod", options).map(({ metadata }) => metadata.name);
    expect(names({})).toHaveLength(4);
    expect(names({ labelSelector: "app in (x,y)" })).toEqual(["a", "b"]);
    expect(names({ namespace: "kube-system" })).toEqual([]);
    const a = cluster.get("Pod", "a");
    expect(Object.getPrototypeOf(a)).toBe(Object.prototype);
    expect(a?.apiVersion).toBe("v1");
    if (a !== undefined) a.spec.nodeName = "mine";
    expect(cluster.get("Pod", "a")?.spec.nodeName).toMatch(/^node-/);
    expect(cluster.get("Node", "node-1", { namespace: "ignored" })?.kind).toBe("Node");
    expect(cluster.get("Deployment", "web")?.status.readyReplicas).toBe(2);
  });

  test("does what users do: apply, scale, delete", async () => {
    const cluster = await createCluster({ nodes });
    const replicas = () => cluster.list("Pod", { labelSelector: "app=web" }).length;
    cluster.apply(DEPLOYMENT);
    cluster.runFor("30s");
    cluster.perform({
      verb: "scale",
      object: { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web" } },
      replicas: 3,
    });
    cluster.runFor("30s");
    expect(replicas()).toBe(3);
    cluster.delete("Deployment", "web");
    cluster.runFor("2m");
    expect(replicas()).toBe(0);
  });

  test("tells facts as long as somebody listens, from the first event on", async () => {
    const early: string[] = [];
    const cluster = await createCluster({
      nodes,
      objects: pod("a"),
      attach: (trace) => trace.committed.subscribe(({ object }) => early.push(object.kind)),
    });
    expect(early).toContain("Node");
    const started: string[] = [];
    const stop = cluster.on("podStarted", ({ record }) => started.push(record.name));
    cluster.runFor("30s");
    stop();
    cluster.apply(pod("b"));
    cluster.runFor("30s");
    expect(started).toEqual(["a"]);
  });

  test("forks: both go on alike until one is given something else to do", async () => {
    const cluster = await createCluster({ nodes });
    cluster.apply(DEPLOYMENT);
    cluster.runUntil("1s");
    const other = cluster.fork();
    other.apply(pod("late"));
    for (const each of [cluster, other]) each.runUntil("1m");
    expect(cluster.list("Pod")).toHaveLength(2);
    expect(other.list("Pod")).toHaveLength(3);
    expect(other.get("Deployment", "web")?.status).toEqual(
      cluster.get("Deployment", "web")?.status,
    );
  });

  test("runs the workload of an experiment, with a policy of one's own", async () => {
    const lastNode = definePlugin({
      name: "LastNode",
      locality: "node",
      score: (_pod, node) => (node.name === "n-2" ? 100 : 0),
    });
    const cluster = await createCluster({
      experiment: {
        workload: {
          synthetic: {
            nodes: [{ name: "n", count: 3, cpu: 4 }],
            pods: [{ name: "p", count: 3, cpu: 1, arrivals: "10s" }],
          },
        },
      },
      policy: lastNode,
    });
    cluster.runUntil("25s");
    expect(cluster.list("Pod")).toHaveLength(2);
    cluster.runUntil("60s");
    expect(cluster.list("Pod").map(({ spec }) => spec.nodeName)).toEqual(["n-2", "n-2", "n-2"]);
  });

  test.each([
    ["an unknown kind", (c) => c.list("Pods"), 'kind: got "Pods"'],
    ["a selector that is none", (c) => c.list("Pod", { labelSelector: "a in" }), "labelSelector:"],
    [
      "a time that has passed",
      (c) => {
        c.runFor("2s");
        c.runUntil("1s");
      },
      "runUntil: got 1 s, want a time from now on: it is 2 s",
    ],
    ["no duration", (c) => c.runFor("soon"), 'runFor: got "soon", want a duration'],
    ["an unknown tracepoint", (c) => c.on("podStart" as never, () => {}), 'mean "podStarted"'],
    ["YAML that is no object", (c) => c.apply("just: text"), "apply:1:1"],
    [
      "a field that there is not",
      (c) => c.apply({ ...pod("x"), spec: { ...pod("x").spec, nodName: "n" } }),
      'unknown field "spec.nodName"',
    ],
    [
      "a name that is missing, when the API refuses it",
      (c) => {
        const object = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "gone" } };
        c.perform({ verb: "scale", object, replicas: 1 });
        c.runFor("5s");
      },
      'scale: deployments.apps "gone" not found',
    ],
  ] as [string, (c: Awaited<ReturnType<typeof createCluster>>) => unknown, string][])(
    "refuses %s",
    async (_case, act, message) => {
      const cluster = await createCluster({ nodes });
      const attempt = () => act(cluster);
      expect(attempt).toThrow(message);
    },
  );
});
