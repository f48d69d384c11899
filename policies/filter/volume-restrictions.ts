/**
 * VolumeRestrictions rejects nodes where a disk that the pod names in its spec is in use by another
 * pod in a way that excludes sharing, and, everywhere, pods whose ReadWriteOncePod claim is in use.
 *
 * Source: kubernetes/pkg/scheduler/framework/plugins/volumerestrictions, v1.30.
 */
import type { core, PersistentVolumeClaim, Pod } from "../../sim/api/index.ts";
import {
  type ClusterInfo,
  definePlugin,
  type NodeInfo,
  type Plugin,
  type PodInfo,
  type PreFilterResult,
  type Rejection,
  SKIP,
} from "../../sim/scheduler/index.ts";
import { claimUses, notFound } from "../volumes/pod-claims.ts";

const DISK_CONFLICT: Rejection = {
  code: "Unschedulable",
  reasons: ["node(s) had no available disk"],
};
const CLAIM_IN_USE: Rejection = {
  code: "Unschedulable",
  reasons: [
    "node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode",
  ],
};

interface State {
  /** The pod's volumes that can conflict with those of others. */
  readonly disks: readonly core.Volume[];
  /** Names of the pod's ReadWriteOncePod claims. */
  readonly exclusiveClaims: ReadonlySet<string>;
  /** References to these by pods on nodes. */
  conflicts: number;
}

export function volumeRestrictions(): Plugin<State> {
  return definePlugin<State>({
    name: "VolumeRestrictions",
    locality: "cluster",
    requeueOn: [
      "Node/Add",
      "Node/UpdateTaint",
      "Pod/Delete",
      "PersistentVolumeClaim/Add",
      "PersistentVolumeClaim/Update",
    ],
    preFilter,
    filter: (_pod, node, { disks, conflicts }) => {
      if (disks.length > 0 && hasConflict(disks, node)) return DISK_CONFLICT;
      return conflicts > 0 ? CLAIM_IN_USE : undefined;
    },
    addPod: (_pod, other, _node, state) => {
      state.conflicts += references(other.pod, state.exclusiveClaims);
    },
    removePod: (_pod, other, _node, state) => {
      state.conflicts -= references(other.pod, state.exclusiveClaims);
    },
  });
}

function preFilter(
  { pod, namespace }: PodInfo,
  cluster: ClusterInfo,
): typeof SKIP | PreFilterResult<State> {
  const { volumes } = pod.spec;
  if (volumes === undefined || volumes.length === 0) return SKIP;
  const claims = cluster.objects<PersistentVolumeClaim>("PersistentVolumeClaim");
  const exclusiveClaims = new Set<string>();
  for (const { persistentVolumeClaim } of volumes) {
    if (persistentVolumeClaim === undefined) continue;
    const { claimName } = persistentVolumeClaim;
    const claim = claims.get(namespace, claimName);
    if (claim === undefined) return missing(claimName);
    if (claim.spec.accessModes?.includes("ReadWriteOncePod")) exclusiveClaims.add(claimName);
  }
  const disks = volumes.filter(
    ({ gcePersistentDisk, awsElasticBlockStore, rbd, iscsi }) =>
      (gcePersistentDisk ?? awsElasticBlockStore ?? rbd ?? iscsi) !== undefined,
  );
  const conflicts =
    exclusiveClaims.size === 0 ? 0 : claimsInUse(cluster, namespace, exclusiveClaims);
  if (disks.length === 0 && conflicts === 0) return SKIP;
  return { state: { disks, exclusiveClaims, conflicts } };
}

function missing(claimName: string): PreFilterResult<State> {
  const reasons = [notFound("PersistentVolumeClaim", claimName)];
  return {
    state: { disks: [], exclusiveClaims: new Set(), conflicts: 0 },
    reject: { code: "UnschedulableAndUnresolvable", reasons },
  };
}

/** How many of the claims pods on nodes use. O(pods), for pods with such a claim only. */
function claimsInUse(
  { nodes }: ClusterInfo,
  namespace: string,
  claimNames: ReadonlySet<string>,
): number {
  const found = new Set<string>();
  for (const { pods } of nodes) {
    for (const other of pods) {
      if (other.namespace !== namespace || other.pod.spec.volumes === undefined) continue;
      for (const { claimName } of claimUses(other.pod)) {
        if (claimNames.has(claimName)) found.add(claimName);
      }
    }
  }
  return found.size;
}

/** conflictingPVCRefCountForPod: by name alone, in whatever namespace, as the real one counts. */
function references({ spec }: Pod, claimNames: ReadonlySet<string>): number {
  let count = 0;
  for (const { persistentVolumeClaim } of spec.volumes ?? []) {
    if (claimNames.has(persistentVolumeClaim?.claimName ?? "")) count++;
  }
  return count;
}

function hasConflict(disks: readonly core.Volume[], { pods }: NodeInfo): boolean {
  for (const { pod } of pods) {
    const { volumes } = pod.spec;
    if (volumes === undefined) continue;
    for (const disk of disks) {
      for (const other of volumes) if (conflicts(disk, other)) return true;
    }
  }
  return false;
}

/** isVolumeConflict: EBS volumes are never shared, the others only when all mounts are read-only. */
function conflicts(a: core.Volume, b: core.Volume): boolean {
  if (a.gcePersistentDisk !== undefined && b.gcePersistentDisk !== undefined) {
    const isSame = a.gcePersistentDisk.pdName === b.gcePersistentDisk.pdName;
    if (isSame && !areReadOnly(a.gcePersistentDisk, b.gcePersistentDisk)) return true;
  }
  if (a.awsElasticBlockStore !== undefined && b.awsElasticBlockStore !== undefined) {
    if (a.awsElasticBlockStore.volumeID === b.awsElasticBlockStore.volumeID) return true;
  }
  if (a.iscsi !== undefined && b.iscsi !== undefined) {
    if (a.iscsi.iqn === b.iscsi.iqn && !areReadOnly(a.iscsi, b.iscsi)) return true;
  }
  if (a.rbd === undefined || b.rbd === undefined) return false;
  return isSameImage(a.rbd, b.rbd) && !areReadOnly(a.rbd, b.rbd);
}

function isSameImage(a: core.RBDVolumeSource, b: core.RBDVolumeSource): boolean {
  const monitors = new Set(a.monitors);
  const haveMonitor = (b.monitors ?? []).some((monitor) => monitors.has(monitor));
  return haveMonitor && (a.pool ?? "") === (b.pool ?? "") && a.image === b.image;
}

const areReadOnly = (a: { readOnly?: boolean }, b: { readOnly?: boolean }): boolean =>
  a.readOnly === true && b.readOnly === true;
