/**
 * VolumeZone rejects nodes outside the zones and regions that the labels of the pod's bound volumes
 * name. A node without any zone or region label fits every volume.
 *
 * Source: kubernetes/pkg/scheduler/framework/plugins/volumezone, v1.30.
 */
import {
  claimClass,
  type PersistentVolume,
  type PersistentVolumeClaim,
  type StorageClass,
} from "../../sim/api/index.ts";
import {
  type ClusterInfo,
  definePlugin,
  type NodeSpecInfo,
  type Plugin,
  type PodInfo,
  type PreFilterResult,
  type Rejection,
  SKIP,
} from "../../sim/scheduler/index.ts";
import { NODE_ADDED_OR_RELABELLED } from "../cluster-events.ts";
import { notFound } from "../volumes/pod-claims.ts";

const ZONE_CONFLICT: Rejection = {
  code: "UnschedulableAndUnresolvable",
  reasons: ["node(s) had no available volume zone"],
};

/** The labels that are looked at, each with its present name. */
const TOPOLOGY_LABELS: readonly (readonly [label: string, stable: string])[] = [
  ["failure-domain.beta.kubernetes.io/zone", "topology.kubernetes.io/zone"],
  ["failure-domain.beta.kubernetes.io/region", "topology.kubernetes.io/region"],
  ["topology.kubernetes.io/zone", "topology.kubernetes.io/zone"],
  ["topology.kubernetes.io/region", "topology.kubernetes.io/region"],
];

/** One label of one volume: where it can be reached. */
interface VolumeTopology {
  readonly label: string;
  readonly stable: string;
  readonly values: readonly string[];
}

type Topologies = readonly VolumeTopology[];

export function volumeZone(): Plugin<Topologies> {
  return definePlugin<Topologies>({
    name: "VolumeZone",
    locality: "cluster",
    requeueOn: [
      "StorageClass/Add",
      ...NODE_ADDED_OR_RELABELLED,
      "PersistentVolumeClaim/Add",
      "PersistentVolume/Add",
      "PersistentVolume/Update",
    ],
    preFilter,
    filter: (_pod, node, topologies) => (fits(node, topologies) ? undefined : ZONE_CONFLICT),
  });
}

function preFilter(
  { pod, namespace }: PodInfo,
  cluster: ClusterInfo,
): typeof SKIP | PreFilterResult<Topologies> {
  const { volumes } = pod.spec;
  if (volumes === undefined || volumes.length === 0) return SKIP;
  const topologies: VolumeTopology[] = [];
  for (const { persistentVolumeClaim } of volumes) {
    if (persistentVolumeClaim === undefined) continue;
    const fault = collect(persistentVolumeClaim.claimName ?? "", namespace, cluster, topologies);
    if (fault === "") continue;
    return { state: [], reject: { code: "UnschedulableAndUnresolvable", reasons: [fault] } };
  }
  return topologies.length === 0 ? SKIP : { state: topologies };
}

/** Appends the topology of the claim's volume; why the pod cannot be placed at all, or "". */
function collect(
  claimName: string,
  namespace: string,
  cluster: ClusterInfo,
  topologies: VolumeTopology[],
): string {
  if (claimName === "") return "PersistentVolumeClaim had no name";
  const claims = cluster.objects<PersistentVolumeClaim>("PersistentVolumeClaim");
  const claim = claims.get(namespace, claimName);
  if (claim === undefined) return notFound("PersistentVolumeClaim", claimName);
  const volumeName = claim.spec.volumeName ?? "";
  if (volumeName === "") return unboundFault(claim, cluster);
  const volume = cluster.objects<PersistentVolume>("PersistentVolume").get("", volumeName);
  if (volume === undefined) return notFound("PersistentVolume", volumeName);
  for (const [label, stable] of TOPOLOGY_LABELS) {
    const values = volume.metadata.labels?.[label]?.split("__").map((value) => value.trim());
    if (values === undefined || values.includes("")) continue; // an unreadable label is ignored
    topologies.push({ label, stable, values });
  }
  return "";
}

/** A claim without a volume is fine when it waits for its first consumer. */
function unboundFault(claim: PersistentVolumeClaim, cluster: ClusterInfo): string {
  const className = claimClass(claim);
  if (className === "") return "PersistentVolumeClaim had no pv name and storageClass name";
  const storageClass = cluster.objects<StorageClass>("StorageClass").get("", className);
  if (storageClass === undefined) return notFound("StorageClass", className);
  const { volumeBindingMode } = storageClass;
  if (volumeBindingMode === undefined) {
    return `VolumeBindingMode not set for StorageClass ${JSON.stringify(className)}`;
  }
  return volumeBindingMode === "WaitForFirstConsumer" ? "" : "PersistentVolume had no name";
}

function fits({ labels }: NodeSpecInfo, topologies: Topologies): boolean {
  if (TOPOLOGY_LABELS.every(([label]) => labels[label] === undefined)) return true;
  for (const { label, stable, values } of topologies) {
    const value = labels[label] ?? labels[stable];
    if (value === undefined || !values.includes(value)) return false;
  }
  return true;
}
