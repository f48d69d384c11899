/**
 * What the PV controller does next about a claim or a volume. Each plan is the one write that is
 * still missing, worked out from the objects alone: the controller writes it and asks again, until
 * there is nothing to do. So a sync that failed half-way is simply gone on with.
 *
 * Source: pkg/controller/volume/persistentvolume/pv_controller.go (syncClaim, syncVolume) and
 * index.go of v1.30. Left out: events, volume recycling, and the migration of in-tree disks.
 */
import {
  BIND_COMPLETED,
  BOUND_BY_CONTROLLER,
  bindVolumeToClaim,
  claimClass,
  compareQuantities,
  isVolumeBoundToClaim,
  modeOf,
  offersModes,
  type PersistentVolume,
  type PersistentVolumeClaim,
  PROVISIONED_BY,
  requestedStorage,
  SELECTED_NODE,
  STORAGE_PROVISIONER,
  type StorageClass,
  semanticallyEqual,
  suitableVolumes,
  timestampUs,
  volumeCapacity,
  volumeClass,
} from "../api/index.ts";

/** One write to the API. */
export interface VolumeWrite {
  readonly object: PersistentVolumeClaim | PersistentVolume;
  readonly subresource: "" | "status";
}

/** `wait`: nothing can be done until something else changes. `claim`: its claim must be synced. */
export type ClaimPlan = VolumeWrite | "done" | "wait";
export type VolumePlan = VolumeWrite | "done" | "claim";

/** The objects that a plan looks at. */
export interface VolumeWorld {
  volume(name: string): PersistentVolume | undefined;
  claim(namespace: string, name: string): PersistentVolumeClaim | undefined;
  /** Volumes that name this claim. */
  reserved(claim: PersistentVolumeClaim): readonly PersistentVolume[];
  /** Volumes of the claim's class that name no claim, or did not until a moment ago; by name. */
  unclaimed(claim: PersistentVolumeClaim): readonly PersistentVolume[];
  storageClass(name: string): StorageClass | undefined;
  /** All classes, by name. */
  storageClasses(): readonly StorageClass[];
}

const BETA_STORAGE_PROVISIONER = "volume.beta.kubernetes.io/storage-provisioner";
const DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class";

/** syncClaim */
export function planClaim(claim: PersistentVolumeClaim, world: VolumeWorld): ClaimPlan {
  if (claim.metadata.annotations?.[BIND_COMPLETED] !== undefined) {
    return planCompletedClaim(claim, world);
  }
  const wanted = claim.spec.volumeName ?? "";
  if (wanted === "") return planUnboundClaim(claim, world);
  const volume = world.volume(wanted);
  if (volume === undefined) return claimPhase(claim, "Pending") ?? "wait";
  if (volume.spec.claimRef === undefined) {
    return suits(volume, claim) ? bind(volume, claim) : (claimPhase(claim, "Pending") ?? "wait");
  }
  if (isVolumeBoundToClaim(volume, claim)) return bind(volume, claim);
  return claimPhase(claim, "Pending") ?? "wait";
}

/** A claim whose binding was complete once: it is still so, is mended, or has lost its volume. */
function planCompletedClaim(claim: PersistentVolumeClaim, world: VolumeWorld): ClaimPlan {
  const volume = world.volume(claim.spec.volumeName ?? "");
  const { claimRef } = volume?.spec ?? {};
  const isOther = claimRef !== undefined && claimRef.uid !== claim.metadata.uid;
  if (volume === undefined || isOther) return claimPhase(claim, "Lost") ?? "done";
  return bind(volume, claim);
}

function planUnboundClaim(claim: PersistentVolumeClaim, world: VolumeWorld): ClaimPlan {
  const className = claimClass(claim);
  const storageClass = className === "" ? undefined : world.storageClass(className);
  const isDelayed = storageClass?.volumeBindingMode === "WaitForFirstConsumer";
  const reserved = world.reserved(claim);
  const others = isDelayed ? [] : world.unclaimed(claim); // the scheduler reserves for the delayed
  const volume = bestVolume(claim, [...reserved, ...others]);
  if (volume !== undefined) return bind(volume, claim);
  const withClass = defaultedClaim(claim, world);
  if (withClass !== undefined) return withClass;
  const isSelected = claim.metadata.annotations?.[SELECTED_NODE] !== undefined;
  if (storageClass !== undefined && (!isDelayed || isSelected)) {
    const withProvisioner = provisionedClaim(claim, storageClass);
    if (withProvisioner !== undefined) return withProvisioner;
  }
  return claimPhase(claim, "Pending") ?? "wait";
}

/** assignDefaultStorageClass: a claim that names no class gets the newest default one. */
function defaultedClaim(claim: PersistentVolumeClaim, world: VolumeWorld): VolumeWrite | undefined {
  if (claim.spec.storageClassName !== undefined || claimClass(claim) !== "") return undefined;
  let newest: StorageClass | undefined;
  for (const each of world.storageClasses()) {
    if (each.metadata.annotations?.[DEFAULT_CLASS] !== "true") continue;
    if (newest === undefined || createdUs(each) > createdUs(newest)) newest = each;
  }
  if (newest === undefined) return undefined;
  const spec = { ...claim.spec, storageClassName: newest.metadata.name };
  return { object: { ...claim, spec }, subresource: "" };
}

const createdUs = ({ metadata }: StorageClass): number => timestampUs(metadata.creationTimestamp);

