import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  controllerOf,
  type Deployment,
  type KeyRecord,
  podTemplateHash,
  type ReplicaSet,
} from "../sim/api/index.ts";
import { ControllerWorld, deployment, template } from "./controllers-fixture.ts";

const replicaSet = (name: string, replicas: number, spec: object = {}) => ({
  ...deployment(name, replicas, spec),
  kind: "ReplicaSet",
});

describe("a Deployment", () => {
  test("makes a ReplicaSet that makes pods, each owned by what made it", () => {
    const world = new ControllerWorld();
    const record = world.create(deployment("web", 3)) as KeyRecord<Deployment>;
    world.run(5);
    const [set] = world.sets;
    const owner = record.stored;
    if (set === undefined || owner === undefined) throw new Error("nothing was made");
    const hash = podTemplateHash(owner.spec.template);
    expect(set.metadata.name).toBe(`web-${hash}`);
    expect(set.metadata.labels).toEqual({ app: "web", "pod-template-hash": hash });
    expect(controllerOf(set)).toMatchObject({
      kind: "Deployment",
      name: "web",
      uid: owner.metadata.uid,
    });
    expect(set.metadata.annotations).toEqual({
      "deployment.kubernetes.io/revision": "1",
      "deployment.kubernetes.io/desired-replicas": "3",
      "deployment.kubernetes.io/max-replicas": "4",
    });
    expect(world.pods).toHaveLength(3);
    for (const pod of world.pods) {
      expect(pod.metadata.name).toMatch(
        new RegExp(`^web-${hash}-[bcdfghjklmnpqrstvwxz2456789]{5}$`),
      );
      expect(pod.metadata.labels).toEqual({ app: "web", "pod-template-hash": hash });
      expect(controllerOf(pod)?.uid).toBe(set.metadata.uid);
    }
    expect(owner.metadata.annotations).toEqual({ "deployment.kubernetes.io/revision": "1" });
    expect(owner.status).toMatchObject({
      observedGeneration: 1,
      replicas: 3,
      updatedReplicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      unavailableReplicas: 0,
    });
    expect(
      owner.status.conditions?.map(({ type, status, reason }) => [type, status, reason]),
    ).toEqual([
      ["Available", "True", "MinimumReplicasAvailable"],
      ["Progressing", "True", "NewReplicaSetAvailable"],
    ]);
  });

  test("follows its replicas up and down", () => {
    const world = new ControllerWorld();
    const record = world.create(deployment("web", 3));
    for (const replicas of [3, 7, 2, 0, 4]) {
      world.patch(record, { spec: { replicas } });
      world.run(10);
      expect(world.pods).toHaveLength(replicas);
      expect((record.stored as Deployment).status.replicas ?? 0).toBe(replicas);
      expect(
        world.sets[0]?.metadata.annotations?.["deployment.kubernetes.io/desired-replicas"],
      ).toBe(`${replicas}`);
    }
    expect(world.sets).toHaveLength(1);
  });

  test("rolls out a template and returns to an earlier one under a new revision", () => {
    const world = new ControllerWorld();
    const record = world.create(deployment("web", 4));
    world.run(5);
    const sizes = () => world.sets.map((set) => [revision(set), set.spec.replicas]).sort();
    world.patch(record, { spec: { template: template("web", "web:2") } });
    world.run(20);
    expect(sizes()).toEqual([
      ["1", 0],
      ["2", 4],
    ]);
    world.patch(record, { spec: { template: template("web", "web:1") } });
    world.run(20);
    expect(sizes()).toEqual([
      ["2", 0],
      ["3", 4],
    ]);
    const back = world.sets.find((set) => revision(set) === "3");
    expect(back?.metadata.annotations?.["deployment.kubernetes.io/revision-history"]).toBe("1");
    expect(record.stored?.metadata.annotations).toEqual({
      "deployment.kubernetes.io/revision": "3",
    });
  });

  test("keeps revisionHistoryLimit old ReplicaSets", () => {
    const world = new ControllerWorld();
    const record = world.create(deployment("web", 1, { revisionHistoryLimit: 2 }));
    for (const image of ["web:2", "web:3", "web:4", "web:5"]) {
      world.run(10);
      world.patch(record, { spec: { template: template("web", image) } });
    }
    world.run(20);
    expect(world.sets.map(revision).sort()).toEqual(["3", "4", "5"]);
  });

  test("Recreate makes no new pod while an old one is left", () => {
    const world = new ControllerWorld();
    const record = world.create(deployment("web", 3, { strategy: { type: "Recreate" } }));
    world.run(5);
    let worst = 0;
    world.trace.committed.subscribe(({ record: { kind } }) => {
      if (kind !== "Pod") return;
      worst = Math.max(worst, new Set(world.pods.map((pod) => controllerOf(pod)?.uid)).size);
    });
    world.patch(record, { spec: { template: template("web", "web:2") } });
    world.run(20);
    expect(worst).toBe(1);
    expect(world.pods.map((pod) => pod.spec.containers[0]?.image)).toEqual([
      "web:2",
      "web:2",
      "web:2",
    ]);
  });

  test("when paused scales, but rolls nothing out", () => {
    const world = new ControllerWorld();
    const record = world.create(deployment("web", 2));
    world.run(5);
    world.patch(record, {
      spec: { paused: true, replicas: 5, template: template("web", "web:2") },
    });
    world.run(10);
    expect(world.sets).toHaveLength(1);
    expect(world.pods.map((pod) => pod.spec.containers[0]?.image)).toEqual(Array(5).fill("web:1"));
    expect((record.stored as Deployment).status.conditions).toContainEqual(
      expect.objectContaining({
        type: "Progressing",
        status: "Unknown",
        reason: "DeploymentPaused",
      }),
    );
    world.patch(record, { spec: { paused: false } });
    world.run(20);
    expect(world.pods.map((pod) => pod.spec.containers[0]?.image)).toEqual(Array(5).fill("web:2"));
  });

  test("waits for minReadySeconds before a pod counts as available", () => {
    const world = new ControllerWorld();
    const record = world.create(deployment("web", 1, { minReadySeconds: 30 }));
    world.run(25);
    expect((record.stored as Deployment).status).toMatchObject({
      readyReplicas: 1,
      availableReplicas: 0,
    });
    world.run(10);
    expect((record.stored as Deployment).status).toMatchObject({
      readyReplicas: 1,
      availableReplicas: 1,
    });
  });

  test("never falls below what must be available, nor above what may be", () => {
    const share = fc.oneof(
      fc.integer({ min: 0, max: 4 }),
      fc.integer({ min: 0, max: 100 }).map((percent) => `${percent}%`),
    );
    const isZero = (value: number | string): boolean => value === 0 || value === "0%";
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        share,
        share,
        fc.array(fc.integer({ min: 0, max: 3_000_000 }), { minLength: 1, maxLength: 7 }),
        (replicas, maxSurge, maxUnavailable, delays) => {
          fc.pre(!(isZero(maxSurge) && isZero(maxUnavailable)));
          const world = new ControllerWorld({ startUs: (n) => delays[n % delays.length] ?? 0 });
          const strategy = { type: "RollingUpdate", rollingUpdate: { maxSurge, maxUnavailable } };
          const record = world.create(deployment("web", replicas, { strategy }));
          world.run(30);
          expect(world.pods).toHaveLength(replicas);
          const up =
            typeof maxSurge === "number"
              ? maxSurge
              : Math.ceil((Number.parseInt(maxSurge, 10) * replicas) / 100);
          let down =
            typeof maxUnavailable === "number"
              ? maxUnavailable
              : Math.floor((Number.parseInt(maxUnavailable, 10) * replicas) / 100);
          if (up === 0 && down === 0) down = 1;
          world.trace.committed.subscribe(({ record: { kind } }) => {
            if (kind !== "Pod") return;
            const alive = world.pods.filter((pod) => pod.metadata.deletionTimestamp === undefined);
            const ready = alive.filter((pod) =>
              pod.status.conditions?.some((c) => c.type === "Ready" && c.status === "True"),
            );
            expect(alive.length).toBeLessThanOrEqual(replicas + up);
            expect(ready.length).toBeGreaterThanOrEqual(Math.max(0, replicas - down));
          });
          world.patch(record, { spec: { template: template("web", "web:2") } });
          world.run(400);
          expect(world.pods.map((pod) => pod.spec.containers[0]?.image)).toEqual(
            Array(replicas).fill("web:2"),
          );
        },
      ),
      { seed: 7, numRuns: 60 },
    );
  });
});

