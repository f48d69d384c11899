/** How pods, claims, volumes and classes find each other. */

import { parseQuantity, unitsOf } from "./quantities.ts";
import type { Claim, Metadata, Pod, Scenario, StorageClass, Volume } from "./scenario.ts";

export const BIND_COMPLETED = "pv.kubernetes.io/bind-completed";
export const SELECTED_NODE = "volume.kubernetes.io/selected-node";
const BETA_STORAGE_CLASS = "volume.beta.kubernetes.io/storage-class";

interface Named {
  readonly metadata: Metadata;
}

export const findNamed = <T extends Named>(list: readonly T[], name: string): T | undefined =>
  list.find(({ metadata }) => metadata.name === name);

export const findClaim = (scenario: Scenario, pod: Pod, name: string): Claim | undefined =>
  scenario.persistentVolumeClaims.find(
    ({ metadata }) => metadata.name === name && metadata.namespace === pod.metadata.namespace,
  );

/** The claim's volume; undefined when it names none, or none that exists. */
export function findVolume(scenario: Scenario, { spec }: Claim): Volume | undefined {
  const { volumeName } = spec;
  return volumeName ? findNamed(scenario.persistentVolumes, volumeName) : undefined;
}

/** GetPersistentVolumeClaimClass, in component-helpers' storage/volume/helpers.go */
export const classNameOf = ({ metadata, spec }: Claim | Volume): string =>
  metadata.annotations?.[BETA_STORAGE_CLASS] ?? spec.storageClassName ?? "";

/** The class that the claim names, if it exists. */
export const classOf = (scenario: Scenario, claim: Claim): StorageClass | undefined =>
  findNamed(scenario.storageClasses, classNameOf(claim));

/** In 10^-9 bytes; nothing requested counts as 0. */
export const requestedStorage = ({ spec }: Claim): bigint =>
  parseQuantity(spec.resources?.requests?.["storage"] ?? "0");

export const wholeBytes = (text: string): bigint => unitsOf(parseQuantity(text));

/** A claim that a pod uses through a volume. */
export interface ClaimUse {
  readonly claimName: string;
  /** The ephemeral volume controller makes it for the pod. */
  readonly isEphemeral: boolean;
}

export function claimUsesOf({ metadata, spec }: Pod): readonly ClaimUse[] {
  const uses: ClaimUse[] = [];
  for (const { name, persistentVolumeClaim: claim, ephemeral } of spec.volumes ?? []) {
    if (claim !== undefined) uses.push({ claimName: claim.claimName, isEphemeral: false });
    else if (ephemeral !== undefined) {
      uses.push({ claimName: `${metadata.name}-${name}`, isEphemeral: true });
    }
  }
  return uses;
}

/**
 * The claims that exist, for volume limits (filterAttachableVolumes and filterVolumes). Throws for a
 * pod on a node that would run with another's ephemeral claim: kube-scheduler's attempt then ends in
 * an error, which is none of the outcomes of a scenario.
 */
export function existingClaimsOf(pod: Pod, scenario: Scenario): readonly Claim[] {
  const claims: Claim[] = [];
  for (const { claimName, isEphemeral } of claimUsesOf(pod)) {
    const claim = findClaim(scenario, pod, claimName);
    if (claim === undefined) continue;
    const problem = isEphemeral ? foreignClaim(pod, claim) : undefined;
    if (problem !== undefined) throw new Error(`the attempt ends in an error: ${problem}`);
    claims.push(claim);
  }
  return claims;
}

/** Names of the claims that the pod states itself. */
export const claimNamesOf = (pod: Pod): readonly string[] =>
  claimUsesOf(pod).flatMap(({ claimName, isEphemeral }) => (isEphemeral ? [] : [claimName]));

/** VolumeIsForPod, in component-helpers' storage/ephemeral/ephemeral.go; undefined: it is. */
export function foreignClaim(pod: Pod, claim: Claim): string | undefined {
  const owner = (claim.metadata.ownerReferences ?? []).find(({ controller }) => controller);
  if (owner !== undefined && owner.uid === (pod.metadata.uid ?? "")) return undefined;
  const { namespace } = pod.metadata;
  const names = `PVC ${claim.metadata.namespace}/${claim.metadata.name} was not created for pod`;
  return `${names} ${namespace}/${pod.metadata.name} (pod is not owner)`;
}
