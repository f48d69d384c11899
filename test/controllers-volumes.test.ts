/** The PV controller, the provisioner and the ephemeral volume controller on a real API server. */
import { describe, expect, test } from "vitest";
import type { Manifest, PersistentVolume, PersistentVolumeClaim } from "../sim/api/index.ts";
import { ControllerWorld } from "./controllers-fixture.ts";

type Fields = Record<string, unknown>;

const volume = (name: string, storage: string, spec: Fields = {}): Manifest => ({
  apiVersion: "v1",
  kind: "PersistentVolume",
  metadata: { name },
  spec: {
    capacity: { storage },
    accessModes: ["ReadWriteOnce"],
    storageClassName: "manual",
    csi: { driver: "csi.example.com", volumeHandle: name },
    ...spec,
  },
});

const claim = (name: string, storage: string, spec: Fields = {}): Manifest => ({
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { name, namespace: "default" },
  spec: {
    accessModes: ["ReadWriteOnce"],
    storageClassName: "manual",
    resources: { requests: { storage } },
    ...spec,
  },
});

const storageClass = (name: string, fields: Fields = {}): Manifest => ({
  apiVersion: "storage.k8s.io/v1",
  kind: "StorageClass",
  metadata: { name },
  provisioner: "csi.example.com",
  ...fields,
});

const csiNode = (name: string): Manifest => ({
  apiVersion: "storage.k8s.io/v1",
  kind: "CSINode",
  metadata: { name },
  spec: {
    drivers: [
      { name: "csi.example.com", nodeID: name, topologyKeys: ["topology.kubernetes.io/zone"] },
    ],
  },
});

const claims = (world: ControllerWorld): string[] =>
  world
    .list<PersistentVolumeClaim>("PersistentVolumeClaim")
    .map(({ metadata, spec, status }) =>
      `${metadata.name} ${status.phase} ${spec.volumeName ?? ""}`.trim(),
    );

const volumes = (world: ControllerWorld): string[] =>
  world
    .list<PersistentVolume>("PersistentVolume")
    .map(({ metadata, spec, status }) =>
      `${metadata.name} ${status.phase} ${spec.claimRef?.name ?? ""}`.trim(),
    );

/** Creates everything at once and lets the controllers work. */
function settle(manifests: readonly Manifest[], seconds = 1): ControllerWorld {
  const world = new ControllerWorld();
  for (const manifest of manifests) world.create(manifest);
  world.run(seconds);
  return world;
}

