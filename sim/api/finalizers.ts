/**
 * Finalizers: what must be done before an object that is being deleted may go.
 * Source: apimachinery/pkg/apis/meta/v1/types.go and api/validation/objectmeta.go of v1.30.
 */
import { forbidden, invalid } from "./field-error.ts";
import type { FieldError } from "./kind.ts";
import { qualifiedNameError } from "./name-format.ts";
import type { ObjectMeta } from "./objects.ts";

/** The garbage collector takes the references to this owner off its dependents first. */
export const ORPHAN_DEPENDENTS = "orphan";
/** The garbage collector deletes the dependents that block this owner's deletion first. */
export const DELETE_DEPENDENTS = "foregroundDeletion";
/** In a namespace's spec: the namespace controller empties it first. */
export const FINALIZER_KUBERNETES = "kubernetes";

/** Whether the object is being deleted and waits for this finalizer. */
export function waitsForFinalizer({ metadata }: Finalized, finalizer: string): boolean {
  return (
    metadata.deletionTimestamp !== undefined && metadata.finalizers?.includes(finalizer) === true
  );
}

/** Appends the faults of an object's finalizers (ValidateFinalizers). */
export function validateFinalizers(
  { finalizers }: Readonly<ObjectMeta>,
  errors: FieldError[],
): void {
  if (finalizers === undefined) return;
  const path = "metadata.finalizers";
  for (const [index, finalizer] of finalizers.entries()) {
    const error = qualifiedNameError(finalizer);
    if (error !== "") errors.push(invalid(path, finalizer, error));
    else if (!finalizer.includes("/") && !STANDARD_FINALIZERS.includes(finalizer)) {
      const detail = "name is neither a standard finalizer name nor is it fully qualified";
      errors.push(invalid(`${path}[${index}]`, finalizer, detail));
    }
  }
  if (finalizers.includes(ORPHAN_DEPENDENTS) && finalizers.includes(DELETE_DEPENDENTS)) {
    const detail = `finalizer ${ORPHAN_DEPENDENTS} and ${DELETE_DEPENDENTS} cannot be both set`;
    errors.push(invalid(path, [...finalizers], detail));
  }
}

/** Appends the faults of the name of a finalizer in a namespace's spec (ValidateFinalizerName). */
export function validateFinalizerName(finalizer: string, path: string, errors: FieldError[]): void {
  const error = qualifiedNameError(finalizer);
  if (error !== "") errors.push(invalid(path, finalizer, error));
  if (finalizer.includes("/") || STANDARD_FINALIZERS.includes(finalizer)) return;
  const detail = "name is neither a standard finalizer name nor is it fully qualified";
  errors.push(invalid(path, finalizer, detail));
}

/** Appends a fault where an object that is being deleted gets a new finalizer (ValidateNoNewFinalizers). */
export function validateNoNewFinalizers(
  metadata: Readonly<ObjectMeta>,
  old: Readonly<ObjectMeta>,
  errors: FieldError[],
): void {
  if (old.deletionTimestamp === undefined) return;
  const { finalizers = [] } = metadata;
  const added = finalizers.filter((each) => old.finalizers?.includes(each) !== true);
  if (added.length === 0) return;
  const list = [...new Set(added)].sort().map((each) => JSON.stringify(each));
  const text = "no new finalizers can be added if the object is being deleted";
  errors.push(
    forbidden("metadata.finalizers", `${text}, found new finalizers []string{${list.join(", ")}}`),
  );
}

const STANDARD_FINALIZERS = [FINALIZER_KUBERNETES, ORPHAN_DEPENDENTS, DELETE_DEPENDENTS];

interface Finalized {
  readonly metadata: Readonly<ObjectMeta>;
}
