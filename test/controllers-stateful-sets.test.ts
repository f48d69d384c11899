import { describe, expect, test } from "vitest";
import {
  type ControllerRevision,
  controllerOf,
  type KeyRecord,
  type PersistentVolumeClaim,
  type Pod,
  type StatefulSet,
} from "../sim/api/index.ts";
import { ControllerWorld, template } from "./controllers-fixture.ts";

const statefulSet = (name: string, replicas: number, spec: object = {}) => ({
  apiVersion: "apps/v1",
  kind: "StatefulSet",
  metadata: { name, namespace: "default" },
  spec: {
    replicas,
    serviceName: name,
    selector: { matchLabels: { app: name } },
    template: template(name),
    ...spec,
  },
});

const claimTemplate = {
  metadata: { name: "data" },
  spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
};

/** Names of the pods in the order in which they appear ("+") and go ("-"). */
function pods(world: ControllerWorld): string[] {
  const changes: string[] = [];
  world.trace.committed.subscribe(({ type, record }) => {
    if (record.kind !== "Pod" || type === "MODIFIED") return;
    changes.push(`${type === "ADDED" ? "+" : "-"}${record.name}`);
  });
  return changes;
}

function setOf(world: ControllerWorld, name = "web"): StatefulSet {
  return world.record("StatefulSet", name).stored as StatefulSet;
}

function pod(world: ControllerWorld, name: string): Pod {
  const { stored } = world.record("Pod", name);
  if (stored === undefined) throw new Error(`there is no pod ${name}`);
  return stored as Pod;
}

const names = (world: ControllerWorld): string[] => world.pods.map(({ metadata }) => metadata.name);
const images = (world: ControllerWorld): (string | undefined)[] =>
  [...world.pods]
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
    .map(({ spec }) => spec.containers[0]?.image);
const revisions = (world: ControllerWorld): ControllerRevision[] =>
  world.list<ControllerRevision>("ControllerRevision");
const claims = (world: ControllerWorld): string[] =>
  world
    .list<PersistentVolumeClaim>("PersistentVolumeClaim")
    .map(({ metadata }) => metadata.name)
    .sort();

