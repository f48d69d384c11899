/** What admission plugins are told, and how they say no. */
import type { ApiObject, KeyRecord, Kind, Manifest, ObjectMeta } from "../../api/index.ts";
import { qualified } from "../answers.ts";
import type { ApiCall } from "../api-call.ts";

/**
 * An object on its way in: its metadata is complete, its spec may lack defaults (a pod's has them).
 * It is the request's own: a plugin changes it by putting another value in the place of a field.
 */
export type Draft = Omit<Manifest, "spec" | "metadata"> & {
  metadata: Readonly<ObjectMeta>;
  spec?: unknown;
};

/** What a plugin is told about a request (apiserver/pkg/admission: Attributes). */
export interface AdmissionAttributes {
  readonly operation: "CREATE" | "UPDATE" | "DELETE";
  readonly call: ApiCall;
  readonly kind: Kind;
  readonly record: KeyRecord;
  /** The object as it is stored; undefined for CREATE. */
  readonly old: ApiObject | undefined;
}

/** A plugin of kube-apiserver. Whatever answers false has failed the call. */
export interface AdmissionPlugin {
  /** Its name in --disable-admission-plugins. */
  readonly name: string;
  /** Kinds that it looks at; "*": all. */
  readonly kinds: readonly string[] | "*";
  /** Mutating admission. */
  admit?(attributes: AdmissionAttributes, draft: Draft): boolean;
  /** Validating admission of the final object (for DELETE: the stored one). */
  validate?(attributes: AdmissionAttributes, object: ApiObject): boolean;
}

/** 403 in the words of admission.NewForbidden. */
export function forbid({ call, kind, record }: AdmissionAttributes, why: string): false {
  call.fail(403, "Forbidden", `${qualified(kind)} "${record.name}" is forbidden: ${why}`);
  return false;
}

/**
 * The same in mutating admission, where a name is not generated yet: its prefix stands for it
 * (apiserver/pkg/admission/errors.go: extractResourceName).
 */
export function forbidDraft({ call, kind, record }: AdmissionAttributes, why: string): false {
  const { name = "", generateName = "" } = (call.body as Manifest | undefined)?.metadata ?? {};
  const shown = name === "" && generateName !== "" ? generateName : record.name;
  call.fail(403, "Forbidden", `${qualified(kind)} "${shown}" is forbidden: ${why}`);
  return false;
}
