/**
 * BindPodVolumes: writes what was reserved to the API, then watches until the PV controller and the
 * provisioners have bound every claim of the pod.
 *
 * Source: bindAPIUpdate and checkBindings of
 * kubernetes/pkg/scheduler/framework/plugins/volumebinding/binder.go, v1.30.
 */
import {
  isFullyBound,
  type PersistentVolume,
  type PersistentVolumeClaim,
  SELECTED_NODE,
  STORAGE_PROVISIONER,
} from "../../sim/api/index.ts";
import type {
  AssumedObjects,
  ClusterInfo,
  CycleContext,
  NodeInfo,
  PodInfo,
} from "../../sim/scheduler/index.ts";
import { claimUses } from "../volumes/pod-claims.ts";
import { reaches } from "./volume-binding-find.ts";
import { reservedVolumes, volumeOf } from "./volume-binding-reserved.ts";

/**
 * Sends the reserved bindings, each on the version of the object that it was decided on: whoever
 * changed it meanwhile makes the binding cycle fail with a conflict. False: there is nothing to bind.
 */
export function sendBindings(pod: PodInfo, { cluster, requests }: CycleContext): boolean {
  if (claimUses(pod.pod).length === 0) return false;
  const { bindings, provisions } = reservedVolumes(pod, cluster);
  for (const { volume } of bindings) {
    const { name, resourceVersion, annotations } = volume.metadata;
    const patch = {
      metadata: { resourceVersion, ...(annotations === undefined ? {} : { annotations }) },
      spec: { claimRef: volume.spec.claimRef },
    };
    requests.patch({ kind: "PersistentVolume", namespace: "", name }, patch, "");
  }
  for (const { metadata } of provisions) {
    const { namespace, name, resourceVersion } = metadata;
    const annotations = { [SELECTED_NODE]: metadata.annotations?.[SELECTED_NODE] ?? "" };
    const patch = { metadata: { resourceVersion, annotations } };
    requests.patch({ kind: "PersistentVolumeClaim", namespace, name }, patch, "");
  }
  return bindings.length + provisions.length > 0;
}

/** How far the binding is; an error ends it. */
export type BindingState = "bound" | "waiting" | { readonly error: string };

/** Looks at every claim of the pod, in the order of its volumes. */
export function checkBindings(
  { pod, namespace }: PodInfo,
  nodeName: string,
  cluster: ClusterInfo,
  assumed: AssumedObjects,
): BindingState {
  const node = cluster.node(nodeName);
  if (node === undefined) {
    const quoted = JSON.stringify(nodeName);
    return { error: `failed to get node ${quoted}: node ${quoted} not found` };
  }
  const claims = cluster.objects<PersistentVolumeClaim>("PersistentVolumeClaim");
  let isWaiting = false;
  for (const { claimName } of claimUses(pod)) {
    const claim = claims.get(namespace, claimName);
    if (claim === undefined) {
      const key = `${namespace}/${claimName}`;
      return { error: `failed to check binding: could not find v1.PersistentVolumeClaim "${key}"` };
    }
    const state = checkClaim(claim, node, cluster, assumed);
    if (typeof state === "object") return state;
    if (state === "waiting") isWaiting = true;
  }
  return isWaiting ? "waiting" : "bound";
}

function checkClaim(
  claim: PersistentVolumeClaim,
  node: NodeInfo,
  cluster: ClusterInfo,
  assumed: AssumedObjects,
): BindingState {
  const { namespace, name, annotations } = claim.metadata;
  const volumeName = claim.spec.volumeName ?? "";
  if (volumeName !== "") {
    const volume = cluster.objects<PersistentVolume>("PersistentVolume").get("", volumeName);
    if (volume === undefined) return "waiting"; // the informer of volumes may lag
    if (!reaches(volume, node, cluster)) return affinityError(volume, node);
    return isFullyBound(claim) ? "bound" : "waiting";
  }
  // While an assumption stands, the API has not answered yet.
  if (assumed.get("PersistentVolumeClaim", namespace, name) !== undefined) return "waiting";
  const selected = annotations?.[SELECTED_NODE];
  if (selected === node.name) return "waiting";
  const quoted = JSON.stringify(name);
  // A provisioner that fails takes the annotation away: the scheduler is to try again.
  if (selected !== undefined || annotations?.[STORAGE_PROVISIONER] !== undefined) {
    return { error: `provisioning failed for PVC ${quoted}` };
  }
  const volume = volumeOf(claim, cluster);
  if (volume === undefined) return { error: `ClaimRef got reset for the pv of PVC ${quoted}` };
  return reaches(volume, node, cluster) ? "waiting" : affinityError(volume, node);
}

function affinityError({ metadata }: PersistentVolume, { name }: NodeInfo): BindingState {
  const volume = JSON.stringify(metadata.name);
  const node = JSON.stringify(name);
  return {
    error: `pv ${volume} node affinity doesn't match node ${node}: no matching NodeSelectorTerms`,
  };
}
