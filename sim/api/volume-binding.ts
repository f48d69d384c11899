/**
 * The binding of claims and volumes: the annotations, and which volume suits which claim. The
 * scheduler and the controllers share it, as they do in Kubernetes.
 *
 * Source: staging/src/k8s.io/component-helpers/storage/volume (helpers.go, pv_helpers.go) and
 * storage/ephemeral of v1.30.
 */
import { byCodeUnit } from "./code-unit-order.ts";
import { compileLabelSelector } from "./label-selector.ts";
import { compileNodeSelector, type NodeSelectorMatcher } from "./node-selector.ts";
import type { core, PersistentVolume, PersistentVolumeClaim, Pod } from "./objects.ts";
import type { Labels } from "./requirement.ts";
import { compareQuantities } from "./resource-amount.ts";

/** On a claim: the binding is complete. */
export const BIND_COMPLETED = "pv.kubernetes.io/bind-completed";
/** On a claim or a volume: a controller, and no user, chose the other one. */
export const BOUND_BY_CONTROLLER = "pv.kubernetes.io/bound-by-controller";
/** On a claim: the node that the scheduler chose, near which the volume is to be made. */
export const SELECTED_NODE = "volume.kubernetes.io/selected-node";
/** On a claim: who is to make its volume. */
export const STORAGE_PROVISIONER = "volume.kubernetes.io/storage-provisioner";
/** On a volume: who made it. */
export const PROVISIONED_BY = "pv.kubernetes.io/provisioned-by";
/** The class of a claim or volume, before the spec had a field for it. */
const BETA_CLASS = "volume.beta.kubernetes.io/storage-class";

/** Provisioner of classes whose volumes are made by hand. */
export const NO_PROVISIONER = "kubernetes.io/no-provisioner";

/** Name of a claim's class; "": none (GetPersistentVolumeClaimClass). */
export function claimClass({ metadata, spec }: PersistentVolumeClaim): string {
  return metadata.annotations?.[BETA_CLASS] ?? spec.storageClassName ?? "";
}

/** Name of a volume's class; "": none (GetPersistentVolumeClass). */
export function volumeClass({ metadata, spec }: PersistentVolume): string {
  return metadata.annotations?.[BETA_CLASS] ?? spec.storageClassName ?? "";
}

/** The claim names a volume, and its binding is complete. */
export function isFullyBound({ metadata, spec }: PersistentVolumeClaim): boolean {
  return (spec.volumeName ?? "") !== "" && metadata.annotations?.[BIND_COMPLETED] !== undefined;
}

/** The volume names this claim; by name alone when it was reserved by hand, without the uid. */
export function isVolumeBoundToClaim(
  { spec }: PersistentVolume,
  { metadata }: PersistentVolumeClaim,
): boolean {
  const { claimRef } = spec;
  if (claimRef === undefined) return false;
  if (claimRef.name !== metadata.name || claimRef.namespace !== metadata.namespace) return false;
  return (claimRef.uid ?? "") === "" || claimRef.uid === metadata.uid;
}

/** Name of the claim that a pod's generic ephemeral volume uses. */
export function ephemeralClaimName(podName: string, volumeName: string): string {
  return `${podName}-${volumeName}`;
}

/** Whether the pod is the controller of the claim, as it must be of those of its ephemeral volumes. */
export function isClaimForPod(pod: Pod, claim: PersistentVolumeClaim): boolean {
  const owner = claim.metadata.ownerReferences?.find(({ controller }) => controller === true);
  return owner?.uid === pod.metadata.uid && claim.metadata.namespace === pod.metadata.namespace;
}

/** What a claim asks for, as a quantity; "0" when it asks for no size. */
export function requestedStorage({ spec }: PersistentVolumeClaim): string {
  return String(spec.resources?.requests?.["storage"] ?? "0");
}

/** A volume's size, as a quantity. */
export function volumeCapacity({ spec }: PersistentVolume): string {
  return String(spec.capacity?.["storage"] ?? "0");
}

const matchers = new WeakMap<core.NodeSelector, NodeSelectorMatcher>();

