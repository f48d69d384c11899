/** VolumeRestrictions, VolumeZone and the limits of volumes per node. */
import { describe, expect, test } from "vitest";
import type { ApiObject, core } from "../../sim/api/index.ts";
import { SKIP } from "../../sim/scheduler/index.ts";
import { makeNode, makePod, type PodBuilder } from "../../test/builders.ts";
import { clusterOf, rejections } from "../../test/one-plugin.ts";
import {
  claimVolume,
  makeClaim,
  makeClass,
  makeCsiNode,
  makeVolume,
} from "../../test/storage-builders.ts";
import { azureDiskLimits, ebsLimits, gcePdLimits } from "./in-tree-volume-limits.ts";
import { nodeVolumeLimits } from "./node-volume-limits.ts";
import { volumeRestrictions } from "./volume-restrictions.ts";
import { volumeZone } from "./volume-zone.ts";

const withVolumes = (name: string, ...volumes: core.Volume[]): PodBuilder =>
  makePod(name).spec({ volumes });
const using = (name: string, ...claims: string[]): PodBuilder =>
  withVolumes(name, ...claims.map(claimVolume));

describe("VolumeRestrictions", () => {
  const nodes = [makeNode("n"), makeNode("empty")];
  const CONFLICT = ["n: node(s) had no available disk"];
  const gce = (pdName: string, readOnly = false): core.Volume => ({
    name: "v",
    gcePersistentDisk: { pdName, readOnly },
  });
  const ebs = (volumeID: string, readOnly = false): core.Volume => ({
    name: "v",
    awsElasticBlockStore: { volumeID, readOnly },
  });
  const iscsi = (iqn: string, readOnly = false): core.Volume => ({
    name: "v",
    iscsi: { iqn, lun: 0, targetPortal: "1.2.3.4", readOnly },
  });
  const rbd = (monitors: string[], image: string, readOnly = false): core.Volume => ({
    name: "v",
    rbd: { monitors, image, pool: "rbd", readOnly },
  });
  const withoutPool: core.Volume = { name: "v", rbd: { monitors: ["m1"], image: "i" } };

  test.each<[string, core.Volume, core.Volume, string[]]>([
    ["the same GCE disk", gce("d"), gce("d"), CONFLICT],
    ["another GCE disk", gce("d"), gce("e"), []],
    ["the same GCE disk, read by both", gce("d", true), gce("d", true), []],
    ["the same GCE disk, written by one", gce("d", true), gce("d"), CONFLICT],
    ["the same EBS volume, even read by both", ebs("vol-1", true), ebs("vol-1", true), CONFLICT],
    ["another EBS volume", ebs("vol-1"), ebs("vol-2"), []],
    ["the same iSCSI target", iscsi("a"), iscsi("a"), CONFLICT],
    ["the same iSCSI target, read by both", iscsi("a", true), iscsi("a", true), []],
    ["an RBD image by a common monitor", rbd(["m1", "m2"], "i"), rbd(["m2"], "i"), CONFLICT],
    ["an RBD image by other monitors", rbd(["m1"], "i"), rbd(["m2"], "i"), []],
    ["another RBD image", rbd(["m1"], "i"), rbd(["m1"], "j"), []],
    ["RBD images of no pool", withoutPool, withoutPool, CONFLICT],
    ["an RBD image of no pool, which is no default here", withoutPool, rbd(["m1"], "i"), []],
    ["disks of two kinds", gce("x"), ebs("x"), []],
  ])("%s", (_case, there, wanted, rejected) => {
    const bound = [withVolumes("bound", there).onNode("n")];
    expect(rejections(volumeRestrictions(), withVolumes("p", wanted), { nodes, bound })).toEqual(
      rejected,
    );
  });

  const exclusive = makeClaim("only", { modes: ["ReadWriteOncePod"] });
  const shared = makeClaim("shared");
  const IN_USE =
    "node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode";

  test("a ReadWriteOncePod claim in use rejects everywhere, another claim nowhere", () => {
    const objects = [exclusive, shared];
    const bound = [using("bound", "only", "shared").onNode("n")];
    expect(rejections(volumeRestrictions(), using("p", "only"), { nodes, bound, objects })).toEqual(
      [`n: ${IN_USE}`, `empty: ${IN_USE}`],
    );
    expect(
      rejections(volumeRestrictions(), using("p", "shared"), { nodes, bound, objects }),
    ).toEqual([]);
  });

  test("the claim of that name in another namespace is another claim", () => {
    const bound = [using("bound", "only").namespace("other").onNode("n")];
    const small = { nodes, bound, objects: [exclusive] };
    expect(rejections(volumeRestrictions(), using("p", "only"), small)).toEqual([]);
  });

  test("a claim that is missing rejects the pod as a whole", () => {
    expect(rejections(volumeRestrictions(), using("p", "gone"), { nodes })).toEqual([
      'preFilter: persistentvolumeclaim "gone" not found (unresolvable)',
    ]);
  });

  test("taking the user of the claim away in a what-if frees it, and putting it back takes it", () => {
    const bound = using("bound", "only").onNode("n");
    const cluster = clusterOf({ nodes, bound: [bound], objects: [exclusive] });
    const plugin = volumeRestrictions();
    const pod = cluster.podInfo(using("p", "only").build());
    const prepared = plugin.preFilter?.(pod, cluster);
    if (prepared === SKIP || prepared === undefined) throw new Error("the pod is skipped");
    const node = cluster.nodeNamed("n");
    const [other] = node.pods;
    if (other === undefined) throw new Error("no pod on the node");
    const verdict = (): unknown => plugin.filter?.(pod, node, prepared.state);
    plugin.removePod?.(pod, other, node, prepared.state);
    expect(verdict()).toBeUndefined();
    plugin.addPod?.(pod, other, node, prepared.state);
    expect(verdict()).toMatchObject({ reasons: [IN_USE] });
  });
});

