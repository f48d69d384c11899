/**
 * NodeVolumeLimits rejects nodes to which a CSI driver could attach no further volume: the limit is
 * `allocatable.count` of the driver on the node's CSINode (or the node's own
 * `attachable-volumes-csi-DRIVER`). A volume that several pods of the node use counts once.
 *
 * Source: kubernetes/pkg/scheduler/framework/plugins/nodevolumelimits/csi.go, v1.30.
 */
import {
  type CSINode,
  claimClass,
  type core,
  type Node,
  type PersistentVolume,
  type PersistentVolumeClaim,
  type Pod,
  type StorageClass,
  wholeUnits,
} from "../../sim/api/index.ts";
import {
  type ClusterInfo,
  definePlugin,
  type NodeInfo,
  type Plugin,
  type PodInfo,
  type Rejection,
  SKIP,
} from "../../sim/scheduler/index.ts";
import { driverOfPlugin, isMigrated, migratableDisk, zoneOf } from "../volumes/csi-migration.ts";
import { claimUse, notFound, ownershipError } from "../volumes/pod-claims.ts";

export const TOO_MANY_VOLUMES: Rejection = {
  code: "Unschedulable",
  reasons: ["node(s) exceed max volume count"],
};

/** Driver by volume, each volume by a name that is unique over all drivers. */
type AttachedVolumes = Map<string, string>;

export function nodeVolumeLimits(): Plugin<ClusterInfo> {
  return definePlugin<ClusterInfo>({
    name: "NodeVolumeLimits",
    locality: "cluster",
    requeueOn: ["CSINode/Add", "Pod/Delete", "PersistentVolumeClaim/Add"],
    preFilter: ({ pod }, cluster) => (mayAttach(pod) ? { state: cluster } : SKIP),
    filter,
  });
}

function mayAttach({ spec }: Pod): boolean {
  return (spec.volumes ?? []).some(
    (volume) =>
      (volume.persistentVolumeClaim ?? volume.ephemeral) !== undefined ||
      migratableDisk(volume) !== undefined,
  );
}

function filter({ pod }: PodInfo, node: NodeInfo, cluster: ClusterInfo): Rejection | undefined {
  const csiNode = cluster.objects<CSINode>("CSINode").get("", node.name);
  const added: AttachedVolumes = new Map();
  const fault = collect(pod, csiNode, cluster, true, added);
  if (fault !== "") return { code: "UnschedulableAndUnresolvable", reasons: [fault] };
  if (![...added.values()].some((driver) => limitOf(driver, node.node, csiNode) >= 0)) return;

  const attached: AttachedVolumes = new Map();
  for (const other of node.pods) {
    if (other.pod.spec.volumes !== undefined) {
      collect(other.pod, csiNode, cluster, false, attached);
    }
  }
  const counts = new Map<string, number>();
  for (const [volume, driver] of attached) {
    added.delete(volume);
    counts.set(driver, (counts.get(driver) ?? 0) + 1);
  }
  for (const driver of added.values()) counts.set(driver, (counts.get(driver) ?? 0) + 1);
  for (const driver of added.values()) {
    const limit = limitOf(driver, node.node, csiNode);
    if (limit >= 0 && (counts.get(driver) ?? 0) > limit) return TOO_MANY_VOLUMES;
  }
  return undefined;
}

/** Volumes of a driver that the node can hold; -1: no limit is known. */
function limitOf(driver: string, node: Node, csiNode: CSINode | undefined): number {
  const known = csiNode?.spec.drivers.find(({ name }) => name === driver)?.allocatable?.count;
  return known ?? attachableVolumes(node, `csi-${driver}`);
}

/** The node's allocatable `attachable-volumes-NAME`; -1 when it states none. */
export function attachableVolumes({ status }: Node, name: string): number {
  const quantity = status.allocatable?.[`attachable-volumes-${name}`];
  return quantity === undefined ? -1 : wholeUnits(String(quantity));
}

/** Adds the volumes that a pod attaches. `isNew`: a claim that is missing is a fault; else "". */
function collect(
  pod: Pod,
  csiNode: CSINode | undefined,
  cluster: ClusterInfo,
  isNew: boolean,
  volumes: AttachedVolumes,
): string {
  const { namespace, name: podName } = pod.metadata;
  const claims = cluster.objects<PersistentVolumeClaim>("PersistentVolumeClaim");
  for (const volume of pod.spec.volumes ?? []) {
    const use = claimUse(podName, volume);
    if (use === undefined) {
      addInline(volume, csiNode, volumes);
      continue;
    }
    if (use.claimName === "") return "PersistentVolumeClaim had no name";
    const claim = claims.get(namespace, use.claimName);
    if (claim === undefined) {
      if (!isNew) continue;
      const fault = notFound("PersistentVolumeClaim", use.claimName);
      return `looking up PVC ${namespace}/${use.claimName}: ${fault}`;
    }
    const fault = ownershipError(pod, use, claim);
    if (fault !== "") return fault;
    addClaim(claim, csiNode, cluster, volumes);
  }
  return "";
}

function addInline(
  volume: core.Volume,
  csiNode: CSINode | undefined,
  volumes: AttachedVolumes,
): void {
  const disk = migratableDisk(volume);
  if (disk === undefined || !isMigrated(csiNode, disk.plugin)) return;
  volumes.set(`${disk.driver}/${disk.handle}`, disk.driver);
}

/** getCSIDriverInfo */
function addClaim(
  claim: PersistentVolumeClaim,
  csiNode: CSINode | undefined,
  cluster: ClusterInfo,
  volumes: AttachedVolumes,
): void {
  const volumeName = claim.spec.volumeName ?? "";
  const volume =
    volumeName === ""
      ? undefined
      : cluster.objects<PersistentVolume>("PersistentVolume").get("", volumeName);
  if (volume === undefined) return addUnbound(claim, csiNode, cluster, volumes);
  const { csi } = volume.spec;
  if (csi !== undefined) {
    volumes.set(`${csi.driver}/${csi.volumeHandle}`, csi.driver);
    return;
  }
  const disk = migratableDisk(volume.spec, zoneOf(volume));
  if (disk === undefined || !isMigrated(csiNode, disk.plugin)) return;
  volumes.set(`${disk.driver}/${disk.handle}`, disk.driver);
}

/** A claim without a volume counts for the driver of its class. */
function addUnbound(
  claim: PersistentVolumeClaim,
  csiNode: CSINode | undefined,
  cluster: ClusterInfo,
  volumes: AttachedVolumes,
): void {
  const className = claimClass(claim);
  if (className === "") return;
  const storageClass = cluster.objects<StorageClass>("StorageClass").get("", className);
  if (storageClass === undefined) return;
  const { provisioner } = storageClass;
  const migratedTo = driverOfPlugin(provisioner);
  if (migratedTo !== undefined && !isMigrated(csiNode, provisioner)) return;
  const driver = migratedTo ?? provisioner;
  // No real handle starts with a slash: kube-scheduler puts a random prefix here.
  volumes.set(`${driver}//${claim.metadata.namespace}/${claim.metadata.name}`, driver);
}
