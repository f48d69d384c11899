import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { KeyRecord, OwnerReference } from "../sim/api/index.ts";
import type { DeletionPropagation } from "../sim/client/index.ts";
import { deployment, job } from "./controllers-fixture.ts";
import { absent, GarbageWorld } from "./garbage-fixture.ts";

const exists = ({ stored }: KeyRecord): boolean => stored !== undefined;

describe("deleting a Deployment", () => {
  function rolledOut(): { world: GarbageWorld; web: KeyRecord } {
    const world = new GarbageWorld();
    const web = world.create(deployment("web", 3));
    world.run(5);
    expect(world.pods).toHaveLength(3);
    return { world, web };
  }

  test("in the background: it goes at once, its ReplicaSet and pods after it", () => {
    const { world, web } = rolledOut();
    world.delete(web, "Background");
    world.run(0.008);
    expect(exists(web)).toBe(false);
    expect(world.sets).toHaveLength(1);
    world.run(10);
    expect([world.sets.length, world.pods.length]).toEqual([0, 0]);
  });

  test("in the foreground: pods first, then the ReplicaSet, then the Deployment", () => {
    const { world, web } = rolledOut();
    const gone: string[] = [];
    const watch = (): void => {
      for (const [kind, left] of [
        ["pods", world.pods.length],
        ["set", world.sets.length],
        ["deployment", exists(web) ? 1 : 0],
      ] as const)
        if (left === 0 && !gone.includes(kind)) gone.push(kind);
    };
    world.delete(web, "Foreground");
    for (let i = 0; i < 500; i++) {
      world.run(0.01);
      watch();
    }
    expect(gone).toEqual(["pods", "set", "deployment"]);
  });

  test("as an orphaning owner: what it owned stays, without the reference", () => {
    const { world, web } = rolledOut();
    world.delete(web, "Orphan");
    world.run(10);
    expect(exists(web)).toBe(false);
    expect(world.sets.map(({ metadata }) => metadata.ownerReferences ?? [])).toEqual([[]]);
    expect(world.pods).toHaveLength(3);
  });
});

test("a Job that is deleted without a policy leaves its pods behind", () => {
  const world = new GarbageWorld();
  const record = world.create(job("j"));
  world.run(3);
  world.remove(record);
  world.run(30);
  expect(exists(record)).toBe(false);
  expect(world.pods.map(({ metadata }) => metadata.ownerReferences ?? [])).toEqual([[]]);
});

describe("an object", () => {
  test("goes when its owner never existed", () => {
    const world = new GarbageWorld();
    const orphan = world.owned("a", [absent("nobody")]);
    world.run(5);
    expect(exists(orphan)).toBe(false);
  });

  test("with one owner left loses the references to the others", () => {
    const world = new GarbageWorld();
    const [first, second] = [world.owned("o1", []), world.owned("o2", [])];
    world.run(1);
    const references = [world.reference(first), world.reference(second)];
    const object = world.owned("a", [...references, absent("nobody")]);
    world.run(5);
    expect(object.stored?.metadata.ownerReferences).toEqual(references);
    world.delete(first, "Background");
    world.run(5);
    expect(object.stored?.metadata.ownerReferences).toEqual(references.slice(1));
    world.delete(second, "Background");
    world.run(5);
    expect(exists(object)).toBe(false);
  });

  test("goes when its owner was replaced by a namesake", () => {
    const world = new GarbageWorld();
    const owner = world.owned("o", []);
    world.run(1);
    const object = world.owned("a", [world.reference(owner)]);
    world.run(1);
    world.delete(owner, "Background");
    const again = world.owned("o", []);
    world.run(5);
    expect(exists(object)).toBe(false);
    expect(exists(world.etcd.record("Lease", "default", again.name))).toBe(true);
  });

  test("goes when its owner lives in another namespace, where nobody may own it", () => {
    const world = new GarbageWorld();
    const owner = world.owned("o", [], "other");
    world.run(1);
    const object = world.owned("a", [world.reference(owner)]);
    world.run(5);
    expect([exists(object), exists(owner)]).toEqual([false, true]);
  });

  test("stays when its owner is of a kind that the API does not hold", () => {
    const world = new GarbageWorld();
    const object = world.owned("a", [absent("x", "Widget")]);
    world.run(5);
    expect(exists(object)).toBe(true);
  });

  test("may be owned by a pod", () => {
    const world = new GarbageWorld();
    const pod = world.create({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "p", namespace: "default" },
      spec: { containers: [{ name: "main", image: "a:1" }] },
    });
    world.run(2);
    const object = world.owned("a", [world.reference(pod)]);
    world.run(2);
    expect(exists(object)).toBe(true);
    world.remove(pod);
    world.run(5);
    expect(exists(object)).toBe(false);
  });
});

