import { describe, expect, test } from "vitest";
import {
  type ControllerRevision,
  controllerOf,
  type DaemonSet,
  type KeyRecord,
  type Pod,
} from "../sim/api/index.ts";
import { ControllerWorld, template } from "./controllers-fixture.ts";

const daemonSet = (name: string, spec: object = {}) => ({
  apiVersion: "apps/v1",
  kind: "DaemonSet",
  metadata: { name, namespace: "default" },
  spec: { selector: { matchLabels: { app: name } }, template: template(name), ...spec },
});

const newImage = { spec: { template: template("agent", "web:2") } };

const node = (name: string) => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: { name },
});

function setOf(world: ControllerWorld): DaemonSet {
  return world.record("DaemonSet", "agent").stored as DaemonSet;
}

const nodesOf = (world: ControllerWorld): string[] =>
  world.pods.map(({ spec }) => spec.nodeName ?? "").sort();

const images = (world: ControllerWorld): (string | undefined)[] =>
  world.pods.map(({ spec }) => spec.containers[0]?.image).sort();

function nodeRecord(world: ControllerWorld, name: string): KeyRecord {
  return world.etcd.record("Node", "", name);
}

function podOn(world: ControllerWorld, nodeName: string): Pod {
  const pod = world.pods.find(({ spec }) => spec.nodeName === nodeName);
  if (pod === undefined) throw new Error(`there is no pod on ${nodeName}`);
  return pod;
}

/** The node that a pod asks for. */
function targetOf({ spec }: Pod): string {
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return required?.nodeSelectorTerms?.[0]?.matchFields?.[0]?.values?.[0] ?? "";
}

