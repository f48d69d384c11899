/**
 * Whether a new volume can be made for a claim where a node is: by the topologies that the class
 * allows, and by the storage that the CSI driver has there.
 *
 * Source: checkVolumeProvisions and hasEnoughCapacity of
 * kubernetes/pkg/scheduler/framework/plugins/volumebinding/binder.go, v1.30.
 */
import {
  type CSIDriver,
  type CSIStorageCapacity,
  compileLabelSelector,
  type core,
  NO_PROVISIONER,
  type PersistentVolumeClaim,
  type Selector,
  type StorageClass,
  wholeUnits,
} from "../../sim/api/index.ts";
import type { ClusterInfo, NodeSpecInfo } from "../../sim/scheduler/index.ts";

/** What is known of provisioning for one claim before any node is looked at. */
export interface Provision {
  /** The class has a provisioner. */
  readonly isSupported: boolean;
  readonly topologies: readonly core.TopologySelectorTerm[];
  /** Where storage for the claim is, when the driver tells; undefined: it is everywhere. */
  readonly segments: readonly Selector[] | undefined;
}

export type ProvisionOutcome = "possible" | "unreachable" | "full";

export function prepareProvision(
  claim: PersistentVolumeClaim,
  { metadata, provisioner, allowedTopologies = [] }: StorageClass,
  cluster: ClusterInfo,
): Provision {
  const isSupported = provisioner !== "" && provisioner !== NO_PROVISIONER;
  const segments = isSupported
    ? capacitySegments(claim, metadata.name, provisioner, cluster)
    : undefined;
  return { isSupported, topologies: allowedTopologies, segments };
}

/** Whether the node can be given a new volume. */
export function provisionOn(
  { isSupported, topologies, segments }: Provision,
  { labels }: NodeSpecInfo,
): ProvisionOutcome {
  if (!isSupported || !allowsTopology(topologies, labels)) return "unreachable";
  if (segments === undefined || segments.some((segment) => segment.matches(labels))) {
    return "possible";
  }
  return "full";
}

/** MatchTopologySelectorTerms: the terms are alternatives; one without expressions matches nothing. */
function allowsTopology(
  topologies: readonly core.TopologySelectorTerm[],
  labels: Readonly<Record<string, string>>,
): boolean {
  if (topologies.length === 0) return true;
  return topologies.some(({ matchLabelExpressions = [] }) => {
    if (matchLabelExpressions.length === 0) return false;
    return matchLabelExpressions.every(({ key, values }) => {
      const value = labels[key];
      return value !== undefined && values.includes(value);
    });
  });
}

/** The parts of the cluster in which the driver says that it has room; undefined: it says nothing. */
function capacitySegments(
  { spec }: PersistentVolumeClaim,
  className: string,
  provisioner: string,
  cluster: ClusterInfo,
): readonly Selector[] | undefined {
  const size = spec.resources?.requests?.["storage"];
  if (size === undefined) return undefined;
  const driver = cluster.objects<CSIDriver>("CSIDriver").get("", provisioner);
  if (driver?.spec.storageCapacity !== true) return undefined;
  const sizeBytes = wholeUnits(String(size));
  const segments: Selector[] = [];
  for (const capacity of cluster.objects<CSIStorageCapacity>("CSIStorageCapacity").list()) {
    if (capacity.storageClassName !== className || capacity.nodeTopology === undefined) continue;
    // The largest volume that can be made is more to the point than the sum of what is left.
    const limit = capacity.maximumVolumeSize ?? capacity.capacity;
    if (limit === undefined || wholeUnits(String(limit)) < sizeBytes) continue;
    segments.push(compileLabelSelector(capacity.nodeTopology));
  }
  return segments;
}