describe("an owner that is deleted in the foreground", () => {
  test("waits for the dependents that block it, and only for these", () => {
    const world = new GarbageWorld();
    const owner = world.owned("o", []);
    world.run(1);
    const held = { ...world.reference(owner) };
    const blocking = world.owned("blocking", [held]);
    world.owned("free", [{ ...held, blockOwnerDeletion: false }]);
    world.patch(blocking, { metadata: { finalizers: ["test.io/hold"] } });
    world.run(2);
    world.delete(owner, "Foreground");
    world.run(5);
    expect(world.list("Lease").map(({ metadata }) => metadata.name)).toEqual(["blocking", "o"]);
    world.release(blocking);
    world.run(5);
    expect(world.list("Lease")).toEqual([]);
  });

  test("in a circle of owners goes too", () => {
    const world = new GarbageWorld();
    const a = world.owned("a", []);
    world.run(1);
    const b = world.owned("b", [world.reference(a)]);
    world.run(1);
    world.patch(a, { metadata: { ownerReferences: [world.reference(b)] } });
    world.run(1);
    world.delete(a, "Foreground");
    world.run(60);
    expect([exists(a), exists(b)]).toEqual([false, false]);
  });
});

describe("the API calls", () => {
  test("for pods whose owner exists there are none", () => {
    const world = new GarbageWorld();
    const calls: string[] = [];
    world.trace.apiRequest.subscribe(({ client, verb, kind }) => {
      if (client === "generic-garbage-collector") calls.push(`${verb} ${kind}`);
    });
    const web = world.create(deployment("web", 2));
    world.run(5);
    expect(calls).toEqual([]);
    world.delete(web, "Background");
    world.run(10);
    const each = ["get Pod", "delete Pod"];
    const wanted = ["get ReplicaSet", "delete ReplicaSet", ...each, ...each];
    for (const call of wanted) expect(calls).toContain(call);
    expect(calls.filter((call) => call === "delete Pod")).toHaveLength(2);
  });
});

type Step =
  | { readonly type: "create"; readonly owners: readonly number[]; readonly blocks: boolean }
  | { readonly type: "delete"; readonly index: number; readonly policy: DeletionPropagation };

const policies = fc.constantFrom<DeletionPropagation>("Background", "Foreground", "Orphan");
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({
      type: fc.constant("create" as const),
      owners: fc.uniqueArray(fc.nat(11), { maxLength: 2 }),
      blocks: fc.boolean(),
    }),
    fc.record({ type: fc.constant("delete" as const), index: fc.nat(11), policy: policies }),
  ),
  { minLength: 3, maxLength: 24 },
);

describe("after any history of creations and deletions", () => {
  test("nothing stays whose owners are all gone, nothing waits, and nothing went without a reason", () => {
    fc.assert(
      fc.property(
        steps,
        fc.integer({ min: 1, max: 1000 }),
        fc.boolean(),
        (history, seed, isSlow) => {
          const watchDelivery = isSlow ? "lognormal(p50=50ms, p99=900ms)" : "constant(1ms)";
          const world = new GarbageWorld({ seed: String(seed), watchDelivery, nodes: 0 });
          const records: KeyRecord[] = [];
          const created = new Map<KeyRecord, { uid: string; owners: readonly OwnerReference[] }>();
          const deleted = new Set<string>();
          world.trace.committed.subscribe(({ type, record, object: { metadata } }) => {
            if (type !== "ADDED") return;
            created.set(record, { uid: metadata.uid, owners: metadata.ownerReferences ?? [] });
          });
          for (const step of history) {
            if (step.type === "delete") {
              const record = records[step.index];
              if (record?.stored !== undefined) {
                deleted.add(record.stored.metadata.uid);
                world.delete(record, step.policy);
              }
            } else {
              const owners = step.owners.flatMap((index) => {
                const owner = records[index];
                return owner?.stored === undefined ? [] : [world.reference(owner, step.blocks)];
              });
              records.push(world.owned(`l${records.length}`, owners));
            }
            world.run(0.03);
          }
          world.run(2000);
          const uids = new Set(world.list("Lease").map(({ metadata }) => metadata.uid));
          for (const { metadata } of world.list("Lease")) {
            expect(metadata.deletionTimestamp).toBeUndefined();
            for (const { uid } of metadata.ownerReferences ?? []) expect(uids.has(uid)).toBe(true);
          }
          for (const { uid, owners } of created.values()) {
            if (uids.has(uid) || deleted.has(uid)) continue;
            expect(owners.length).toBeGreaterThan(0);
            expect(owners.filter((owner) => uids.has(owner.uid))).toEqual([]);
          }
        },
      ),
      { seed: 11, numRuns: 40 },
    );
  });

  test("dependents of an owner that was deleted as an orphaning one survive", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 0, max: 200 }), (count, ms) => {
        const world = new GarbageWorld({ nodes: 0 });
        const owner = world.owned("o", []);
        world.run(1);
        const reference = world.reference(owner);
        for (let i = 0; i < count; i++) world.owned(`d${i}`, [reference]);
        world.run(1);
        world.delete(owner, "Orphan");
        world.run(ms / 1000);
        world.run(60);
        expect(world.list("Lease")).toHaveLength(count);
        for (const { metadata } of world.list("Lease"))
          expect(metadata.ownerReferences ?? []).toEqual([]);
      }),
      { seed: 12, numRuns: 20 },
    );
  });
});
