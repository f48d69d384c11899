/**
 * PodVolumes: what VolumeBinding knows of a pod's claims before it looks at any node.
 *
 * Source: GetPodVolumeClaims and GetEligibleNodes of
 * kubernetes/pkg/scheduler/framework/plugins/volumebinding/binder.go, v1.30.
 */
import {
  claimClass,
  compareQuantities,
  type core,
  isFullyBound,
  type PersistentVolume,
  type PersistentVolumeClaim,
  type Pod,
  requestedStorage,
  SELECTED_NODE,
  type StorageClass,
  suitableVolumes,
  volumeClass,
} from "../../sim/api/index.ts";
import type { ClusterInfo } from "../../sim/scheduler/index.ts";
import { claimUses } from "../volumes/pod-claims.ts";
import { ReachableVolumes } from "./reachable-volumes.ts";
import { type Provision, prepareProvision } from "./volume-binding-provision.ts";

/** A claim that waits for its first consumer. */
export interface DelayedClaim {
  readonly claim: PersistentVolumeClaim;
  /** The volume that names the claim already; then no other will do. */
  readonly preBound: PersistentVolume | undefined;
  /** Available volumes, the smallest first. */
  readonly available: ReachableVolumes;
  readonly provision: Provision;
}

export interface PodVolumes {
  readonly cluster: ClusterInfo;
  /** Volumes of the bound claims, in the pod's order; undefined: one that does not exist. */
  readonly boundVolumes: readonly (PersistentVolume | undefined)[];
  /** Delayed claims that were given to a node before, by its name. */
  readonly selected: readonly (DelayedClaim & { readonly nodeName: string })[];
  /** The other delayed claims, the smallest first. */
  readonly unselected: readonly DelayedClaim[];
  readonly hasUnboundImmediate: boolean;
}

const NO_VOLUMES = { preBound: undefined, available: new ReachableVolumes([]) };

/** Sorts out the pod's claims; those that are missing are left out. */
export function preparePodVolumes(pod: Pod, cluster: ClusterInfo): PodVolumes {
  const claims = cluster.objects<PersistentVolumeClaim>("PersistentVolumeClaim");
  const volumes = cluster.objects<PersistentVolume>("PersistentVolume");
  const boundVolumes: (PersistentVolume | undefined)[] = [];
  const selected: (DelayedClaim & { nodeName: string })[] = [];
  const unselected: DelayedClaim[] = [];
  let hasUnboundImmediate = false;
  for (const { claimName } of claimUses(pod)) {
    const claim = claims.get(pod.metadata.namespace, claimName);
    if (claim === undefined) continue;
    if (isFullyBound(claim)) {
      boundVolumes.push(volumes.get("", claim.spec.volumeName ?? ""));
      continue;
    }
    const storageClass = delayedClass(claim, cluster);
    if (storageClass === undefined) {
      hasUnboundImmediate = true;
      continue;
    }
    const provision = prepareProvision(claim, storageClass, cluster);
    const nodeName = claim.metadata.annotations?.[SELECTED_NODE];
    if (nodeName !== undefined) {
      selected.push({ ...NO_VOLUMES, claim, provision, nodeName });
    } else {
      // Volumes are looked up by class: even one that names the claim must be of the claim's class.
      const className = claimClass(claim);
      const ofClass = volumes.list().filter((volume) => volumeClass(volume) === className);
      const { preBound, available } = suitableVolumes(claim, ofClass);
      unselected.push({ claim, preBound, available: new ReachableVolumes(available), provision });
    }
  }
  unselected.sort((a, b) =>
    compareQuantities(requestedStorage(a.claim), requestedStorage(b.claim)),
  );
  return { cluster, boundVolumes, selected, unselected, hasUnboundImmediate };
}

/**
 * The class of a claim that the scheduler is to bind; undefined: the PV controller binds it. A claim
 * that names its volume is the controller's, too.
 */
export function delayedClass(
  claim: PersistentVolumeClaim,
  cluster: ClusterInfo,
): StorageClass | undefined {
  if ((claim.spec.volumeName ?? "") !== "") return undefined;
  const className = claimClass(claim);
  if (className === "") return undefined;
  const storageClass = cluster.objects<StorageClass>("StorageClass").get("", className);
  return storageClass?.volumeBindingMode === "WaitForFirstConsumer" ? storageClass : undefined;
}

const HOSTNAME = "kubernetes.io/hostname";

/**
 * The nodes that the pod's bound local volumes leave; undefined: no such volume, so all. They are
 * told by hostname labels, taken for node names.
 */
export function eligibleNodes({ boundVolumes }: PodVolumes): readonly string[] | undefined {
  let eligible: readonly string[] | undefined;
  for (const volume of boundVolumes) {
    if (volume === undefined) return undefined;
    const names = localNodeNames(volume.spec.nodeAffinity?.required);
    if (names.length === 0) continue;
    eligible = eligible === undefined ? names : eligible.filter((name) => names.includes(name));
  }
  return eligible;
}

/** GetLocalPersistentVolumeNodeNames of pkg/volume/util: terms without a hostname add nothing. */
function localNodeNames(required: core.NodeSelector | undefined): readonly string[] {
  const names = new Set<string>();
  for (const { matchExpressions = [] } of required?.nodeSelectorTerms ?? []) {
    let inTerm: readonly string[] | undefined;
    for (const { key, operator, values = [] } of matchExpressions) {
      if (key !== HOSTNAME || operator !== "In") continue;
      inTerm = inTerm === undefined ? values : inTerm.filter((name) => values.includes(name));
    }
    for (const name of inTerm ?? []) names.add(name);
  }
  return [...names].sort();
}
