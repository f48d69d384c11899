/**
 * The claims that a pod's volumes use, by name or by being ephemeral, and the words in which the
 * real listers say that an object is not there.
 */
import {
  type core,
  ephemeralClaimName,
  isClaimForPod,
  type PersistentVolumeClaim,
  type Pod,
} from "../../sim/api/index.ts";

/** One volume of a pod that uses a claim. */
export interface ClaimUse {
  readonly claimName: string;
  /** The claim is the pod's own, made for it by the ephemeral volume controller. */
  readonly isEphemeral: boolean;
}

const NO_CLAIMS: readonly ClaimUse[] = [];

/** The pod's uses of claims, in the order of its volumes. Free for pods without volumes. */
export function claimUses({ metadata, spec }: Pod): readonly ClaimUse[] {
  const { volumes } = spec;
  if (volumes === undefined || volumes.length === 0) return NO_CLAIMS;
  const uses: ClaimUse[] = [];
  for (const volume of volumes) {
    const use = claimUse(metadata.name, volume);
    if (use !== undefined) uses.push(use);
  }
  return uses;
}

/** The claim that one volume uses; undefined when it uses none. */
export function claimUse(podName: string, volume: core.Volume): ClaimUse | undefined {
  const { name, persistentVolumeClaim, ephemeral } = volume;
  if (persistentVolumeClaim !== undefined) {
    return { claimName: persistentVolumeClaim.claimName ?? "", isEphemeral: false };
  }
  if (ephemeral === undefined) return undefined;
  return { claimName: ephemeralClaimName(podName, name), isEphemeral: true };
}

/** Why the pod cannot use its volume's claim although it exists, or "" (ephemeral.VolumeIsForPod). */
export function ownershipError(
  pod: Pod,
  { isEphemeral }: ClaimUse,
  claim: PersistentVolumeClaim,
): string {
  if (!isEphemeral || isClaimForPod(pod, claim)) return "";
  const { namespace, name } = pod.metadata;
  const which = `${claim.metadata.namespace}/${claim.metadata.name}`;
  return `PVC ${which} was not created for pod ${namespace}/${name} (pod is not owner)`;
}

/** Resource names by kind, as errors of the real listers write them. */
const RESOURCES = {
  PersistentVolumeClaim: "persistentvolumeclaim",
  PersistentVolume: "persistentvolume",
  StorageClass: "storageclass.storage.k8s.io",
} as const;

/** `persistentvolumeclaim "data" not found` */
export function notFound(kind: keyof typeof RESOURCES, name: string): string {
  return `${RESOURCES[kind]} ${JSON.stringify(name)} not found`;
}
