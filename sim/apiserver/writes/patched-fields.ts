/** Strict decoding of what a patch made (apiserver/pkg/endpoints/handlers/patch.go). */
import { type ApiObject, describeFieldError, type Kind, strictDecode } from "../../api/index.ts";

/**
 * Faults of the patched object's fields that the object did not have before: unknown names and
 * wrong types, in the words of strict decoding.
 */
export function patchedFieldFaults(
  kind: Kind,
  patched: ApiObject,
  old: ApiObject,
  patch: unknown,
): string[] {
  if (isAboutOwnership(patch)) return [];
  const faults = strictDecode(kind, structuredClone(patched)).map(describeFieldError);
  if (faults.length === 0) return faults;
  const before = new Set(strictDecode(kind, structuredClone(old)).map(describeFieldError));
  return faults.filter((fault) => !before.has(fault));
}

/** Fields of metadata that the garbage collector patches. */
const OWNERSHIP: ReadonlySet<string> = new Set([
  "uid",
  "resourceVersion",
  "finalizers",
  "ownerReferences",
]);

/** A merge of nothing but finalizers and owners cannot bring in a field: no need to look at all. */
function isAboutOwnership(patch: unknown): boolean {
  if (typeof patch !== "object" || patch === null || Array.isArray(patch)) return false;
  const { metadata, ...rest } = patch as { readonly metadata?: object };
  if (metadata === undefined || Object.keys(rest).length > 0) return false;
  const { finalizers = [], ownerReferences = [] } = metadata as Record<string, unknown>;
  return (
    Object.keys(metadata).every((name) => OWNERSHIP.has(name)) &&
    Array.isArray(finalizers) &&
    finalizers.every((each) => typeof each === "string") &&
    Array.isArray(ownerReferences) &&
    ownerReferences.length === 0
  );
}