describe("an immediate claim", () => {
  const one = claim("c", "2Gi");
  const table: [string, Manifest[], string[]][] = [
    [
      "gets the smallest volume that is large enough",
      [volume("a", "5Gi"), volume("b", "3Gi"), volume("d", "1Gi"), one],
      ["a Available", "b Bound c", "d Available"],
    ],
    [
      "gets a volume of its own class only",
      [volume("a", "2Gi", { storageClassName: "other" }), one],
      ["a Available"],
    ],
    [
      "gets a volume with all its access modes, and no more where it can",
      [
        volume("a", "2Gi", { accessModes: ["ReadWriteOnce", "ReadWriteMany"] }),
        volume("b", "9Gi"),
        one,
      ],
      ["a Available", "b Bound c"],
    ],
    [
      "gets a volume of its mode only",
      [volume("a", "2Gi", { volumeMode: "Block" }), one],
      ["a Available"],
    ],
    [
      "gets the volume that was reserved for it, however large",
      [
        volume("a", "9Gi", { claimRef: { namespace: "default", name: "c" } }),
        volume("b", "2Gi"),
        one,
      ],
      ["a Bound c", "b Available"],
    ],
    [
      "gets the volume that it names",
      [volume("a", "9Gi"), volume("b", "2Gi"), claim("c", "2Gi", { volumeName: "a" })],
      ["a Bound c", "b Available"],
    ],
    [
      "does not get a volume that it names and that is too small",
      [volume("a", "1Gi"), claim("c", "2Gi", { volumeName: "a" })],
      ["a Available"],
    ],
  ];
  // Volumes that are created with the claims are Available by the first resync at the latest.
  test.each(table)("%s", (_, manifests, wanted) =>
    expect(volumes(settle(manifests, 20))).toEqual(wanted),
  );

  test("selects volumes by their labels", () => {
    const fast = { ...volume("b", "9Gi"), metadata: { name: "b", labels: { kind: "fast" } } };
    const selector = { matchLabels: { kind: "fast" } };
    const world = settle([volume("a", "2Gi"), fast, claim("c", "2Gi", { selector })], 20);
    expect(volumes(world)).toEqual(["a Available", "b Bound c"]);
  });

  test("is bound with annotations, size and modes of its volume", () => {
    const world = settle([volume("a", "5Gi"), one], 20);
    const [bound] = world.list<PersistentVolumeClaim>("PersistentVolumeClaim");
    expect(bound?.metadata.annotations).toEqual({
      "pv.kubernetes.io/bind-completed": "yes",
      "pv.kubernetes.io/bound-by-controller": "yes",
    });
    expect(bound?.status).toEqual({
      phase: "Bound",
      capacity: { storage: "5Gi" },
      accessModes: ["ReadWriteOnce"],
    });
    const [its] = world.list<PersistentVolume>("PersistentVolume");
    expect(its?.spec.claimRef).toMatchObject({ name: "c", uid: bound?.metadata.uid });
  });

  test("two claims get two volumes, and a third waits for one", () => {
    const names = ["c1", "c2", "c3"];
    const world = settle([volume("a", "1Gi"), volume("b", "1Gi")]);
    for (const name of names) world.create(claim(name, "1Gi"));
    world.run(1);
    expect(claims(world)).toEqual(["c1 Bound a", "c2 Bound b", "c3 Pending"]);
    world.create(volume("d", "1Gi"));
    world.run(1);
    expect(claims(world)[2]).toBe("c3 Pending");
    world.run(16);
    expect(claims(world)[2]).toBe("c3 Bound d");
  });

  test("loses a volume that is deleted", () => {
    const world = settle([volume("a", "1Gi")]);
    world.create(claim("c", "1Gi"));
    world.run(1);
    world.remove(world.etcd.record("PersistentVolume", "", "a"));
    world.run(1);
    expect(claims(world)).toEqual(["c Lost a"]);
  });
});

describe("a class that provisions", () => {
  const fast = { storageClassName: "fast" };

  test("makes a volume for each claim, bound to it, after the driver's time", () => {
    const world = settle([storageClass("fast"), claim("c", "3Gi", fast)]);
    expect(claims(world)).toEqual(["c Pending"]);
    world.run(3);
    const [made] = world.list<PersistentVolume>("PersistentVolume");
    const [bound] = world.list<PersistentVolumeClaim>("PersistentVolumeClaim");
    expect(bound?.status.phase).toBe("Bound");
    expect(made?.metadata.name).toBe(`pvc-${bound?.metadata.uid}`);
    expect(made?.metadata.annotations).toMatchObject({
      "pv.kubernetes.io/provisioned-by": "csi.example.com",
    });
    expect(made).toMatchObject({
      spec: {
        capacity: { storage: "3Gi" },
        accessModes: ["ReadWriteOnce"],
        storageClassName: "fast",
        persistentVolumeReclaimPolicy: "Delete",
        csi: { driver: "csi.example.com" },
        claimRef: { name: "c" },
      },
      status: { phase: "Bound" },
    });
    expect(made?.spec.nodeAffinity).toBeUndefined();
  });

  test.each([
    ["Delete", []],
    ["Retain", ["Released"]],
  ])("with the policy %s, when the claim goes, leaves %j", (reclaimPolicy, wanted) => {
    const world = settle([storageClass("fast", { reclaimPolicy }), claim("c", "1Gi", fast)], 4);
    expect(claims(world)[0]).toContain("c Bound");
    world.remove(world.record("PersistentVolumeClaim", "c"));
    world.run(4);
    const left = world.list<PersistentVolume>("PersistentVolume");
    expect(left.map(({ status }) => status.phase)).toEqual(wanted);
  });

  test("waits for its first consumer's node, and makes the volume there", () => {
    const waiting = storageClass("fast", { volumeBindingMode: "WaitForFirstConsumer" });
    const world = settle([csiNode("n1"), waiting, claim("c", "1Gi", fast)], 10);
    expect(claims(world)).toEqual(["c Pending"]);
    const annotations = { "volume.kubernetes.io/selected-node": "n1" };
    world.patch(world.record("PersistentVolumeClaim", "c"), { metadata: { annotations } });
    world.run(4);
    const [made] = world.list<PersistentVolume>("PersistentVolume");
    expect(claims(world)).toEqual([`c Bound ${made?.metadata.name}`]);
    const expression = { key: "topology.kubernetes.io/zone", operator: "In", values: ["z1"] };
    expect(made?.spec.nodeAffinity).toEqual({
      required: { nodeSelectorTerms: [{ matchExpressions: [expression] }] },
    });
  });

  test("without a node makes it where the class allows, if the driver knows of places", () => {
    const expression = { key: "topology.kubernetes.io/zone", values: ["z0", "z2"] };
    const allowedTopologies = [{ matchLabelExpressions: [expression] }];
    const allowed = storageClass("fast", { allowedTopologies });
    const world = settle([csiNode("n0"), allowed, claim("c", "1Gi", fast)], 4);
    const [made] = world.list<PersistentVolume>("PersistentVolume");
    expect(made?.spec.nodeAffinity?.required?.nodeSelectorTerms).toEqual([
      { matchExpressions: [{ ...expression, operator: "In" }] },
    ]);
  });

  test("is given to claims without a class when it is the default", () => {
    const annotations = { "storageclass.kubernetes.io/is-default-class": "true" };
    const chosen = { ...storageClass("fast"), metadata: { name: "fast", annotations } };
    const { storageClassName, ...spec } = claim("c", "1Gi").spec as Fields;
    const world = settle([storageClass("slow"), chosen, { ...claim("c", "1Gi"), spec }], 4);
    const [bound] = world.list<PersistentVolumeClaim>("PersistentVolumeClaim");
    expect(bound).toMatchObject({ spec: { storageClassName: "fast" }, status: { phase: "Bound" } });
  });
});