test.each([
  volumeRestrictions(),
  volumeZone(),
  nodeVolumeLimits(),
  ebsLimits(),
  gcePdLimits(),
  azureDiskLimits(),
])("$name skips pods without volumes, and with other volumes", (plugin) => {
  const cluster = clusterOf({ nodes: [makeNode("n")] });
  for (const pod of [makePod("p"), withVolumes("p", { name: "v", emptyDir: {} })]) {
    expect(plugin.preFilter?.(cluster.podInfo(pod.build()), cluster)).toBe(SKIP);
  }
});

describe("VolumeZone", () => {
  const nodes = [
    makeNode("a").label("topology.kubernetes.io/zone", "za"),
    makeNode("b").label("topology.kubernetes.io/zone", "zb"),
    makeNode("anywhere"),
  ];
  const labelled = (labels: Record<string, string>): ApiObject[] => [
    makeClaim("c", { boundTo: "v" }),
    makeVolume("v", { labels }),
  ];
  const AWAY = "node(s) had no available volume zone (unresolvable)";

  test.each<[string, ApiObject[], string[]]>([
    ["a volume without labels", labelled({}), []],
    ["a volume of one zone", labelled({ "topology.kubernetes.io/zone": "zb" }), [`a: ${AWAY}`]],
    ["a volume of several zones", labelled({ "topology.kubernetes.io/zone": "za__zb" }), []],
    [
      "a volume with the old label on nodes with the new one",
      labelled({ "failure-domain.beta.kubernetes.io/zone": "za" }),
      [`b: ${AWAY}`],
    ],
    [
      "a volume of a region on nodes that state none",
      labelled({ "topology.kubernetes.io/region": "r" }),
      [`a: ${AWAY}`, `b: ${AWAY}`],
    ],
    ["a label that names an empty zone", labelled({ "topology.kubernetes.io/zone": "za__" }), []],
    [
      "a claim that is missing",
      [],
      ['preFilter: persistentvolumeclaim "c" not found (unresolvable)'],
    ],
    [
      "a volume that is missing",
      [makeClaim("c", { boundTo: "v" })],
      ['preFilter: persistentvolume "v" not found (unresolvable)'],
    ],
    [
      "an unbound claim without a class",
      [makeClaim("c", { className: "" })],
      ["preFilter: PersistentVolumeClaim had no pv name and storageClass name (unresolvable)"],
    ],
    [
      "an unbound claim of a class that is missing",
      [makeClaim("c", { className: "x" })],
      ['preFilter: storageclass.storage.k8s.io "x" not found (unresolvable)'],
    ],
    [
      "an unbound claim that should be bound at once",
      [makeClaim("c"), makeClass("manual", { volumeBindingMode: "Immediate" })],
      ["preFilter: PersistentVolume had no name (unresolvable)"],
    ],
    ["an unbound claim that waits", [makeClaim("c"), makeClass("manual")], []],
  ])("%s", (_case, objects, wanted) => {
    expect(rejections(volumeZone(), using("p", "c"), { nodes, objects })).toEqual(wanted);
  });
});

const FULL = "node(s) exceed max volume count";

