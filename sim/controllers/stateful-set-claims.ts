/**
 * The claims of a StatefulSet's pods: what they are made from, and who owns them, so that they go
 * when persistentVolumeClaimRetentionPolicy says so. Pure functions.
 *
 * Source: getPersistentVolumeClaims, claimOwnerMatchesSetAndPod, updateClaimOwnerRefForSetAndPod
 * and hasStaleOwnerRef in pkg/controller/statefulset/stateful_set_utils.go of v1.30.
 */
import type {
  ApiObject,
  Manifest,
  OwnerReference,
  PersistentVolumeClaim,
  Pod,
  StatefulSet,
} from "../api/index.ts";
import { isInRange, podName } from "./stateful-set-identity.ts";

/** The claims of one pod, in the order of their templates. */
export function podClaims(set: StatefulSet, ordinal: number): Manifest[] {
  const { volumeClaimTemplates = [], selector } = set.spec;
  return volumeClaimTemplates.map(({ metadata, spec }) => ({
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: {
      name: `${metadata?.name ?? ""}-${podName(set, ordinal)}`,
      namespace: set.metadata.namespace,
      labels: { ...metadata?.labels, ...selector.matchLabels },
      ...(metadata?.annotations === undefined ? {} : { annotations: metadata.annotations }),
    },
    spec: spec ?? {},
  }));
}

/** The claim with the owners that the policy wants; undefined: it has them. */
export function withRightOwners(
  set: StatefulSet,
  pod: Pod,
  claim: PersistentVolumeClaim,
): PersistentVolumeClaim | undefined {
  const { whenDeleted, whenScaled } = set.spec.persistentVolumeClaimRetentionPolicy ?? {};
  const isScaledDown = whenScaled === "Delete" && !isInRange(set, pod);
  const bySet = whenDeleted === "Delete" && !isScaledDown;
  const { ownerReferences = [] } = claim.metadata;
  if (hasOwner(claim, set) === bySet && hasOwner(claim, pod) === isScaledDown) return undefined;
  const owners = ownerReferences.filter(
    ({ uid }) => uid !== set.metadata.uid && uid !== pod.metadata.uid,
  );
  if (bySet) owners.push(reference(set));
  if (isScaledDown) owners.push(reference(pod));
  return { ...claim, metadata: { ...claim.metadata, ownerReferences: owners } };
}

/** Whether the claim is owned by an earlier pod of that name, and so about to go. */
export function isStale(set: StatefulSet, ordinal: number, claim: PersistentVolumeClaim): boolean {
  if (set.spec.persistentVolumeClaimRetentionPolicy?.whenScaled !== "Delete") return false;
  const name = podName(set, ordinal);
  const { ownerReferences = [] } = claim.metadata;
  return ownerReferences.some((owner) => owner.kind === "Pod" && owner.name === name);
}

function hasOwner(claim: PersistentVolumeClaim, { metadata }: ApiObject): boolean {
  return claim.metadata.ownerReferences?.some(({ uid }) => uid === metadata.uid) === true;
}

/** An owner, but no controller: claims have none. */
function reference({ apiVersion, kind, metadata }: ApiObject): OwnerReference {
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid };
}