/** setClaimProvisioner: tells the external provisioner that it is to make a volume. */
function provisionedClaim(
  claim: PersistentVolumeClaim,
  { provisioner }: StorageClass,
): VolumeWrite | undefined {
  if (provisioner === "kubernetes.io/no-provisioner") return undefined;
  if (claim.metadata.annotations?.[STORAGE_PROVISIONER] === provisioner) return undefined;
  const annotations = {
    ...claim.metadata.annotations,
    [BETA_STORAGE_PROVISIONER]: provisioner,
    [STORAGE_PROVISIONER]: provisioner,
  };
  return { object: { ...claim, metadata: { ...claim.metadata, annotations } }, subresource: "" };
}

/**
 * findBestMatchForClaim: volumes are grouped by their access modes, the groups with the fewest modes
 * first; the smallest volume of the first group that has one.
 */
function bestVolume(
  claim: PersistentVolumeClaim,
  volumes: readonly PersistentVolume[],
): PersistentVolume | undefined {
  const groups = new Map<string, PersistentVolume[]>();
  for (const volume of volumes) {
    if (!offersModes(volume, claim)) continue;
    const modes = [...(volume.spec.accessModes ?? [])].sort().join(",");
    const group = groups.get(modes);
    if (group === undefined) groups.set(modes, [volume]);
    else group.push(volume);
  }
  const countOf = (modes: string): number => modes.split(",").length;
  const inOrder = [...groups].sort(
    ([a], [b]) => countOf(a) - countOf(b) || (a < b ? -1 : a > b ? 1 : 0),
  );
  for (const [, group] of inOrder) {
    const { preBound, available } = suitableVolumes(claim, group);
    const found = preBound ?? available[0];
    if (found !== undefined) return found;
  }
  return undefined;
}

/** checkVolumeSatisfyClaim */
function suits(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  return (
    compareQuantities(volumeCapacity(volume), requestedStorage(claim)) >= 0 &&
    volumeClass(volume) === claimClass(claim) &&
    modeOf(volume.spec.volumeMode) === modeOf(claim.spec.volumeMode) &&
    offersModes(volume, claim)
  );
}

/** bind: the next of its four writes. */
function bind(volume: PersistentVolume, claim: PersistentVolumeClaim): VolumeWrite | "done" {
  const boundVolume = bindVolumeToClaim(volume, claim);
  if (boundVolume !== volume) return { object: boundVolume, subresource: "" };
  const phase = volumePhase(volume, "Bound");
  if (phase !== undefined) return phase;
  const boundClaim = bindClaimToVolume(claim, volume);
  if (boundClaim !== claim) return { object: boundClaim, subresource: "" };
  const { accessModes, capacity } = volume.spec;
  const status = { ...claim.status, phase: "Bound", accessModes, capacity };
  if (semanticallyEqual(status, claim.status)) return "done";
  return { object: { ...claim, status } as PersistentVolumeClaim, subresource: "status" };
}

function bindClaimToVolume(
  claim: PersistentVolumeClaim,
  { metadata: { name } }: PersistentVolume,
): PersistentVolumeClaim {
  const { annotations } = claim.metadata;
  const isNamed = claim.spec.volumeName === name;
  if (isNamed && annotations?.[BIND_COMPLETED] !== undefined) return claim;
  const next = {
    ...annotations,
    [BIND_COMPLETED]: "yes",
    ...(isNamed ? {} : { [BOUND_BY_CONTROLLER]: "yes" }),
  };
  return {
    ...claim,
    metadata: { ...claim.metadata, annotations: next },
    spec: { ...claim.spec, volumeName: name },
  };
}

function claimPhase(claim: PersistentVolumeClaim, phase: string): VolumeWrite | undefined {
  if (claim.status.phase === phase) return undefined;
  // A claim that is bound no longer has what a volume gave it.
  return { object: { ...claim, status: { phase } }, subresource: "status" };
}

function volumePhase(volume: PersistentVolume, phase: string): VolumeWrite | undefined {
  if (volume.status.phase === phase) return undefined;
  return { object: { ...volume, status: { ...volume.status, phase } }, subresource: "status" };
}

/** syncVolume */
export function planVolume(volume: PersistentVolume, world: VolumeWorld): VolumePlan {
  const { claimRef } = volume.spec;
  if (claimRef === undefined || (claimRef.uid ?? "") === "") {
    return volumePhase(volume, "Available") ?? "done";
  }
  const found = world.claim(claimRef.namespace ?? "", claimRef.name ?? "");
  const claim = found?.metadata.uid === claimRef.uid ? found : undefined;
  if (claim === undefined) {
    const isOver = volume.status.phase === "Released" || volume.status.phase === "Failed";
    return (isOver ? undefined : volumePhase(volume, "Released")) ?? "done";
  }
  const volumeName = claim.spec.volumeName ?? "";
  if (volumeName === "") return "claim";
  if (volumeName === volume.metadata.name) return volumePhase(volume, "Bound") ?? "done";
  return planMisbound(volume);
}

/** Its claim went to another volume: one that was made for it is released, any other is free again. */
function planMisbound(volume: PersistentVolume): VolumePlan {
  const { annotations = {} } = volume.metadata;
  const isMadeForIt = annotations[PROVISIONED_BY] !== undefined;
  if (isMadeForIt && volume.spec.persistentVolumeReclaimPolicy === "Delete") {
    return volumePhase(volume, "Released") ?? "done";
  }
  const { claimRef, ...spec } = volume.spec;
  const { [BOUND_BY_CONTROLLER]: isByController, ...rest } = annotations;
  if (isByController !== undefined) {
    const metadata = { ...volume.metadata, annotations: rest };
    return { object: { ...volume, metadata, spec }, subresource: "" };
  }
  const { uid, ...reserved } = claimRef ?? {};
  return { object: { ...volume, spec: { ...spec, claimRef: reserved } }, subresource: "" };
}