describe("a ReplicaSet", () => {
  test("adopts pods that it selects, and deletes what is too many", () => {
    const world = new ControllerWorld();
    for (const name of ["a", "b", "c"])
      world.create({
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name, namespace: "default", labels: { app: "other" } },
        spec: (template("web") as { spec: object }).spec,
      });
    for (const name of ["d", "e", "f"])
      world.create({
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name, namespace: "default", labels: { app: "web" } },
        spec: (template("web") as { spec: object }).spec,
      });
    world.run(2);
    const record = world.create(replicaSet("web", 2)) as KeyRecord<ReplicaSet>;
    world.run(5);
    const owned = world.pods.filter(
      (pod) => controllerOf(pod)?.uid === record.stored?.metadata.uid,
    );
    expect(owned).toHaveLength(2);
    expect(owned.every(({ metadata }) => ["d", "e", "f"].includes(metadata.name))).toBe(true);
    expect(
      world.pods.filter(({ metadata }) => ["a", "b", "c"].includes(metadata.name)),
    ).toHaveLength(3);
  });

  test("lets go of a pod whose labels no longer match, and replaces it", () => {
    const world = new ControllerWorld();
    world.create(replicaSet("web", 2));
    world.run(5);
    const [pod] = world.pods;
    const name = pod?.metadata.name ?? "";
    world.patch(world.record("Pod", name), { metadata: { labels: { app: "debug" } } });
    world.run(5);
    expect(world.pods).toHaveLength(3);
    expect(
      world.pods.find(({ metadata }) => metadata.name === name)?.metadata.ownerReferences,
    ).toEqual([]);
  });

  test("replaces a pod that was deleted or has failed", () => {
    const world = new ControllerWorld({
      fate: (_pod, number) => (number === 2 ? "fails" : "runs"),
    });
    world.create(replicaSet("web", 3));
    world.run(10);
    world.remove(
      world.record(
        "Pod",
        world.pods.find(({ status }) => status.phase === "Running")?.metadata.name ?? "",
      ),
    );
    world.run(10);
    const phases = world.pods.map(({ status }) => status.phase).sort();
    expect(phases).toEqual(["Failed", "Running", "Running", "Running"]);
  });

  test("makes pods in batches that double", () => {
    const world = new ControllerWorld();
    const times: number[] = [];
    world.trace.committed.subscribe(({ type, record, timeUs }) => {
      if (type === "ADDED" && record.kind === "Pod") times.push(timeUs);
    });
    world.create(replicaSet("web", 10));
    world.run(5);
    const batches = [...new Set(times)].map(
      (time) => times.filter((other) => other === time).length,
    );
    expect(batches).toEqual([1, 2, 4, 3]);
  });

  test("makes no pod twice, however late its watch tells of it", () => {
    const world = new ControllerWorld({ watchDelivery: "uniform(1ms, 900ms)" });
    const record = world.create(replicaSet("web", 6));
    let made = 0;
    let deleted = 0;
    world.trace.committed.subscribe(({ type, record: { kind }, object, old }) => {
      if (kind !== "Pod") return;
      if (type === "ADDED") made++;
      const { deletionTimestamp } = object.metadata;
      if (deletionTimestamp !== undefined && old?.metadata.deletionTimestamp === undefined)
        deleted++;
    });
    // Changes of the ReplicaSet come in between, and have it synced again.
    for (let i = 0; i < 20; i++) {
      world.patch(record, { metadata: { annotations: { touched: `${i}` } } });
      world.run(0.1);
    }
    world.run(20);
    expect([made, deleted]).toEqual([6, 0]);
    world.patch(record, { spec: { replicas: 2 } });
    for (let i = 0; i < 20; i++) {
      world.patch(record, { metadata: { annotations: { touched: `again ${i}` } } });
      world.run(0.1);
    }
    world.run(20);
    expect([made, deleted]).toEqual([6, 4]);
  });

  test("tells in its status why pods cannot be made, and tries again", () => {
    const world = new ControllerWorld();
    const broken = template("web") as { spec: object };
    world.create(
      replicaSet("web", 2, {
        template: { ...broken, spec: { ...broken.spec, priorityClassName: "none" } },
      }),
    );
    world.run(5);
    const [set] = world.sets;
    expect(set?.status.conditions).toMatchObject([
      { type: "ReplicaFailure", status: "True", reason: "FailedCreate" },
    ]);
    world.create({
      apiVersion: "scheduling.k8s.io/v1",
      kind: "PriorityClass",
      metadata: { name: "none" },
      value: 5,
    } as never);
    world.run(30);
    expect(world.pods).toHaveLength(2);
    expect(world.sets[0]?.status).toMatchObject({ replicas: 2, readyReplicas: 2 });
    expect(world.sets[0]?.status.conditions ?? []).toEqual([]);
  });
});

function revision(set: ReplicaSet): string {
  return set.metadata.annotations?.["deployment.kubernetes.io/revision"] ?? "";
}
