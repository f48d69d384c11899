/**
 * Sets of fields, as managed fields name them: a path of steps `f:NAME` (a field), `k:{...}` (an
 * item of a list, by its keys) and `v:VALUE` (a text of a set). Pure.
 *
 * Source: sigs.k8s.io/structured-merge-diff v4 (fieldpath: serialize.go, path.go; typed: tofieldset.go).
 */
import {
  type ApiObject,
  canonicalJson,
  type FieldSchema,
  type FieldType,
  fieldSchema,
  type Kind,
  type Struct,
} from "../../api/index.ts";
import { isObject, type Json, type JsonObject } from "./json.ts";

/** Steps joined by line feeds, which none of them contains. */
export type FieldPath = string;
export type FieldSet = ReadonlySet<FieldPath>;
/** The fields of an object with what they hold, as text; "" for what only holds others. */
export type Leaves = ReadonlyMap<FieldPath, string>;
export type FieldsV1 = { [step: string]: FieldsV1 };

const SEPARATOR = "\n";

/** Fields that nobody owns (stripmeta.go, and what the server alone sets). */
const UNOWNED: ReadonlySet<string> = new Set(
  [
    "name",
    "namespace",
    "uid",
    "resourceVersion",
    "creationTimestamp",
    "generation",
    "selfLink",
    "managedFields",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
  ].map((name) => pathOf("f:metadata", `f:${name}`)),
);

export function pathOf(parent: FieldPath, step: string): FieldPath {
  return parent === "" ? step : `${parent}${SEPARATOR}${step}`;
}

/** The step of an item of a list that is merged by keys; a port's protocol is TCP by default. */
export function itemStep(item: JsonObject, keys: readonly string[]): string {
  const held: Record<string, Json> = {};
  for (const key of keys) {
    const value = item[key] ?? (key === "protocol" ? "TCP" : undefined);
    if (value !== undefined) held[key] = value;
  }
  return `k:${canonicalJson(held)}`;
}

/** All fields of an object that somebody may own. */
export function leavesOf(object: ApiObject | JsonObject, kind: Kind): Leaves {
  const { apiVersion: _version, kind: _kind, ...rest } = object as JsonObject;
  const walk = new LeafWalk(fieldSchema(kind));
  walk.fields(rest, kind.kind, "");
  for (const path of UNOWNED) walk.leaves.delete(path);
  return walk.leaves;
}

class LeafWalk {
  readonly leaves = new Map<FieldPath, string>();
  readonly #schema: FieldSchema;

  constructor(schema: FieldSchema) {
    this.#schema = schema;
  }

  /** `structName` "": a map, or something whose fields are not known. */
  fields(value: JsonObject, structName: string, path: FieldPath): void {
    const struct: Struct | undefined = this.#schema.get(structName);
    for (const name of Object.keys(value)) {
      const held = value[name];
      if (held === undefined || held === null) continue;
      this.#field(held, struct?.get(name), pathOf(path, `f:${name}`));
    }
  }

  #field(value: Json, type: FieldType | undefined, path: FieldPath): void {
    if (type?.isAtomic === true) {
      this.leaves.set(path, canonicalJson(value));
    } else if (isObject(value)) {
      if (Object.keys(value).length === 0) this.leaves.set(path, "{}");
      else this.fields(value, type?.struct ?? "", path);
    } else if (Array.isArray(value) && type !== undefined && type.keys.length > 0) {
      for (const item of value as JsonObject[]) {
        const itemPath = pathOf(path, itemStep(item, type.keys));
        this.leaves.set(itemPath, "");
        this.fields(item, type.struct, itemPath);
      }
    } else if (Array.isArray(value) && type?.isSet === true) {
      for (const item of value) this.leaves.set(pathOf(path, `v:${JSON.stringify(item)}`), "");
    } else {
      this.leaves.set(path, canonicalJson(value));
    }
  }
}

/** As it stands in metadata.managedFields; steps in order, so that equal sets are equal texts. */
export function toFieldsV1(set: FieldSet): FieldsV1 {
  const root: FieldsV1 = {};
  for (const path of [...set].sort()) {
    let at = root;
    for (const step of path.split(SEPARATOR)) {
      at[step] ??= {};
      at = at[step];
    }
    at["."] = {};
  }
  dropLeafMarks(root);
  return root;
}

/** A member without fields of its own is `{}`, one with such has `.` among them. */
function dropLeafMarks(fields: FieldsV1): void {
  for (const [step, inner] of Object.entries(fields)) {
    if (step === ".") continue;
    const { length } = Object.keys(inner);
    if (length === 1 && inner["."] !== undefined) delete inner["."];
    else dropLeafMarks(inner);
  }
}

export function fromFieldsV1(fields: FieldsV1): Set<FieldPath> {
  const set = new Set<FieldPath>();
  collect(fields, "", set);
  return set;
}

function collect(fields: FieldsV1, path: FieldPath, set: Set<FieldPath>): void {
  for (const [step, inner] of Object.entries(fields)) {
    if (step === ".") {
      set.add(path);
      continue;
    }
    const next = pathOf(path, step);
    if (Object.keys(inner).length === 0) set.add(next);
    else collect(inner, next, set);
  }
}

/** The path as messages show it: `.spec.containers[name="nginx"].image`. */
export function describePath(path: FieldPath): string {
  let text = "";
  for (const step of path.split(SEPARATOR)) {
    const rest = step.slice(2);
    if (step.startsWith("f:")) text += `.${rest}`;
    else if (step.startsWith("v:")) text += `[=${rest}]`;
    else {
      const keys = Object.entries(JSON.parse(rest) as JsonObject);
      text += `[${keys.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(",")}]`;
    }
  }
  return text;
}

/** All paths above those of the set. */
export function ancestorsOf(set: FieldSet): Set<FieldPath> {
  const ancestors = new Set<FieldPath>();
  for (const path of set) {
    for (
      let end = path.lastIndexOf(SEPARATOR);
      end > 0;
      end = path.lastIndexOf(SEPARATOR, end - 1)
    ) {
      const above = path.slice(0, end);
      if (ancestors.has(above)) break;
      ancestors.add(above);
    }
  }
  return ancestors;
}
