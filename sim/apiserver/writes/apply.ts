/**
 * Server-side apply: PATCH with an apply patch (KEP-555). The body is all that its field manager
 * wants; the server merges it, takes away what the manager wanted before, and refuses to change what
 * others own unless it is forced to.
 *
 * Source: staging/src/k8s.io/apimachinery/pkg/util/managedfields/internal/{structuredmerge,
 * skipnonapplied,lastappliedmanager,conflict}.go of v1.30.
 */
import {
  type ApiObject,
  describeFieldError,
  fieldSchema,
  type Manifest,
  required,
  strictDecode,
  timestamp,
} from "../../api/index.ts";
import { conflict, failInvalid, qualified, uidMismatch, type WriteContext } from "../answers.ts";
import { mergeApplied, prune } from "./apply-merge.ts";
import { change } from "./change.ts";
import { createAs } from "./create.ts";
import { describePath, type FieldPath, type FieldSet, leavesOf } from "./field-set.ts";
import type { JsonObject } from "./json.ts";
import {
  changesOf,
  encodeManagers,
  type Manager,
  managersOf,
  withFields,
} from "./managed-fields.ts";

/** Owner of everything that an object had before it was first applied to (skipnonapplied.go). */
const BEFORE_FIRST_APPLY = "before-first-apply";
const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