describe("NodeVolumeLimits", () => {
  const nodes = [makeNode("n")];
  const bound = (name: string): ApiObject[] => [
    makeClaim(name, { boundTo: `pv-${name}` }),
    makeVolume(`pv-${name}`),
  ];
  const volumes = ["a", "b", "c"].flatMap(bound);
  const two = using("there", "a", "b").onNode("n");

  test.each<[string, PodBuilder, ApiObject[], string[]]>([
    ["room for one more", using("p", "c"), [makeCsiNode("n", 3)], []],
    ["no room", using("p", "c"), [makeCsiNode("n", 2)], [`n: ${FULL}`]],
    ["no further volume", using("p", "a"), [makeCsiNode("n", 2)], []],
    ["no limit", using("p", "c"), [makeCsiNode("n")], []],
    ["no CSINode", using("p", "c"), [], []],
    [
      "an unbound claim of the driver's class",
      using("p", "w"),
      [makeCsiNode("n", 2), makeClass("manual"), makeClaim("w")],
      [`n: ${FULL}`],
    ],
    [
      "an unbound claim of another driver's class",
      using("p", "w"),
      [makeCsiNode("n", 2), makeClass("manual", { provisioner: "other.io" }), makeClaim("w")],
      [],
    ],
    [
      "a claim that is missing",
      using("p", "w"),
      [makeCsiNode("n", 2)],
      ['n: looking up PVC default/w: persistentvolumeclaim "w" not found (unresolvable)'],
    ],
  ])("%s", (_case, pod, objects, wanted) => {
    const small = { nodes, bound: [two], objects: [...volumes, ...objects] };
    expect(rejections(nodeVolumeLimits(), pod, small)).toEqual(wanted);
  });

  test("a node's own attachable volumes are the limit where its CSINode has none", () => {
    const limited = [makeNode("n").resource("attachable-volumes-csi-csi.example.com", "2")];
    const small = { nodes: limited, bound: [two], objects: volumes };
    expect(rejections(nodeVolumeLimits(), using("p", "c"), small)).toEqual([`n: ${FULL}`]);
  });

  test("in-tree disks count for the driver that has taken them over", () => {
    const migrated = makeCsiNode("n", undefined, {
      "storage.alpha.kubernetes.io/migrated-plugins": "kubernetes.io/aws-ebs",
    });
    const drivers = [{ name: "ebs.csi.aws.com", nodeID: "n", allocatable: { count: 1 } }];
    const objects = [{ ...migrated, spec: { drivers } } as ApiObject];
    const ebs = (name: string): PodBuilder =>
      withVolumes(name, { name: "v", awsElasticBlockStore: { volumeID: `vol-${name}` } });
    const small = { nodes, bound: [ebs("1").onNode("n")], objects };
    expect(rejections(nodeVolumeLimits(), ebs("2"), small)).toEqual([`n: ${FULL}`]);
    expect(rejections(ebsLimits(), ebs("2"), small)).toEqual([]);
  });
});

describe("limits of in-tree disks", () => {
  const disks = (count: number, disk: (i: number) => core.Volume): core.Volume[] =>
    Array.from({ length: count }, (_, i) => ({ ...disk(i), name: `v${i}` }));
  const gce = (i: number): core.Volume => ({ name: "", gcePersistentDisk: { pdName: `d${i}` } });
  const ebs = (i: number): core.Volume => ({
    name: "",
    awsElasticBlockStore: { volumeID: `vol-${i}` },
  });
  const azure = (i: number): core.Volume => ({
    name: "",
    azureDisk: { diskName: `d${i}`, diskURI: `/d${i}` },
  });
  const nitro = makeNode("n").label("node.kubernetes.io/instance-type", "m5.large");

  test.each<[string, ReturnType<typeof ebsLimits>, (i: number) => core.Volume, number]>([
    ["16 GCE disks", gcePdLimits(), gce, 16],
    ["39 EBS volumes", ebsLimits(), ebs, 39],
    ["16 Azure disks", azureDiskLimits(), azure, 16],
  ])("%s on a node that states no limit", (_case, plugin, disk, limit) => {
    const nodes = [makeNode("n")];
    const pod = (count: number): PodBuilder => withVolumes("p", ...disks(count, disk));
    expect(rejections(plugin, pod(limit), { nodes })).toEqual([]);
    expect(rejections(plugin, pod(limit + 1), { nodes })).toEqual([`n: ${FULL}`]);
  });

  test("fewer EBS volumes on Nitro instances", () => {
    const pod = withVolumes("p", ...disks(26, ebs));
    expect(rejections(ebsLimits(), pod, { nodes: [nitro] })).toEqual([`n: ${FULL}`]);
  });

  test("the node's own limit, disks in use, and claims count", () => {
    const nodes = [makeNode("n").resource("attachable-volumes-gce-pd", "2")];
    const spec = { gcePersistentDisk: { pdName: "d7" } } as core.PersistentVolumeSpec;
    const objects = [makeClaim("c", { boundTo: "v" }), makeVolume("v", { spec })];
    const bound = [withVolumes("there", ...disks(2, gce)).onNode("n")];
    const small = { nodes, bound, objects };
    expect(rejections(gcePdLimits(), withVolumes("p", ...disks(1, gce)), small)).toEqual([]);
    expect(rejections(gcePdLimits(), using("p", "c"), small)).toEqual([`n: ${FULL}`]);
    expect(rejections(gcePdLimits(), using("p", "c"), { nodes, objects })).toEqual([]);
  });
});
