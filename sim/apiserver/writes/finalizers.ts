/**
 * What finalizers an object has when it is being deleted, and when it goes.
 * Source: apiserver/pkg/registry/generic/registry/store.go of v1.30.
 */
import {
  type ApiObject,
  DELETE_DEPENDENTS,
  type Namespace,
  ORPHAN_DEPENDENTS,
} from "../../api/index.ts";
import type { DeletionPropagation } from "../api-call.ts";

/**
 * The finalizers for a deletion with this policy; the old list itself when nothing changes
 * (deletionFinalizersForGarbageCollection).
 */
export function deletionFinalizers(
  object: ApiObject,
  policy: DeletionPropagation | undefined,
): readonly string[] {
  const { finalizers } = object.metadata;
  const wanted = collectorFinalizer(object, policy);
  if (finalizers === undefined) return wanted === undefined ? NONE : [wanted];
  const others = finalizers.filter(
    (each) => each !== ORPHAN_DEPENDENTS && each !== DELETE_DEPENDENTS,
  );
  const next = wanted === undefined ? others : [...others, wanted];
  const isSame =
    next.length === finalizers.length && next.every((each) => finalizers.includes(each));
  return isSame ? finalizers : next;
}

const NONE: readonly string[] = [];

/** The garbage collector's finalizer that the deletion asks for, or that the object has already. */
function collectorFinalizer(
  { kind, metadata: { finalizers } }: ApiObject,
  policy: DeletionPropagation | undefined,
): string | undefined {
  if (kind === "Event") return undefined; // its strategy says that it has no dependents
  switch (policy) {
    case "Orphan":
      return ORPHAN_DEPENDENTS;
    case "Foreground":
      return DELETE_DEPENDENTS;
    case "Background":
      return undefined;
    default:
  }
  if (finalizers?.includes(ORPHAN_DEPENDENTS) === true) return ORPHAN_DEPENDENTS;
  if (finalizers?.includes(DELETE_DEPENDENTS) === true) return DELETE_DEPENDENTS;
  // registry/batch/job/strategy.go: batch/v1 keeps the pods unless told otherwise.
  return kind === "Job" ? ORPHAN_DEPENDENTS : undefined;
}

/** Whether an object that is being deleted goes with this change (ShouldDeleteDuringUpdate). */
export function goesWithUpdate(next: ApiObject, old: ApiObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = old.metadata;
  if (deletionTimestamp === undefined || deletionGracePeriodSeconds !== 0) return false;
  if ((next.metadata.finalizers?.length ?? 0) > 0) return false;
  return next.kind !== "Namespace" || isEmptied(next as Namespace);
}

/** The namespace controller has finished with it (ShouldDeleteNamespaceDuringUpdate). */
export function isEmptied({ spec }: Namespace): boolean {
  return (spec.finalizers?.length ?? 0) === 0;
}
