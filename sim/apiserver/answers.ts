/** The answers of the API to a write, in its own words (metav1.Status). */
import type { ApiObject, FieldError, KeyRecord, Kind } from "../api/index.ts";
import type { Etcd, WriteConflict } from "../etcd/index.ts";
import type { Micros } from "../kernel/index.ts";
import type { ApiCall } from "./api-call.ts";

/** What a verb works on. */
export interface WriteContext {
  readonly etcd: Etcd;
  readonly call: ApiCall;
  readonly kind: Kind;
  readonly record: KeyRecord;
  readonly nowUs: Micros;
}

/** The object as it is, or undefined after answering 404. */
export function current({ call, kind, record }: WriteContext): ApiObject | undefined {
  const object = record.stored;
  if (object === undefined)
    call.fail(404, "NotFound", `${qualified(kind)} "${record.name}" not found`);
  return object;
}

/** Turns etcd's verdict into the call's answer. */
export function settle(
  { call, kind, record }: WriteContext,
  result: WriteConflict | { readonly object: ApiObject },
  code: 200 | 201,
): void {
  const name = record.name;
  if (typeof result !== "string") return call.succeed(code, result.object);
  switch (result) {
    case "exists":
      return call.fail(409, "AlreadyExists", `${qualified(kind)} "${name}" already exists`);
    case "missing":
      return call.fail(404, "NotFound", `${qualified(kind)} "${name}" not found`);
    case "stale":
      return conflict(call, kind, name, MODIFIED);
  }
}

export const MODIFIED =
  "the object has been modified; please apply your changes to the latest version and try again";

export function conflict(call: ApiCall, kind: Kind, name: string, why: string): void {
  const text = `Operation cannot be fulfilled on ${qualified(kind)} "${name}": ${why}`;
  call.fail(409, "Conflict", text);
}

export function uidMismatch(wanted: string, found: string): string {
  return `Precondition failed: UID in precondition: ${wanted}, UID in object meta: ${found}`;
}

export function invalid(
  call: ApiCall,
  kind: Kind,
  name: string,
  errors: readonly FieldError[],
): void {
  const list = errors.map(({ path, message }) => `${path}: ${message}`);
  const all = list.length === 1 ? list[0] : `[${list.join(", ")}]`;
  const group = kind.apiVersion.includes("/") ? `.${kind.apiVersion.split("/")[0]}` : "";
  call.fail(422, "Invalid", `${kind.kind}${group} "${name}" is invalid: ${all}`);
}

/** Resource with its group: `pods`, `deployments.apps`. */
export function qualified(kind: Kind): string {
  const [group, version] = kind.apiVersion.split("/");
  return version === undefined ? kind.resource : `${kind.resource}.${group}`;
}