describe("a DaemonSet", () => {
  test("makes one pod for each node, which the scheduler places by the node's name", () => {
    const world = new ControllerWorld({ nodes: 3 });
    const record = world.create(daemonSet("agent")) as KeyRecord<DaemonSet>;
    world.run(5);
    expect(nodesOf(world)).toEqual(["n0", "n1", "n2"]);
    const pod = podOn(world, "n1");
    const [revision] = world.list<ControllerRevision>("ControllerRevision");
    const hash = revision?.metadata.labels?.["controller-revision-hash"];
    expect(revision?.metadata.name).toBe(`agent-${hash}`);
    expect(pod.metadata.name).toMatch(/^agent-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    expect(pod.metadata.labels).toEqual({ app: "agent", "controller-revision-hash": hash });
    expect(controllerOf(pod)?.uid).toBe(record.stored?.metadata.uid);
    expect(pod.spec.affinity).toEqual({
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [
            { matchFields: [{ key: "metadata.name", operator: "In", values: ["n1"] }] },
          ],
        },
      },
    });
    expect(pod.spec.tolerations?.map(({ key, effect }) => `${key}:${effect}`)).toEqual([
      "node.kubernetes.io/not-ready:NoExecute",
      "node.kubernetes.io/unreachable:NoExecute",
      "node.kubernetes.io/disk-pressure:NoSchedule",
      "node.kubernetes.io/memory-pressure:NoSchedule",
      "node.kubernetes.io/pid-pressure:NoSchedule",
      "node.kubernetes.io/unschedulable:NoSchedule",
    ]);
    expect(record.stored?.status).toEqual({
      currentNumberScheduled: 3,
      desiredNumberScheduled: 3,
      numberAvailable: 3,
      numberMisscheduled: 0,
      numberReady: 3,
      numberUnavailable: 0,
      observedGeneration: 1,
      updatedNumberScheduled: 3,
    });
  });

  test("goes along with nodes that come, and forgets pods that wait for one that is gone", () => {
    const world = new ControllerWorld({ nodes: 1 });
    world.create(daemonSet("agent"));
    world.run(5);
    world.create(node("m"));
    world.run(5);
    expect(nodesOf(world)).toEqual(["m", "n0"]);
    expect(setOf(world).status.desiredNumberScheduled).toBe(2);
    world.remove(nodeRecord(world, "m"));
    world.remove(world.record("Pod", podOn(world, "m").metadata.name));
    world.run(5);
    expect(nodesOf(world)).toEqual(["n0"]);
    expect(setOf(world).status.desiredNumberScheduled).toBe(1);
  });

  test.each<[string, object, string[]]>([
    ["nodeSelector", { nodeSelector: { "topology.kubernetes.io/zone": "z1" } }, ["n1"]],
    ["nodeName", { nodeName: "n2" }, ["n2"]],
    [
      "node affinity",
      {
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [
                {
                  matchExpressions: [
                    { key: "topology.kubernetes.io/zone", operator: "NotIn", values: ["z0"] },
                  ],
                },
              ],
            },
          },
        },
      },
      ["n1", "n2"],
    ],
  ])("with a %s takes only the nodes that fit", (_case, fields, expected) => {
    const world = new ControllerWorld({ nodes: 3 });
    const { spec, ...rest } = template("agent") as { spec: object };
    world.create(daemonSet("agent", { template: { ...rest, spec: { ...spec, ...fields } } }));
    world.run(5);
    expect(nodesOf(world)).toEqual(expected);
    expect(setOf(world).status.desiredNumberScheduled).toBe(expected.length);
  });

  test("follows the labels of nodes", () => {
    const world = new ControllerWorld({ nodes: 2 });
    const { spec, ...rest } = template("agent") as { spec: object };
    const fields = { nodeSelector: { disk: "ssd" } };
    world.create(daemonSet("agent", { template: { ...rest, spec: { ...spec, ...fields } } }));
    world.run(5);
    expect(nodesOf(world)).toEqual([]);
    world.patch(nodeRecord(world, "n1"), { metadata: { labels: { disk: "ssd" } } });
    world.run(5);
    expect(nodesOf(world)).toEqual(["n1"]);
    world.patch(nodeRecord(world, "n1"), { metadata: { labels: { disk: "hdd" } } });
    world.run(5);
    expect(nodesOf(world)).toEqual([]);
  });

  test.each<[string, object, boolean, boolean]>([
    ["NoSchedule keeps new pods away", { key: "a", effect: "NoSchedule" }, true, false],
    ["NoExecute drives them off", { key: "a", effect: "NoExecute" }, false, false],
    ["PreferNoSchedule does nothing", { key: "a", effect: "PreferNoSchedule" }, true, true],
    [
      "cordoned nodes keep theirs and get new ones",
      { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" },
      true,
      true,
    ],
  ])("taints: %s", (_case, taint, stays, isMade) => {
    const world = new ControllerWorld({ nodes: 2 });
    world.create(daemonSet("agent"));
    world.run(5);
    world.patch(nodeRecord(world, "n1"), { spec: { taints: [taint] } });
    world.run(5);
    expect(nodesOf(world).includes("n1")).toBe(stays);
    expect(setOf(world).status.desiredNumberScheduled).toBe(isMade ? 2 : 1);
    if (!stays) return;
    world.remove(world.record("Pod", podOn(world, "n1").metadata.name));
    world.run(5);
    expect(nodesOf(world).includes("n1")).toBe(isMade);
  });

  test("deletes failed pods, each time after twice as long", () => {
    const world = new ControllerWorld({ nodes: 1, fate: () => "fails", runUs: 1_000 });
    const gone: number[] = [];
    world.trace.committed.subscribe(({ type, record, timeUs }) => {
      if (record.kind === "Pod" && type === "DELETED") gone.push(timeUs / 1_000_000);
    });
    world.create(daemonSet("agent"));
    world.run(40);
    const pauses = gone.slice(1).map((time, i) => Math.floor(time - (gone[i] ?? 0)));
    expect(pauses.slice(0, 4)).toEqual([1, 2, 4, 8]);
  });

  test("deletes all but the oldest of several pods on a node", () => {
    const world = new ControllerWorld({ nodes: 1 });
    world.create(daemonSet("agent"));
    world.run(5);
    const first = podOn(world, "n0").metadata.name;
    world.create({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "second", namespace: "default", labels: { app: "agent" } },
      spec: { containers: [{ name: "main", image: "web:1" }] },
    });
    world.run(5);
    expect(world.pods.map(({ metadata }) => metadata.name)).toEqual([first]);
  });

  test("makes at most 250 pods in one go, slowly at first", () => {
    const world = new ControllerWorld({ nodes: 300 });
    let made = 0;
    let first = 0;
    world.trace.committed.subscribe(({ type, record }) => {
      if (record.kind === "Pod" && type === "ADDED") made++;
      else if (record.kind === "DaemonSet" && first === 0 && made > 0) first = made;
    });
    world.create(daemonSet("agent"));
    world.run(60);
    expect(first).toBe(250);
    expect(world.pods).toHaveLength(300);
  });
});