describe("a StatefulSet", () => {
  test("makes pods in order, each with its name, labels and revision", () => {
    const world = new ControllerWorld();
    const changes = pods(world);
    const record = world.create(statefulSet("web", 3)) as KeyRecord<StatefulSet>;
    world.run(10);
    expect(changes).toEqual(["+web-0", "+web-1", "+web-2"]);
    const [revision] = revisions(world);
    expect(revision?.revision).toBe(1);
    expect(controllerOf(revision as ControllerRevision)).toMatchObject({ name: "web" });
    const second = pod(world, "web-1");
    expect(second.metadata.labels).toEqual({
      app: "web",
      "apps.kubernetes.io/pod-index": "1",
      "controller-revision-hash": revision?.metadata.name,
      "statefulset.kubernetes.io/pod-name": "web-1",
    });
    expect(second.spec).toMatchObject({ hostname: "web-1", subdomain: "web" });
    expect(controllerOf(second)?.uid).toBe(record.stored?.metadata.uid);
    expect(record.stored?.status).toEqual({
      observedGeneration: 1,
      replicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      currentReplicas: 3,
      updatedReplicas: 3,
      currentRevision: revision?.metadata.name,
      updateRevision: revision?.metadata.name,
      collisionCount: 0,
    });
  });

  test("waits for each pod to be available, for minReadySeconds", () => {
    const world = new ControllerWorld();
    world.create(statefulSet("web", 3, { minReadySeconds: 10 }));
    world.run(9);
    expect(names(world)).toEqual(["web-0"]);
    expect(setOf(world).status).toMatchObject({ readyReplicas: 1, availableReplicas: 0 });
    world.run(6);
    expect(names(world)).toEqual(["web-0", "web-1"]);
    world.run(40);
    expect(setOf(world).status).toMatchObject({ readyReplicas: 3, availableReplicas: 3 });
  });

  test("a pod that is not ready blocks the next, whether it starts or stops", () => {
    const fate = (made: Pod) => (made.metadata.name === "web-1" ? "unready" : "runs");
    const world = new ControllerWorld({ fate });
    const record = world.create(statefulSet("web", 4));
    world.run(20);
    expect(names(world)).toEqual(["web-0", "web-1"]);
    world.setReady(pod(world, "web-1"), true);
    world.run(10);
    expect(names(world)).toHaveLength(4);
    const changes = pods(world);
    world.setReady(pod(world, "web-1"), false);
    world.patch(record, { spec: { replicas: 2 } });
    world.run(10);
    expect(changes).toEqual([]); // web-1 is needed, and web-3 waits for it
    world.setReady(pod(world, "web-1"), true);
    world.run(10);
    expect(changes).toEqual(["-web-3", "-web-2"]);
  });

  test("goes down in reverse order; of several that are not ready the lowest goes first", () => {
    const world = new ControllerWorld();
    const record = world.create(statefulSet("web", 4));
    world.run(20);
    for (const name of ["web-2", "web-3"]) world.setReady(pod(world, name), false);
    world.run(1);
    const changes = pods(world);
    world.patch(record, { spec: { replicas: 1 } });
    world.run(10);
    expect(changes).toEqual([]); // web-3 waits for web-2
    world.setReady(pod(world, "web-3"), true);
    world.run(10);
    expect(changes).toEqual(["-web-3", "-web-2", "-web-1"]);
  });

  test("Parallel makes and deletes all at once, whatever their state", () => {
    const world = new ControllerWorld({ fate: () => "unready" });
    const record = world.create(statefulSet("web", 5, { podManagementPolicy: "Parallel" }));
    world.run(2);
    expect(names(world)).toHaveLength(5);
    world.patch(record, { spec: { replicas: 1 } });
    world.run(2);
    expect(names(world)).toEqual(["web-0"]);
  });

  test("starts at spec.ordinals.start, and moves there when it changes", () => {
    const world = new ControllerWorld();
    const record = world.create(statefulSet("web", 2, { ordinals: { start: 5 } }));
    world.run(10);
    expect(names(world).sort()).toEqual(["web-5", "web-6"]);
    world.patch(record, { spec: { ordinals: { start: 6 } } });
    world.run(10);
    expect(names(world).sort()).toEqual(["web-6", "web-7"]);
  });

  test.each(["succeeds", "fails"] as const)("makes a pod that %s anew", (end) => {
    const fate = (_pod: Pod, number: number) => (number === 1 ? end : "runs");
    const world = new ControllerWorld({ fate });
    const changes = pods(world);
    world.create(statefulSet("web", 2));
    world.run(20);
    expect(changes.filter((change) => change.endsWith("web-0"))).toEqual([
      "+web-0",
      "-web-0",
      "+web-0",
    ]);
    expect(setOf(world).status).toMatchObject({ replicas: 2, readyReplicas: 2 });
  });

  test("makes no second pod of a name while one on a lost node is left", () => {
    const world = new ControllerWorld();
    world.create(statefulSet("web", 3));
    world.run(10);
    const lost = pod(world, "web-1");
    world.lostNodes.add(lost.spec.nodeName ?? "");
    world.remove(world.record("Pod", "web-1"));
    world.run(600);
    expect(pod(world, "web-1").metadata.uid).toBe(lost.metadata.uid);
    world.removeNow(world.record("Pod", "web-1"));
    world.run(10);
    expect(pod(world, "web-1").metadata.uid).not.toBe(lost.metadata.uid);
    expect(setOf(world).status.readyReplicas).toBe(3);
  });

  test("adopts a pod of its name and labels, and lets go of one that loses them", () => {
    const world = new ControllerWorld();
    world.create({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "web-0", namespace: "default", labels: { app: "web" } },
      spec: { containers: [{ name: "main", image: "web:1" }] },
    });
    world.run(1);
    const before = pod(world, "web-0").metadata.uid;
    world.create(statefulSet("web", 1, { updateStrategy: { type: "OnDelete" } }));
    world.run(5);
    const adopted = pod(world, "web-0");
    expect(adopted.metadata.uid).toBe(before);
    expect(controllerOf(adopted)).toMatchObject({ kind: "StatefulSet", name: "web" });
    expect(adopted.metadata.labels).toMatchObject({
      "statefulset.kubernetes.io/pod-name": "web-0",
    });
    world.patch(world.record("Pod", "web-0"), { metadata: { labels: { app: "other" } } });
    world.run(5);
    expect(controllerOf(pod(world, "web-0"))).toBeUndefined();
  });
});