/** Whether a node with these labels can reach the volume (CheckNodeAffinity). */
export function isVolumeOnNode({ spec }: PersistentVolume, nodeLabels: Labels): boolean {
  const required = spec.nodeAffinity?.required;
  return required === undefined || matchesNodes(required, nodeLabels);
}

/** Whether a volume's required node affinity admits a node with these labels. */
export function matchesNodes(required: core.NodeSelector, nodeLabels: Labels): boolean {
  let matcher = matchers.get(required);
  if (matcher === undefined) {
    matcher = compileNodeSelector(required);
    matchers.set(required, matcher);
  }
  return matcher(nodeLabels, ""); // the real check makes a node of the labels alone
}

/** Volumes that suit a claim, whatever the node: see `suitableVolumes`. */
export interface SuitableVolumes {
  /** One that names the claim already: then no other is considered. */
  readonly preBound: PersistentVolume | undefined;
  /** Available ones, the smallest first; among equals by name. */
  readonly available: readonly PersistentVolume[];
}

/**
 * FindMatchingVolume without its checks of node affinity and of volumes taken in the same cycle.
 * `volumes` should be all, by name. Kubernetes leaves the choice among volumes of equal size to
 * chance; here it is the first by name. O(n log n).
 */
export function suitableVolumes(
  claim: PersistentVolumeClaim,
  volumes: readonly PersistentVolume[],
): SuitableVolumes {
  const wantedClass = claimClass(claim);
  const wantedSize = requestedStorage(claim);
  const { selector } = claim.spec;
  const compiled = selector === undefined ? undefined : compileLabelSelector(selector);
  const available: PersistentVolume[] = [];
  let preBound: PersistentVolume | undefined;
  for (const volume of volumes) {
    const isBound = isVolumeBoundToClaim(volume, claim);
    if (volume.spec.claimRef !== undefined && !isBound) continue;
    if (volume.metadata.deletionTimestamp !== undefined) continue;
    if (modeOf(volume.spec.volumeMode) !== modeOf(claim.spec.volumeMode)) continue;
    if (!isBound && volumeClass(volume) !== wantedClass) continue;
    if (compareQuantities(volumeCapacity(volume), wantedSize) < 0) continue;
    if (isBound) {
      preBound ??= volume;
      continue;
    }
    if (volume.status.phase !== "Available") continue;
    if (compiled !== undefined && !compiled.matches(volume.metadata.labels ?? {})) continue;
    if (offersModes(volume, claim)) available.push(volume);
  }
  return { preBound, available: available.sort(bySizeThenName) };
}

/** The volume offers every access mode that the claim asks for (CheckAccessModes). */
export function offersModes(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const offered = volume.spec.accessModes ?? [];
  return (claim.spec.accessModes ?? []).every((mode) => offered.includes(mode));
}

/** Block or Filesystem, which is the default. */
export function modeOf(volumeMode: string | undefined): string {
  return volumeMode ?? "Filesystem";
}

function bySizeThenName(a: PersistentVolume, b: PersistentVolume): number {
  const order = compareQuantities(volumeCapacity(a), volumeCapacity(b));
  return order || byCodeUnit(a.metadata.name, b.metadata.name);
}

/** The reference by which a volume names its claim. */
export function claimReference({ metadata }: PersistentVolumeClaim): core.ObjectReference {
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    namespace: metadata.namespace,
    name: metadata.name,
    uid: metadata.uid,
    resourceVersion: metadata.resourceVersion,
  };
}

/** The volume, bound to the claim; the same object when it was already (GetBindVolumeToClaim). */
export function bindVolumeToClaim(
  volume: PersistentVolume,
  claim: PersistentVolumeClaim,
): PersistentVolume {
  const { claimRef } = volume.spec;
  const isNamed = isVolumeBoundToClaim(volume, claim);
  if (isNamed && claimRef?.uid === claim.metadata.uid) return volume;
  const annotations = isNamed
    ? volume.metadata.annotations
    : { ...volume.metadata.annotations, [BOUND_BY_CONTROLLER]: "yes" };
  return {
    ...volume,
    metadata: annotations === undefined ? volume.metadata : { ...volume.metadata, annotations },
    spec: { ...volume.spec, claimRef: claimReference(claim) },
  };
}
