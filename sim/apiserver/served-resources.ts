/**
 * What the API server has a route for: which subresources and verbs a kind serves.
 *
 * Sources: pkg/registry of v1.30 (the storages of each resource and their strategies); the texts are
 * those of apimachinery/pkg/api/errors (NewGenericServerResponse) and apiserver/pkg/endpoints/handlers.
 */
import type { Kind } from "../api/index.ts";
import type { ApiCall, PatchType } from "./api-call.ts";

/** Kinds whose strategy says AllowUnconditionalUpdate false: a PUT must name a resourceVersion. */
const VERSIONED_UPDATES: ReadonlySet<string> = new Set([
  "CSIDriver",
  "CSINode",
  "CSIStorageCapacity",
  "Lease",
  "PodDisruptionBudget",
]);

/** Answers 404 when the kind has no such subresource, and says whether it has. */
export function servesSubresource(call: ApiCall, kind: Kind): boolean {
  const { subresource } = call;
  if (subresource === "" || hasSubresource(kind, subresource)) return true;
  noRoute(call);
  return false;
}

/** A route that does not exist. */
export function noRoute(call: ApiCall): void {
  call.fail(404, "NotFound", "the server could not find the requested resource");
}

/** A route that exists, for other verbs. */
export function methodNotAllowed(call: ApiCall): void {
  const text = "the server does not allow this method on the requested resource";
  call.fail(405, "MethodNotAllowed", text);
}

/** Whether all objects of a kind in a namespace can be deleted at once. Namespaces cannot. */
export function servesDeleteCollection(kind: Kind): boolean {
  return kind.kind !== "Namespace";
}

/** Whether a PUT without a resourceVersion replaces whatever is there. */
export function allowsUnconditionalUpdate(kind: Kind): boolean {
  return !VERSIONED_UPDATES.has(kind.kind);
}

const PATCH_TYPES: readonly PatchType[] = ["json", "merge", "strategic", "apply"];
const PATCH_CONTENT_TYPES = [
  "application/json-patch+json",
  "application/merge-patch+json",
  "application/strategic-merge-patch+json",
  "application/apply-patch+yaml",
];

/** Answers 415 when a patch is of a type that nobody knows, and says whether it is known. */
export function servesPatchType(call: ApiCall, type: PatchType): boolean {
  if (PATCH_TYPES.includes(type)) return true;
  const accepted = PATCH_CONTENT_TYPES.join(", ");
  const text = `the body of the request was in an unknown format - accepted media types include: ${accepted}`;
  call.fail(415, "UnsupportedMediaType", text);
  return false;
}

function hasSubresource(kind: Kind, subresource: ApiCall["subresource"]): boolean {
  switch (subresource) {
    case "status":
      return kind.fields.includes("status"); // a kind with a status has the subresource, all of them
    case "scale":
      return kind.scale !== undefined;
    case "finalize":
      return kind.kind === "Namespace";
    default:
      return kind.kind === "Pod"; // binding, eviction
  }
}
