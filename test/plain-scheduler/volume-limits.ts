/**
 * How many volumes a node can attach: plugins/nodevolumelimits, non_csi.go (one plugin for each kind
 * of disk) and csi.go (NodeVolumeLimits).
 */
import type { NodeState } from "./node-state.ts";
import { type core, keyOf, type Pod, type Scenario } from "./scenario.ts";
import { type Status, unschedulable } from "./step.ts";
import { classNameOf, classOf, existingClaimsOf, findNamed, findVolume } from "./volume-claims.ts";

const TOO_MANY = "node(s) exceed max volume count";

type Source = Pick<
  core.Volume & core.PersistentVolumeSpec,
  "awsElasticBlockStore" | "gcePersistentDisk" | "azureDisk"
>;

export interface DiskKind {
  readonly plugin: string;
  readonly provisioner: string;
  /** What the node's allocatable calls the limit. */
  readonly resource: string;
  /** Without that: DefaultMaxEBSVolumes and its like, in pkg/volume/util/attach_limit.go. */
  readonly defaultLimit: number;
  diskOf(source: Source): string | undefined;
}

export const EBS: DiskKind = {
  plugin: "EBSLimits",
  provisioner: "kubernetes.io/aws-ebs",
  resource: "attachable-volumes-aws-ebs",
  defaultLimit: 39,
  diskOf: ({ awsElasticBlockStore }) => awsElasticBlockStore?.volumeID,
};
export const GCE: DiskKind = {
  plugin: "GCEPDLimits",
  provisioner: "kubernetes.io/gce-pd",
  resource: "attachable-volumes-gce-pd",
  defaultLimit: 16,
  diskOf: ({ gcePersistentDisk }) => gcePersistentDisk?.pdName,
};
export const AZURE: DiskKind = {
  plugin: "AzureDiskLimits",
  provisioner: "kubernetes.io/azure-disk",
  resource: "attachable-volumes-azure-disk",
  defaultLimit: 16,
  diskOf: ({ azureDisk }) => azureDisk?.diskName,
};

/** nonCSILimits.Filter */
export function filterDisks(
  kind: DiskKind,
  pod: Pod,
  node: NodeState,
  scenario: Scenario,
): Status | undefined {
  const wanted = disksOf(pod, kind, scenario);
  if (wanted.size === 0) return undefined;
  const all = new Set(node.pods.flatMap((other) => [...disksOf(other, kind, scenario)]));
  for (const disk of wanted) all.add(disk);
  const limit = node.allocatable.get(kind.resource) ?? kind.defaultLimit;
  return all.size > limit ? unschedulable(kind.plugin, TOO_MANY) : undefined;
}

/** filterVolumes: a claim whose volume is not known counts when its class is of the kind. */
function disksOf(pod: Pod, kind: DiskKind, scenario: Scenario): ReadonlySet<string> {
  const disks = new Set<string>();
  for (const volume of pod.spec.volumes ?? []) {
    const disk = kind.diskOf(volume);
    if (disk !== undefined) disks.add(disk);
  }
  for (const claim of existingClaimsOf(pod, scenario)) {
    const volume = findVolume(scenario, claim);
    const disk = volume && kind.diskOf(volume.spec);
    if (disk !== undefined) disks.add(disk);
    const { storageClassName = "" } = claim.spec;
    const storageClass = findNamed(scenario.storageClasses, storageClassName);
    if (volume === undefined && storageClass?.provisioner === kind.provisioner) {
      disks.add(`claim ${keyOf(claim)}`);
    }
  }
  return disks;
}

/** CSILimits.Filter */
export function filterCsiVolumes(
  pod: Pod,
  node: NodeState,
  scenario: Scenario,
): Status | undefined {
  const wanted = csiVolumesOf(pod, scenario);
  if (wanted.size === 0) return undefined;
  const limits = csiLimits(node, scenario);
  const attached = new Map(node.pods.flatMap((other) => [...csiVolumesOf(other, scenario)]));
  const drivers = [...wanted].flatMap(([volume, driver]) => (attached.has(volume) ? [] : [driver]));
  const counts = countEach([...attached.values(), ...drivers]);
  const isOver = drivers.some(
    (driver) => (counts.get(driver) ?? 0) > (limits.get(driver) ?? Infinity),
  );
  return isOver ? unschedulable("NodeVolumeLimits", TOO_MANY) : undefined;
}

function countEach(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

/** getVolumeLimits: the CSINode's word goes before the node's allocatable. */
function csiLimits(node: NodeState, scenario: Scenario): ReadonlyMap<string, number> {
  const prefix = "attachable-volumes-csi-";
  const limits = new Map<string, number>();
  for (const [resource, amount] of node.allocatable) {
    if (resource.startsWith(prefix)) limits.set(resource.slice(prefix.length), amount);
  }
  for (const driver of findNamed(scenario.csiNodes, node.name)?.spec.drivers ?? []) {
    const count = driver.allocatable?.count;
    if (count !== undefined) limits.set(driver.name, count);
  }
  return limits;
}

/** filterAttachableVolumes: driver by unique name of the volume. */
function csiVolumesOf(pod: Pod, scenario: Scenario): ReadonlyMap<string, string> {
  const volumes = new Map<string, string>();
  for (const claim of existingClaimsOf(pod, scenario)) {
    const volume = findVolume(scenario, claim);
    const csi = volume?.spec.csi;
    if (csi?.driver && csi.volumeHandle) {
      volumes.set(`${csi.driver}/${csi.volumeHandle}`, csi.driver);
    }
    if (volume !== undefined || classNameOf(claim) === "") continue;
    const provisioner = classOf(scenario, claim)?.provisioner;
    if (!provisioner || isMigratable(provisioner)) continue;
    volumes.set(`${provisioner}/claim ${keyOf(claim)}`, provisioner);
  }
  return volumes;
}

/** getCSIDriverInfoFromSC: disks of in-tree drivers, without migration on the node. */
const isMigratable = (provisioner: string): boolean =>
  provisioner.startsWith("kubernetes.io/aws") || provisioner.startsWith("kubernetes.io/gce");