describe("a claim of a class that waits", () => {
  test("gets a volume only when the scheduler has reserved one for it", () => {
    const provisioner = "kubernetes.io/no-provisioner";
    const local = storageClass("manual", {
      provisioner,
      volumeBindingMode: "WaitForFirstConsumer",
    });
    const world = settle([local, volume("a", "1Gi"), claim("c", "1Gi")], 20);
    expect(claims(world)).toEqual(["c Pending"]);
    const { uid } = world.list<PersistentVolumeClaim>("PersistentVolumeClaim")[0]?.metadata ?? {};
    const claimRef = { kind: "PersistentVolumeClaim", namespace: "default", name: "c", uid };
    world.patch(world.etcd.record("PersistentVolume", "", "a"), { spec: { claimRef } });
    world.run(1);
    expect(claims(world)).toEqual(["c Bound a"]);
    expect(volumes(world)).toEqual(["a Bound c"]);
  });
});

describe("a generic ephemeral volume", () => {
  const spec = {
    accessModes: ["ReadWriteOnce"],
    storageClassName: "fast",
    resources: { requests: { storage: "1Gi" } },
  };
  const pod: Manifest = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "p", namespace: "default" },
    spec: {
      containers: [{ name: "main", image: "x:1" }],
      volumes: [
        {
          name: "scratch",
          ephemeral: { volumeClaimTemplate: { metadata: { labels: { app: "p" } }, spec } },
        },
      ],
    },
  };

  test("has a claim that belongs to the pod and goes with it", () => {
    const world = settle([storageClass("fast"), pod], 4);
    const [made] = world.list<PersistentVolumeClaim>("PersistentVolumeClaim");
    expect(made?.metadata).toMatchObject({
      name: "p-scratch",
      labels: { app: "p" },
      ownerReferences: [{ kind: "Pod", name: "p", controller: true }],
    });
    expect(made?.status.phase).toBe("Bound");
    world.remove(world.record("Pod", "p"));
    world.run(5);
    expect(claims(world)).toEqual([]);
    expect(volumes(world)).toEqual([]);
  });

  test("does not take over a claim of the same name", () => {
    const world = settle([claim("p-scratch", "1Gi")]);
    world.create(pod);
    world.run(2);
    const [own] = world.list<PersistentVolumeClaim>("PersistentVolumeClaim");
    expect(own?.metadata.ownerReferences).toBeUndefined();
  });
});
