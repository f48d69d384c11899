/**
 * Managed fields: who set which field of an object, one entry by manager, operation and
 * subresource. Only objects that were applied to server-side carry them; all others pay nothing.
 * A real API server keeps them for every object from its creation on.
 *
 * Source: staging/src/k8s.io/apimachinery/pkg/util/managedfields/internal of v1.30 and
 * sigs.k8s.io/structured-merge-diff v4 (merge/update.go).
 */
import { type ApiObject, type Kind, type ObjectMeta, timestamp } from "../../api/index.ts";
import type { Micros } from "../../kernel/index.ts";
import type { ApiCall } from "../api-call.ts";
import {
  type FieldPath,
  type FieldsV1,
  fromFieldsV1,
  type Leaves,
  leavesOf,
  toFieldsV1,
} from "./field-set.ts";

export type ManagedFieldsEntry = NonNullable<ObjectMeta["managedFields"]>[number];

/** A manager with the set of its fields. */
export interface Manager {
  readonly manager: string;
  readonly operation: "Apply" | "Update";
  readonly apiVersion: string;
  readonly subresource: string;
  readonly time: string;
  readonly fields: ReadonlySet<FieldPath>;
}

export function managersOf({ metadata }: ApiObject): Manager[] {
  return (metadata.managedFields ?? []).map((entry) => ({
    manager: entry.manager ?? "",
    operation: entry.operation === "Apply" ? "Apply" : "Update",
    apiVersion: entry.apiVersion ?? "",
    subresource: entry.subresource ?? "",
    time: entry.time ?? "",
    fields: fromFieldsV1((entry.fieldsV1 ?? {}) as FieldsV1),
  }));
}

/** In the order of the API: Apply before Update, then by time and name (sortEncodedManagedFields). */
export function encodeManagers(managers: readonly Manager[]): ManagedFieldsEntry[] {
  return managers
    .filter(({ fields }) => fields.size > 0)
    .sort(byOperationTimeName)
    .map(({ manager, operation, apiVersion, subresource, time, fields }) => ({
      manager,
      operation,
      apiVersion,
      time,
      fieldsType: "FieldsV1",
      fieldsV1: toFieldsV1(fields),
      ...(subresource === "" ? {} : { subresource }),
    }));
}

function byOperationTimeName(a: Manager, b: Manager): number {
  if (a.operation !== b.operation) return a.operation < b.operation ? -1 : 1;
  if (a.time !== b.time) return a.time < b.time ? -1 : 1;
  if (a.manager !== b.manager) return a.manager < b.manager ? -1 : 1;
  return a.subresource < b.subresource ? -1 : 1;
}

/** Which fields differ between two versions of an object. */
export interface Changes {
  /** Added or changed. */
  readonly set: ReadonlySet<FieldPath>;
  readonly removed: ReadonlySet<FieldPath>;
}

export function changesOf(before: Leaves, after: Leaves): Changes {
  const set = new Set<FieldPath>();
  const removed = new Set<FieldPath>();
  for (const [path, value] of after) if (before.get(path) !== value) set.add(path);
  for (const path of before.keys()) if (!after.has(path)) removed.add(path);
  return { set, removed };
}

/** The manager with other fields; its time is that of the change, if there is one. */
export function withFields(
  manager: Manager,
  fields: ReadonlySet<FieldPath>,
  time: string,
): Manager {
  const { fields: held } = manager;
  const isSame = held.size === fields.size && [...fields].every((path) => held.has(path));
  return isSame ? manager : { ...manager, fields, time };
}

/**
 * The object after an update or patch by somebody: the fields that it changed are its own now, and
 * nobody's else. The object is returned as it is where nobody ever applied to it.
 */
export function trackUpdate(
  next: ApiObject,
  old: ApiObject,
  { call, kind, nowUs }: { readonly call: ApiCall; readonly kind: Kind; readonly nowUs: Micros },
): ApiObject {
  if (old.metadata.managedFields === undefined) return next;
  const { managedFields: given, ...metadata } = next.metadata;
  if (given !== undefined && given.length === 0) return { ...next, metadata } as ApiObject;
  const { set, removed } = changesOf(leavesOf(old, kind), leavesOf(next, kind));
  const time = timestamp(nowUs);
  const name = call.options.fieldManager ?? call.clientName;
  const own = set.size > 0 ? ownUpdater(managersOf(old), call, kind, name, time) : undefined;
  const managers = managersOf(old).filter((manager) => !isSameManager(manager, own));
  const rest = managers.map((manager) => {
    const left = [...manager.fields].filter((path) => !set.has(path) && !removed.has(path));
    return withFields(manager, new Set(left), manager.time);
  });
  if (own !== undefined) {
    const fields = [...own.fields].filter((path) => !removed.has(path));
    rest.push(withFields(own, new Set([...fields, ...set]), time));
  }
  return { ...next, metadata: { ...metadata, managedFields: encodeManagers(rest) } } as ApiObject;
}

function ownUpdater(
  managers: readonly Manager[],
  { subresource }: ApiCall,
  { apiVersion }: Kind,
  manager: string,
  time: string,
): Manager {
  const fresh: Manager = {
    manager,
    operation: "Update",
    apiVersion,
    subresource,
    time,
    fields: new Set(),
  };
  return managers.find((each) => isSameManager(each, fresh)) ?? fresh;
}

function isSameManager(a: Manager, b: Manager | undefined): boolean {
  return (
    b !== undefined &&
    a.manager === b.manager &&
    a.operation === b.operation &&
    a.subresource === b.subresource
  );
}
