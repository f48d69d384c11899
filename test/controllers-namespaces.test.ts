import { describe, expect, test } from "vitest";
import type { Namespace } from "../sim/api/index.ts";
import { deployment } from "./controllers-fixture.ts";
import { GarbageWorld, lease } from "./garbage-fixture.ts";

/** A world with a namespace that has this in it. */
function worldWith(fill: (world: GarbageWorld) => void): GarbageWorld {
  const world = new GarbageWorld();
  world.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "team" } });
  world.run(2);
  const account = { name: "default", namespace: "team" };
  world.create({ apiVersion: "v1", kind: "ServiceAccount", metadata: account });
  world.run(1);
  fill(world);
  world.run(5);
  return world;
}

const inTeam = (world: GarbageWorld): string[] =>
  ["Pod", "ReplicaSet", "Deployment", "Lease"].flatMap((kind) =>
    world.list(kind).flatMap(({ metadata }) => (metadata.namespace === "team" ? [kind] : [])),
  );

describe("a namespace that is deleted", () => {
  test("is empty before it goes, and what is in others stays", () => {
    const web = deployment("web", 2);
    const world = worldWith((each) => {
      each.create({ ...web, metadata: { name: "web", namespace: "team" } });
      each.create(web);
      each.create(lease("l", "team", []));
    });
    expect(inTeam(world)).toEqual(["Pod", "Pod", "ReplicaSet", "Deployment", "Lease"]);
    const record = world.deleteNamespace("team");
    world.run(4);
    expect(record.stored).toMatchObject({ status: { phase: "Terminating" } });
    expect(inTeam(world)).toHaveLength(5); // it waits 5 s for API servers that lag
    world.run(120);
    expect(inTeam(world)).toEqual([]);
    expect(record.stored).toBeUndefined();
    expect(world.pods).toHaveLength(2);
  });

  test("says what is left while something has a finalizer, and goes after that", () => {
    const held = lease("held", "team", []);
    const world = worldWith((each) =>
      each.create({ ...held, metadata: { ...held.metadata, finalizers: ["test.io/hold"] } }),
    );
    const record = world.deleteNamespace("team");
    world.run(30);
    const { status } = record.stored as Namespace;
    const conditions = status.conditions?.map(({ type, status: state, reason, message }) => [
      type,
      state,
      reason,
      message,
    ]);
    expect(conditions).toEqual([
      [
        "NamespaceDeletionDiscoveryFailure",
        "False",
        "ResourcesDiscovered",
        "All resources successfully discovered",
      ],
      [
        "NamespaceDeletionGroupVersionParsingFailure",
        "False",
        "ParsedGroupVersions",
        "All legacy kube types successfully parsed",
      ],
      [
        "NamespaceDeletionContentFailure",
        "False",
        "ContentDeleted",
        "All content successfully deleted, may be waiting on finalization",
      ],
      [
        "NamespaceContentRemaining",
        "True",
        "SomeResourcesRemain",
        "Some resources are remaining: leases.coordination.k8s.io has 1 resource instances",
      ],
      [
        "NamespaceFinalizersRemaining",
        "True",
        "SomeFinalizersRemain",
        "Some content in the namespace has finalizers remaining: test.io/hold in 1 resource instances",
      ],
    ]);
    const lock = world.etcd.record("Lease", "team", "held");
    world.release(lock);
    world.run(60);
    expect(record.stored).toBeUndefined();
  });
});
