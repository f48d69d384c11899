/**
 * EBSLimits, GCEPDLimits and AzureDiskLimits reject nodes to which no further disk of that cloud
 * can be attached, for clusters in which no CSI driver has taken the disks over.
 *
 * Source: kubernetes/pkg/scheduler/framework/plugins/nodevolumelimits/non_csi.go and
 * pkg/volume/util/attach_limit.go, v1.30.
 */
import type {
  CSINode,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  StorageClass,
} from "../../sim/api/index.ts";
import {
  type ClusterInfo,
  definePlugin,
  type NodeInfo,
  type Plugin,
  type PreFilterResult,
  type Rejection,
  SKIP,
} from "../../sim/scheduler/index.ts";
import { type DiskSource, isMigrated } from "../volumes/csi-migration.ts";
import { claimUse, notFound, ownershipError } from "../volumes/pod-claims.ts";
import { attachableVolumes, TOO_MANY_VOLUMES } from "./node-volume-limits.ts";

/** One cloud's disks. */
interface DiskType {
  /** Name of the scheduling plugin. */
  readonly name: string;
  /** Name of the in-tree volume plugin, which is also its provisioner's. */
  readonly provisioner: string;
  /** The resource by which a node states its limit, after `attachable-volumes-`. */
  readonly limitKey: string;
  /** The disk's name in a pod's volume or in a PersistentVolume; undefined: another kind of volume. */
  idOf(source: DiskSource): string | undefined;
  /** Limit of a node that states none. */
  defaultLimit(node: Node): number;
}

interface State {
  /** The disks that the pod would attach. */
  readonly disks: ReadonlySet<string>;
  /** What is wrong with the pod's claims, whatever the node; undefined: nothing. */
  readonly fault: Rejection | undefined;
  readonly cluster: ClusterInfo;
}

/** Amazon's Nitro instances have fewer places; the expression is Kubernetes' own. */
const NITRO_TYPES = /^[cmr]5.*|t3|z1d/;
const NITRO_LIMIT = 25;
const EBS_LIMIT = 39;

export function ebsLimits(): Plugin<State> {
  return diskLimits({
    name: "EBSLimits",
    provisioner: "kubernetes.io/aws-ebs",
    limitKey: "aws-ebs",
    idOf: ({ awsElasticBlockStore }) => awsElasticBlockStore?.volumeID,
    defaultLimit: (node) => (NITRO_TYPES.test(instanceType(node)) ? NITRO_LIMIT : EBS_LIMIT),
  });
}

export function gcePdLimits(): Plugin<State> {
  return diskLimits({
    name: "GCEPDLimits",
    provisioner: "kubernetes.io/gce-pd",
    limitKey: "gce-pd",
    idOf: ({ gcePersistentDisk }) => gcePersistentDisk?.pdName,
    defaultLimit: () => 16,
  });
}

export function azureDiskLimits(): Plugin<State> {
  return diskLimits({
    name: "AzureDiskLimits",
    provisioner: "kubernetes.io/azure-disk",
    limitKey: "azure-disk",
    idOf: ({ azureDisk }) => azureDisk?.diskName,
    defaultLimit: () => 16,
  });
}

function instanceType({ metadata }: Node): string {
  const { labels = {} } = metadata;
  return (
    labels["node.kubernetes.io/instance-type"] ?? labels["beta.kubernetes.io/instance-type"] ?? ""
  );
}

function diskLimits(type: DiskType): Plugin<State> {
  return definePlugin<State>({
    name: type.name,
    locality: "cluster",
    requeueOn: ["Node/Add", "Node/UpdateTaint", "Pod/Delete", "PersistentVolumeClaim/Add"],
    preFilter: ({ pod }, cluster) => preFilter(type, pod, cluster),
    filter: (_pod, node, { disks, fault, cluster }) => fault ?? filter(type, disks, node, cluster),
  });
}

/** Real kube-scheduler skips here on the kind of volume alone; a pod that adds no disk passes too. */
function preFilter(
  type: DiskType,
  pod: Pod,
  cluster: ClusterInfo,
): typeof SKIP | PreFilterResult<State> {
  const { volumes } = pod.spec;
  if (volumes === undefined || volumes.length === 0) return SKIP;
  const disks = new Set<string>();
  const fault = collect(type, pod, cluster, true, disks);
  if (fault !== "") {
    const rejection: Rejection = { code: "UnschedulableAndUnresolvable", reasons: [fault] };
    return { state: { disks, fault: rejection, cluster } };
  }
  return disks.size === 0 ? SKIP : { state: { disks, fault: undefined, cluster } };
}

function filter(
  type: DiskType,
  disks: ReadonlySet<string>,
  { name, node, pods }: NodeInfo,
  cluster: ClusterInfo,
): Rejection | undefined {
  const csiNode = cluster.objects<CSINode>("CSINode").get("", name);
  if (isMigrated(csiNode, type.provisioner)) return undefined;
  const attached = new Set<string>();
  for (const other of pods) {
    if (other.pod.spec.volumes !== undefined) collect(type, other.pod, cluster, false, attached);
  }
  let count = attached.size;
  for (const disk of disks) if (!attached.has(disk)) count++;
  const stated = attachableVolumes(node, type.limitKey);
  const limit = stated >= 0 ? stated : type.defaultLimit(node);
  return count > limit ? TOO_MANY_VOLUMES : undefined;
}

/** Adds the pod's disks of this type. `isNew`: a claim that is missing is a fault; else "". */
function collect(
  type: DiskType,
  pod: Pod,
  cluster: ClusterInfo,
  isNew: boolean,
  disks: Set<string>,
): string {
  const { namespace, name: podName } = pod.metadata;
  const claims = cluster.objects<PersistentVolumeClaim>("PersistentVolumeClaim");
  for (const volume of pod.spec.volumes ?? []) {
    const id = type.idOf(volume);
    if (id !== undefined) {
      disks.add(id);
      continue;
    }
    const use = claimUse(podName, volume);
    if (use === undefined) continue;
    if (use.claimName === "") return "PersistentVolumeClaim had no name";
    const claim = claims.get(namespace, use.claimName);
    if (claim === undefined) {
      if (!isNew) continue;
      const fault = notFound("PersistentVolumeClaim", use.claimName);
      return `looking up PVC ${namespace}/${use.claimName}: ${fault}`;
    }
    const fault = ownershipError(pod, use, claim);
    if (fault !== "") return fault;
    const disk = diskOfClaim(type, claim, cluster);
    if (disk !== undefined) disks.add(disk);
  }
  return "";
}

/** A claim that is not bound, or to a volume that is gone, counts when its class makes such disks. */
function diskOfClaim(
  type: DiskType,
  { metadata, spec }: PersistentVolumeClaim,
  cluster: ClusterInfo,
): string | undefined {
  const volumeName = spec.volumeName ?? "";
  if (volumeName !== "") {
    const volume = cluster.objects<PersistentVolume>("PersistentVolume").get("", volumeName);
    if (volume !== undefined) return type.idOf(volume.spec);
  }
  const { storageClassName } = spec;
  if (storageClassName === undefined) return undefined;
  const storageClass = cluster.objects<StorageClass>("StorageClass").get("", storageClassName);
  if (storageClass?.provisioner !== type.provisioner) return undefined;
  return `/${metadata.namespace}/${metadata.name}`; // no disk is called that
}
