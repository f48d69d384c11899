/** PATCH, as it takes effect at the moment of commit. */
import { type ApiObject, fieldSchema, forbidden, invalid, type Manifest } from "../../api/index.ts";
import {
  conflict,
  current,
  failInvalid,
  namesItsObject,
  uidMismatch,
  type WriteContext,
} from "../answers.ts";
import type { PatchType } from "../api-call.ts";
import { servesPatchType } from "../served-resources.ts";
import { apply } from "./apply.ts";
import { change } from "./change.ts";
import type { JsonObject } from "./json.ts";
import {
  type JsonPatchOperation,
  jsonPatch,
  jsonPatchFault,
  MAX_JSON_PATCH_OPERATIONS,
} from "./json-patch.ts";
import { mergePatch } from "./merge-patch.ts";
import { patchedFieldFaults } from "./patched-fields.ts";
import { statusPatch } from "./status-patch.ts";
import { PatchFault, strategicMerge } from "./strategic-merge.ts";

/**
 * PATCH: merges the body into the object as its type says; without a resourceVersion in it there
 * is no conflict. A patch without a type comes from a component: strategic, and its fields are known
 * to exist.
 */
export function patch(context: WriteContext): void {
  const { call, kind } = context;
  const { patchType, force } = call.options;
  if (patchType === "apply") return apply(context);
  if (force !== undefined) return failInvalid(call, 'PatchOptions.meta.k8s.io ""', [FORCED]);
  if (patchType !== undefined && !servesPatchType(call, patchType)) return;
  const old = current(context);
  if (old === undefined) return;
  if (patchType !== undefined) return userPatch(context, old, patchType);
  const body = call.body as Manifest;
  const expected = precondition(context, old, body);
  if (expected === undefined) return;
  const target = old as unknown as JsonObject;
  const merged =
    call.subresource === "status"
      ? statusPatch(target, body as JsonObject)
      : strategicMerge(target, body as JsonObject, fieldSchema(kind), kind.kind);
  change(context, merged as unknown as ApiObject, old, expected);
}

/** metav1 ValidatePatchOptions. */
const FORCED = forbidden("force", "may not be specified for non-apply patch");

/** A patch that says its type: nothing about it is known, so all of it is checked. */
function userPatch(context: WriteContext, old: ApiObject, type: PatchType): void {
  const { call, kind, record } = context;
  const merged = merge(context, old, type);
  if (merged === undefined) return;
  const { uid, resourceVersion = "" } = merged.metadata;
  if (!namesItsObject(call, record, merged.metadata)) return;
  if (uid !== old.metadata.uid)
    return conflict(call, kind, record.name, uidMismatch(uid, old.metadata.uid));
  const faults = patchedFieldFaults(kind, merged, old, call.body);
  if (faults.length > 0) {
    const detail = `strict decoding error: ${faults.join(", ")}`;
    return failInvalid(call, ' ""', [invalid("patch", JSON.stringify(call.body), detail)]);
  }
  const next = call.subresource === "status" ? withStatusOf(merged, old) : merged;
  change(context, next, old, resourceVersion === "" ? "" : resourceVersion);
}

function merge(context: WriteContext, old: ApiObject, type: PatchType): ApiObject | undefined {
  const { call, kind } = context;
  const target = old as unknown as JsonObject;
  if (type === "json") return jsonPatched(context, target);
  const body = call.body as JsonObject;
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    call.fail(400, "BadRequest", "Invalid JSON Patch"); // ErrBadJSONDoc of strategicpatch
    return undefined;
  }
  const copy = structuredClone(body);
  if (type === "merge") return withOwnMetadata(mergePatch(target, copy) as JsonObject);
  try {
    return withOwnMetadata(strategicMerge(target, copy, fieldSchema(kind), kind.kind));
  } catch (fault) {
    if (!(fault instanceof PatchFault)) throw fault;
    call.fail(400, "BadRequest", fault.message);
    return undefined;
  }
}

function jsonPatched({ call }: WriteContext, target: JsonObject): ApiObject | undefined {
  const fault = jsonPatchFault(call.body);
  if (fault !== undefined) {
    call.fail(400, "BadRequest", fault);
    return undefined;
  }
  const operations = structuredClone(call.body) as unknown as JsonPatchOperation[];
  if (operations.length > MAX_JSON_PATCH_OPERATIONS) {
    const text = `The allowed maximum operations in a JSON patch is ${MAX_JSON_PATCH_OPERATIONS}, got ${operations.length}`;
    call.fail(413, "RequestEntityTooLarge", `Request entity is too large: ${text}`);
    return undefined;
  }
  const patched = jsonPatch(target, operations) as JsonObject | undefined;
  if (patched === undefined || typeof patched["metadata"] !== "object") {
    const text = "the server rejected our request due to an error in our request";
    call.fail(422, "Invalid", text);
    return undefined;
  }
  return withOwnMetadata(patched);
}

/** The revision that the body asks for ("": any); undefined after answering a conflict. */
function precondition(
  { call, kind, record }: WriteContext,
  old: ApiObject,
  body: Manifest,
): string | undefined {
  const { uid, resourceVersion = "" } = body.metadata ?? {};
  if (uid === undefined || uid === old.metadata.uid) return resourceVersion;
  conflict(call, kind, record.name, uidMismatch(uid, old.metadata.uid));
  return undefined;
}

/** The store writes the revision into the metadata: they must not be shared with the old object. */
function withOwnMetadata(merged: JsonObject): ApiObject {
  const object = merged as unknown as ApiObject;
  return { ...object, metadata: { ...object.metadata } };
}

/** Of the status subresource nothing but the status is taken. */
function withStatusOf(merged: ApiObject, old: ApiObject): ApiObject {
  const { status = {} } = merged as { readonly status?: unknown };
  return { ...old, metadata: { ...old.metadata }, status } as ApiObject;
}
