/**
 * What the garbage collector makes of an object's owner references. Pure functions.
 * Source: pkg/controller/garbagecollector/{garbagecollector,operations,patch}.go of v1.30.
 */
import {
  type ApiObject,
  DELETE_DEPENDENTS,
  type Manifest,
  ORPHAN_DEPENDENTS,
  type OwnerReference,
} from "../api/index.ts";
import type { DeletionPropagation } from "../client/index.ts";

/** Solid: the owner exists. Dangling: it does not. Waiting: it waits for its dependents to go first. */
export type OwnerState = "solid" | "dangling" | "waiting";

/** What to do about an object with these owners; undefined: nothing. */
export type Verdict =
  | { readonly type: "patch"; readonly uids: readonly string[] }
  | { readonly type: "delete"; readonly policy: DeletionPropagation };

/** The decision of attemptToDeleteItem. `hasDependents` is about the object itself. */
export function judge(
  object: ApiObject,
  states: readonly OwnerState[],
  hasDependents: boolean,
): Verdict | undefined {
  const { ownerReferences = [], finalizers } = object.metadata;
  if (ownerReferences.length === 0) return undefined;
  if (states.includes("solid")) {
    const uids = ownerReferences.filter((_, i) => states[i] !== "solid").map(({ uid }) => uid);
    return uids.length === 0 ? undefined : { type: "patch", uids };
  }
  if (states.includes("waiting") && hasDependents) return { type: "delete", policy: "Foreground" };
  if (finalizers?.includes(ORPHAN_DEPENDENTS)) return { type: "delete", policy: "Orphan" };
  if (finalizers?.includes(DELETE_DEPENDENTS)) return { type: "delete", policy: "Foreground" };
  return { type: "delete", policy: "Background" };
}

/** Owners that the object let go, or no longer blocks (getUnblockedOwners). */
export function unblockedOwners(
  before: readonly OwnerReference[],
  after: readonly OwnerReference[],
): OwnerReference[] {
  return before.filter((old) => {
    if (old.blockOwnerDeletion !== true) return false;
    return after.find(({ uid }) => uid === old.uid)?.blockOwnerDeletion !== true;
  });
}

/** The strategic merge patch that takes references off an object. */
export function withoutOwnersPatch(uid: string, owners: readonly string[]): Manifest {
  const ownerReferences = owners.map((each) => ({ $patch: "delete", uid: each }));
  return { metadata: { uid, ownerReferences } } as unknown as Manifest;
}

/** The strategic merge patch with which an object blocks no owner any more. */
export function unblockPatch({ metadata }: ApiObject): Manifest {
  const ownerReferences = (metadata.ownerReferences ?? [])
    .filter(({ blockOwnerDeletion }) => blockOwnerDeletion === true)
    .map((reference) => ({ ...reference, blockOwnerDeletion: false }));
  return { metadata: { uid: metadata.uid, ownerReferences } };
}

/** The JSON merge patch that takes a finalizer off the object as it was read. */
export function withoutFinalizerPatch({ metadata }: ApiObject, finalizer: string): Manifest {
  const finalizers = (metadata.finalizers ?? []).filter((each) => each !== finalizer);
  const { uid, resourceVersion } = metadata;
  return { metadata: { uid, resourceVersion, finalizers } };
}

/** The reference as the real collector's events show it (objectReference.String). */
export function describeReference(
  { apiVersion, kind, name, uid }: OwnerReference,
  namespace: string,
): string {
  return `[${apiVersion}/${kind}, namespace: ${namespace}, name: ${name}, uid: ${uid}]`;
}
