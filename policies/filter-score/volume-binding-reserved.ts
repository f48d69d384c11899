/**
 * What VolumeBinding has reserved for a pod, read back from the objects: a delayed claim without a
 * volume is to be provisioned when it has the selected-node annotation, and is bound statically when
 * a volume names it. So nothing need be kept between reserve and bind, and a fork loses nothing.
 *
 * Right after `framework.reserve`, `cluster.objects` shows the assumed objects: then this is exactly
 * what the cycle decided.
 */
import {
  isFullyBound,
  isVolumeBoundToClaim,
  type PersistentVolume,
  type PersistentVolumeClaim,
  SELECTED_NODE,
} from "../../sim/api/index.ts";
import type { ClusterInfo, PodInfo } from "../../sim/scheduler/index.ts";
import { claimUses } from "../volumes/pod-claims.ts";
import type { VolumeBindingPair } from "./volume-binding-find.ts";
import { delayedClass } from "./volume-binding-state.ts";

export interface ReservedVolumes {
  /** Claims with the existing volumes that they get, in the order of the pod's volumes. */
  readonly bindings: readonly VolumeBindingPair[];
  /** Claims whose volumes are to be made for the node. */
  readonly provisions: readonly PersistentVolumeClaim[];
}

/** Reads what was reserved for the pod. O(volumes of the cluster) per claim that is not bound. */
export function reservedVolumes(
  { pod, namespace }: PodInfo,
  cluster: ClusterInfo,
): ReservedVolumes {
  const claims = cluster.objects<PersistentVolumeClaim>("PersistentVolumeClaim");
  const bindings: VolumeBindingPair[] = [];
  const provisions: PersistentVolumeClaim[] = [];
  for (const { claimName } of claimUses(pod)) {
    const claim = claims.get(namespace, claimName);
    if (claim === undefined || isFullyBound(claim)) continue;
    if (delayedClass(claim, cluster) === undefined) continue;
    if (claim.metadata.annotations?.[SELECTED_NODE] !== undefined) {
      provisions.push(claim);
      continue;
    }
    const volume = volumeOf(claim, cluster);
    if (volume !== undefined) bindings.push({ volume, claim });
  }
  return { bindings, provisions };
}

/** The volume that names the claim, uid and all. */
export function volumeOf(
  claim: PersistentVolumeClaim,
  cluster: ClusterInfo,
): PersistentVolume | undefined {
  return cluster
    .objects<PersistentVolume>("PersistentVolume")
    .list()
    .find(
      (volume) =>
        volume.spec.claimRef?.uid === claim.metadata.uid && isVolumeBoundToClaim(volume, claim),
    );
}