describe("a DaemonSet's update", () => {
  /**
   * Nodes without a ready pod, and nodes where a new pod starts beside an old one: the most at a
   * time. (An old pod whose successor is ready counts no more, though it may still be there.)
   */
  function watchRollout(world: ControllerWorld): { missing: number; surplus: number } {
    const worst = { missing: 0, surplus: 0 };
    world.trace.committed.subscribe(() => {
      const ready = new Set<string>();
      const starting = new Set<string>();
      for (const pod of world.pods) {
        if (pod.metadata.deletionTimestamp !== undefined) continue;
        const name = targetOf(pod);
        const isReady = pod.status.conditions?.some(
          ({ type, status }) => type === "Ready" && status === "True",
        );
        if (isReady === true) ready.add(name);
        else starting.add(name);
      }
      worst.missing = Math.max(worst.missing, 6 - ready.size);
      const surplus = [...starting].filter((name) => ready.has(name)).length;
      worst.surplus = Math.max(worst.surplus, surplus);
    });
    return worst;
  }

  test.each<[object, { missing: number; surplus: number }]>([
    [{ maxUnavailable: 1 }, { missing: 1, surplus: 0 }],
    [{ maxUnavailable: "34%" }, { missing: 3, surplus: 0 }],
    [
      { maxUnavailable: 0, maxSurge: 1 },
      { missing: 0, surplus: 1 },
    ],
    [
      { maxUnavailable: 0, maxSurge: 2 },
      { missing: 0, surplus: 2 },
    ],
  ])("with %j keeps to that", (rollingUpdate, expected) => {
    const world = new ControllerWorld({ nodes: 6, startUs: () => 500_000 });
    const updateStrategy = { type: "RollingUpdate", rollingUpdate };
    const record = world.create(daemonSet("agent", { updateStrategy }));
    world.run(10);
    const worst = watchRollout(world);
    world.patch(record, newImage);
    world.run(60);
    expect(images(world)).toEqual(Array(6).fill("web:2"));
    expect(worst).toEqual(expected);
    expect(setOf(world).status).toMatchObject({ updatedNumberScheduled: 6, numberAvailable: 6 });
  });

  test("waits minReadySeconds for each pod", () => {
    const world = new ControllerWorld({ nodes: 2 });
    const record = world.create(daemonSet("agent", { minReadySeconds: 20 }));
    world.run(30);
    expect(setOf(world).status.numberAvailable).toBe(2);
    world.patch(record, newImage);
    world.run(15);
    expect(images(world)).toEqual(["web:1", "web:2"]);
    world.run(30);
    expect(images(world)).toEqual(["web:2", "web:2"]);
  });

  test("replaces pods that are not available at once, however many", () => {
    const fate = ({ spec }: Pod) => (spec.containers[0]?.image === "web:1" ? "unready" : "runs");
    const world = new ControllerWorld({ nodes: 4, fate });
    const record = world.create(daemonSet("agent"));
    world.run(10);
    world.patch(record, newImage);
    world.run(3);
    expect(images(world)).toEqual(Array(4).fill("web:2"));
  });

  test("OnDelete waits for somebody to delete a pod", () => {
    const world = new ControllerWorld({ nodes: 2 });
    const record = world.create(daemonSet("agent", { updateStrategy: { type: "OnDelete" } }));
    world.run(5);
    world.patch(record, newImage);
    world.run(20);
    expect(images(world)).toEqual(["web:1", "web:1"]);
    expect(setOf(world).status).toMatchObject({ observedGeneration: 2, updatedNumberScheduled: 0 });
    world.remove(world.record("Pod", podOn(world, "n0").metadata.name));
    world.run(5);
    expect(images(world)).toEqual(["web:1", "web:2"]);
  });

  test("back to an earlier template counts its revision up; history has a limit", () => {
    const world = new ControllerWorld({ nodes: 1 });
    const record = world.create(daemonSet("agent", { revisionHistoryLimit: 1 }));
    const numbers = () =>
      world
        .list<ControllerRevision>("ControllerRevision")
        .map(({ revision }) => revision)
        .sort();
    world.run(5);
    for (const [image, expected] of [
      ["web:2", [1, 2]],
      ["web:1", [2, 3]],
      ["web:3", [3, 4]],
    ] as const) {
      world.patch(record, { spec: { template: template("agent", image) } });
      world.run(10);
      expect(numbers()).toEqual(expected);
    }
  });
});