describe("a StatefulSet's update", () => {
  const newImage = { spec: { template: template("web", "web:2") } };

  test("replaces one pod at a time, from the highest ordinal down", () => {
    const world = new ControllerWorld();
    const record = world.create(statefulSet("web", 3)) as KeyRecord<StatefulSet>;
    world.run(10);
    const changes = pods(world);
    world.patch(record, newImage);
    world.run(20);
    expect(changes).toEqual(["-web-2", "+web-2", "-web-1", "+web-1", "-web-0", "+web-0"]);
    expect(images(world)).toEqual(["web:2", "web:2", "web:2"]);
    const { currentRevision, updateRevision, updatedReplicas } = setOf(world).status;
    expect(currentRevision).toBe(updateRevision);
    expect(updatedReplicas).toBe(3);
  });

  test("also with Parallel", () => {
    const world = new ControllerWorld();
    const record = world.create(statefulSet("web", 3, { podManagementPolicy: "Parallel" }));
    world.run(10);
    let worst = 3;
    world.trace.committed.subscribe(() => (worst = Math.min(worst, world.pods.length)));
    world.patch(record, newImage);
    world.run(20);
    expect(images(world)).toEqual(["web:2", "web:2", "web:2"]);
    expect(worst).toBe(2);
  });

  test("leaves the pods below the partition, and makes those anew as they were", () => {
    const world = new ControllerWorld();
    const rollingUpdate = { partition: 2 };
    const record = world.create(
      statefulSet("web", 4, { updateStrategy: { type: "RollingUpdate", rollingUpdate } }),
    );
    world.run(20);
    world.patch(record, newImage);
    world.run(20);
    expect(images(world)).toEqual(["web:1", "web:1", "web:2", "web:2"]);
    const { currentRevision, updateRevision, currentReplicas, updatedReplicas } =
      setOf(world).status;
    expect(currentRevision).not.toBe(updateRevision);
    expect([currentReplicas, updatedReplicas]).toEqual([2, 2]);
    world.remove(world.record("Pod", "web-1"));
    world.remove(world.record("Pod", "web-3"));
    world.run(20);
    expect(images(world)).toEqual(["web:1", "web:1", "web:2", "web:2"]);
    world.patch(record, { spec: { updateStrategy: { rollingUpdate: { partition: 0 } } } });
    world.run(20);
    expect(images(world)).toEqual(["web:2", "web:2", "web:2", "web:2"]);
  });

  test("OnDelete waits for somebody to delete a pod", () => {
    const world = new ControllerWorld();
    const record = world.create(statefulSet("web", 2, { updateStrategy: { type: "OnDelete" } }));
    world.run(10);
    world.patch(record, newImage);
    world.run(20);
    expect(images(world)).toEqual(["web:1", "web:1"]);
    world.remove(world.record("Pod", "web-0"));
    world.run(10);
    expect(images(world)).toEqual(["web:2", "web:1"]);
  });

  test("that never gets ready needs its pod deleted by hand after it was taken back", () => {
    const fate = ({ spec }: Pod) => (spec.containers[0]?.image === "web:2" ? "unready" : "runs");
    const world = new ControllerWorld({ fate });
    const record = world.create(statefulSet("web", 3));
    world.run(10);
    world.patch(record, newImage);
    world.run(30);
    expect(images(world)).toEqual(["web:1", "web:1", "web:2"]);
    world.patch(record, { spec: { template: template("web", "web:1") } });
    world.run(600);
    expect(images(world)).toEqual(["web:1", "web:1", "web:2"]);
    world.remove(world.record("Pod", "web-2"));
    world.run(10);
    expect(images(world)).toEqual(["web:1", "web:1", "web:1"]);
  });

  test("back to an earlier template counts its revision up; history has a limit", () => {
    const world = new ControllerWorld();
    const record = world.create(statefulSet("web", 1, { revisionHistoryLimit: 2 }));
    world.run(10);
    const first = setOf(world).status.updateRevision;
    world.patch(record, newImage);
    world.run(10);
    world.patch(record, { spec: { template: template("web", "web:1") } });
    world.run(10);
    expect(setOf(world).status.updateRevision).toBe(first);
    expect(revisions(world).map(({ revision }) => revision)).toEqual(
      expect.arrayContaining([2, 3]),
    );
    for (const image of ["web:3", "web:4", "web:5"]) {
      world.patch(record, { spec: { template: template("web", image) } });
      world.run(10);
    }
    expect(
      revisions(world)
        .map(({ revision }) => revision)
        .sort(),
    ).toEqual([4, 5, 6]);
  });

  test("a revision of that name with another template counts as a collision", () => {
    const twin = new ControllerWorld();
    twin.create(statefulSet("web", 1));
    twin.run(5);
    const { name } = revisions(twin)[0]?.metadata ?? { name: "" };
    const world = new ControllerWorld();
    world.create({
      apiVersion: "apps/v1",
      kind: "ControllerRevision",
      metadata: { name, namespace: "default" },
      data: { spec: {} },
      revision: 1,
    });
    world.run(1);
    world.create(statefulSet("web", 1));
    world.run(5);
    expect(setOf(world).status).toMatchObject({ collisionCount: 1, readyReplicas: 1 });
    expect(setOf(world).status.updateRevision).not.toBe(name);
  });
});