/** PATCH with patchType apply: creates the object where it is absent. */
export function apply(context: WriteContext): void {
  const { call, record, kind } = context;
  const config = checkedConfig(context);
  if (config === undefined) return;
  const old = record.stored;
  const { uid, resourceVersion = "" } = config.metadata ?? {};
  if (old !== undefined) {
    if (uid !== undefined && uid !== old.metadata.uid)
      return conflict(call, kind, record.name, uidMismatch(uid, old.metadata.uid));
    return applyTo(context, old, config, resourceVersion);
  }
  if (uid !== undefined) {
    const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`;
    return conflict(call, kind, record.name, why);
  }
  if (resourceVersion !== "")
    return call.fail(404, "NotFound", `${qualified(kind)} "${record.name}" not found`);
  const own = applier(context, config);
  createAs(context, config, encodeManagers([own]));
}

/** The body without its status, if it can be applied; else answers why not. */
function checkedConfig({ call, kind, record }: WriteContext): Manifest | undefined {
  if ((call.options.fieldManager ?? "") === "") {
    const fault = required("fieldManager", "is required for apply patch");
    failInvalid(call, 'PatchOptions.meta.k8s.io ""', [fault]);
    return undefined;
  }
  const body = structuredClone(call.body) as Manifest;
  if (body.metadata?.managedFields !== undefined) {
    call.fail(400, "BadRequest", "metadata.managedFields must be nil");
    return undefined;
  }
  const [fault] = strictDecode(kind, body);
  if (fault !== undefined) {
    const { name, namespace } = record;
    const what = `${namespace}/${name}; ${kind.apiVersion}, Kind=${kind.kind}`;
    const text = `failed to create typed patch object (${what}): ${describeFieldError(fault)}`;
    call.fail(400, "BadRequest", text);
    return undefined;
  }
  if (call.subresource === "status") return body;
  const { status, ...config } = body;
  return kind.kind === "Node" && record.stored === undefined && status !== undefined
    ? body
    : config;
}

function applyTo(context: WriteContext, old: ApiObject, config: Manifest, expected: string): void {
  const { call, kind, nowUs } = context;
  const schema = fieldSchema(kind);
  const before = managersBefore(old, context);
  const own = applier(context, config);
  const last = before.find((manager) => isApplierOf(manager, own));
  const others = before.filter((manager) => manager !== last);
  const merged = mergeApplied(
    old as unknown as JsonObject,
    withOwnName(config, old) as JsonObject,
    schema,
    kind.kind,
  );
  const owned = new Set(own.fields);
  for (const { fields } of others) for (const path of fields) owned.add(path);
  const pruned = prune(merged, last?.fields ?? NO_FIELDS, owned, schema, kind.kind);
  const next = pruned as unknown as ApiObject;
  const { set, removed } = changesOf(leavesOf(old, kind), leavesOf(next, kind));
  const conflicts = conflictsOf(others, set);
  const isForced = call.options.force === true || isUpgrade(context, old, conflicts);
  if (conflicts.length > 0 && !isForced) return failConflicts(call, conflicts);
  const managers = others.map((manager) => {
    const fields = [...manager.fields].filter((path) => !set.has(path) && !removed.has(path));
    return withFields(manager, new Set(fields), manager.time);
  });
  managers.push(last === undefined ? own : withFields(last, own.fields, timestamp(nowUs)));
  const metadata = { ...next.metadata, managedFields: encodeManagers(managers) };
  change(context, { ...next, metadata } as ApiObject, old, expected);
}

const NO_FIELDS: FieldSet = new Set();

/** The applying manager with all that its config names. */
function applier({ call, kind, nowUs }: WriteContext, config: Manifest): Manager {
  return {
    manager: call.options.fieldManager ?? "",
    operation: "Apply",
    apiVersion: kind.apiVersion,
    subresource: call.subresource,
    time: timestamp(nowUs),
    fields: new Set(leavesOf(config as JsonObject, kind).keys()),
  };
}

function isApplierOf(manager: Manager, own: Manager): boolean {
  return (
    manager.operation === "Apply" &&
    manager.manager === own.manager &&
    manager.subresource === own.subresource
  );
}

/** Before its first apply, all that an object has belongs to a manager of that name. */
function managersBefore(old: ApiObject, { kind, nowUs }: WriteContext): Manager[] {
  const managers = managersOf(old);
  if (managers.length > 0) return managers;
  const { status: _status, ...rest } = old as unknown as JsonObject;
  const fields = new Set(leavesOf(rest, kind).keys());
  const { apiVersion } = kind;
  const time = timestamp(nowUs);
  return [
    { manager: BEFORE_FIRST_APPLY, operation: "Update", apiVersion, subresource: "", time, fields },
  ];
}

/** Metadata that the body need not repeat, and may not change. */
function withOwnName(config: Manifest, { metadata, apiVersion, kind }: ApiObject): Manifest {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata;
  const own = { name, namespace, uid, resourceVersion, creationTimestamp };
  return { ...config, apiVersion, kind, metadata: { ...config.metadata, ...own } };
}

interface Conflict {
  readonly manager: Manager;
  readonly path: FieldPath;
}

/** Fields that the apply would change, and others own. */
function conflictsOf(others: readonly Manager[], set: FieldSet): Conflict[] {
  return others.flatMap((manager) =>
    [...manager.fields]
      .filter((path) => set.has(path))
      .sort()
      .map((path) => ({ manager, path })),
  );
}

/**
 * kubectl goes over from client-side to server-side apply: what its last-applied annotation names
 * is its own (lastappliedmanager.go).
 */
function isUpgrade(
  { call, kind }: WriteContext,
  { metadata }: ApiObject,
  conflicts: readonly Conflict[],
): boolean {
  const text = metadata.annotations?.[LAST_APPLIED];
  if (call.options.fieldManager !== "kubectl" || text === undefined) return false;
  try {
    const lastApplied = leavesOf(JSON.parse(text) as JsonObject, kind);
    return conflicts.every(({ path }) => lastApplied.has(path));
  } catch {
    return false; // the user wrote the annotation, and it is no JSON
  }
}

/** NewApplyConflict in apimachinery/pkg/api/errors: a cause for each field. */
function failConflicts(call: WriteContext["call"], conflicts: readonly Conflict[]): void {
  call.fail(409, "Conflict", conflictMessage(conflicts));
  call.causes = conflicts.map(({ manager, path }) => ({
    reason: "FieldManagerConflict",
    message: `conflict with ${nameOf(manager)}`,
    field: describePath(path),
  }));
}

function conflictMessage(conflicts: readonly Conflict[]): string {
  const count = conflicts.length;
  const [only] = conflicts;
  if (count === 1 && only !== undefined)
    return `Apply failed with 1 conflict: conflict with ${nameOf(only.manager)}: ${describePath(only.path)}`;
  const byManager = new Map<string, string[]>();
  for (const { manager, path } of conflicts) {
    const name = nameOf(manager);
    byManager.set(name, [...(byManager.get(name) ?? []), `- ${describePath(path)}`]);
  }
  const lines = [...byManager.keys()]
    .sort()
    .flatMap((name) => [`conflicts with ${name}:`, ...(byManager.get(name) ?? [])]);
  return `Apply failed with ${count} conflicts: ${lines.join("\n")}`;
}

function nameOf({ manager, operation, apiVersion, subresource }: Manager): string {
  const name = JSON.stringify(manager);
  const where = subresource === "" ? "" : ` with subresource ${JSON.stringify(subresource)}`;
  return `${name}${where}${operation === "Update" ? ` using ${apiVersion}` : ""}`;
}
