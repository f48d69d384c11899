/** The answers of the API to a write, in its own words (metav1.Status). */
import {
  type ApiObject,
  type FieldError,
  type KeyRecord,
  type Kind,
  type Service,
  statusCause,
} from "../api/index.ts";
import { type Etcd, NO_SPACE, type WriteConflict } from "../etcd/index.ts";
import type { Micros } from "../kernel/index.ts";
import type { AdmissionChain } from "./admission/index.ts";
import type { ServiceAllocators } from "./allocation/index.ts";
import type { ApiCall } from "./api-call.ts";

/** What a verb works on. */
export interface WriteContext {
  readonly etcd: Etcd;
  readonly admission: AdmissionChain;
  readonly services: ServiceAllocators;
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

/**
 * The defaulted object with what the API server gives out: the addresses and ports of a Service.
 * undefined: the call was failed.
 */
export function allocated(
  { services, call, record }: WriteContext,
  object: ApiObject,
  old: ApiObject | undefined,
): ApiObject | undefined {
  if (record.kind !== "Service") return object;
  return services.allocate(call, record, object as Service, old as Service | undefined);
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
    case "full":
      return call.fail(500, "", NO_SPACE);
  }
}

export const MODIFIED =
  "the object has been modified; please apply your changes to the latest version and try again";

export function conflict(call: ApiCall, kind: Kind, name: string, why: string): void {
  const text = `Operation cannot be fulfilled on ${qualified(kind)} "${name}": ${why}`;
  call.fail(409, "Conflict", text);
}

/**
 * Answers 400 when a body is not about the object that the request names, and says whether it is.
 * A body without a namespace is of the request's (checkName in apiserver/pkg/endpoints/handlers/rest.go).
 */
export function namesItsObject(
  call: ApiCall,
  record: KeyRecord,
  { name = "", namespace = "" }: { readonly name?: string; readonly namespace?: string },
): boolean {
  if (name === record.name && (namespace === "" || namespace === record.namespace)) return true;
  call.fail(400, "BadRequest", misnamed(record, name, namespace));
  return false;
}

function misnamed(record: KeyRecord, name: string, namespace: string): string {
  if (name === "")
    return `the name of the object (${record.name} based on URL) was undeterminable: name must be provided`;
  if (name !== record.name)
    return `the name of the object (${name}) does not match the name on the URL (${record.name})`;
  return `the namespace of the object (${namespace}) does not match the namespace on the request (${record.namespace})`;
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
  const group = kind.apiVersion.includes("/") ? `.${kind.apiVersion.split("/")[0]}` : "";
  failInvalid(call, `${kind.kind}${group} "${name}"`, errors);
}

/** 422: one message of all faults, and each of them as a cause. `what` is `Pod "a"`. */
export function failInvalid(call: ApiCall, what: string, errors: readonly FieldError[]): void {
  // The same text twice is said once (util/errors: aggregate).
  const list = [...new Set(errors.map(({ path, message }) => `${path}: ${message}`))];
  const all = list.length === 1 ? list[0] : `[${list.join(", ")}]`;
  call.fail(422, "Invalid", `${what} is invalid: ${all}`);
  call.causes = errors.map(statusCause);
}

/** Resource with its group: `pods`, `deployments.apps`. */
export function qualified(kind: Kind): string {
  const [group, version] = kind.apiVersion.split("/");
  return version === undefined ? kind.resource : `${kind.resource}.${group}`;
}