describe("a StatefulSet's claims", () => {
  const withClaims = (replicas: number, policy?: object) =>
    statefulSet("web", replicas, {
      volumeClaimTemplates: [claimTemplate],
      ...(policy === undefined ? {} : { persistentVolumeClaimRetentionPolicy: policy }),
    });

  test("are made before their pods, and stay when pods go", () => {
    const world = new ControllerWorld();
    const order: string[] = [];
    world.trace.committed.subscribe(({ type, record: { kind, name } }) => {
      if (type === "ADDED" && (kind === "Pod" || kind === "PersistentVolumeClaim"))
        order.push(name);
    });
    const record = world.create(withClaims(2));
    world.run(10);
    expect(order).toEqual(["data-web-0", "web-0", "data-web-1", "web-1"]);
    expect(pod(world, "web-1").spec.volumes?.[0]).toMatchObject({
      name: "data",
      persistentVolumeClaim: { claimName: "data-web-1" },
    });
    const claim = world.record("PersistentVolumeClaim", "data-web-1").stored;
    expect(claim?.metadata).toMatchObject({ labels: { app: "web" } });
    expect(claim?.metadata.ownerReferences ?? []).toEqual([]);
    world.patch(record, { spec: { replicas: 0 } });
    world.run(10);
    expect(claims(world)).toEqual(["data-web-0", "data-web-1"]);
    world.patch(record, { spec: { replicas: 2 } });
    world.run(10);
    expect(world.pods).toHaveLength(2);
    expect(claims(world)).toEqual(["data-web-0", "data-web-1"]);
  });

  test.each<[object, string[], string[]]>([
    [{ whenDeleted: "Retain", whenScaled: "Retain" }, [], []],
    [{ whenDeleted: "Delete", whenScaled: "Retain" }, ["StatefulSet/web"], ["StatefulSet/web"]],
    [{ whenDeleted: "Retain", whenScaled: "Delete" }, [], ["Pod/web-1"]],
    [{ whenDeleted: "Delete", whenScaled: "Delete" }, ["StatefulSet/web"], ["Pod/web-1"]],
  ])("with %j are owned accordingly, before and after scaling down", (policy, before, after) => {
    const world = new ControllerWorld();
    const owners = () =>
      world
        .record("PersistentVolumeClaim", "data-web-1")
        .stored?.metadata.ownerReferences?.map(({ kind, name }) => `${kind}/${name}`) ?? [];
    const record = world.create(withClaims(2, policy));
    world.run(10);
    expect(owners()).toEqual(before);
    let last: string[] = before;
    world.trace.committed.subscribe(({ record: { name } }) => {
      if (name === "data-web-1" && owners().length > 0) last = owners();
    });
    world.patch(record, { spec: { replicas: 1 } });
    world.run(10);
    expect(names(world)).toEqual(["web-0"]);
    expect(last).toEqual(after);
  });

  test("of an earlier pod that are about to go are waited for", () => {
    const world = new ControllerWorld();
    const stale = {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: {
        name: "data-web-0",
        namespace: "default",
        ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: "web-0", uid: "old" }],
        finalizers: ["test/hold"],
      },
      spec: claimTemplate.spec,
    };
    const record = world.create(stale);
    world.run(1);
    world.create(withClaims(1, { whenDeleted: "Retain", whenScaled: "Delete" }));
    world.run(10);
    expect(names(world)).toEqual([]);
    world.remove(record);
    const ignored = world.user.callback(() => {});
    const patch = { metadata: { finalizers: [] } };
    world.user.patch(record, patch, "", ignored, undefined, { patchType: "merge" });
    world.run(10);
    expect(names(world)).toEqual(["web-0"]);
  });
});
