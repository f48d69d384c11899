/**
 * The field types of a kind (field-types.ts), read once: what each field of each struct holds, and
 * how two versions of it are merged. Strict decoding, patches and server-side apply work from it.
 */
import { SHARED_FIELD_TYPES } from "./field-types.ts";
import type { Kind } from "./kind.ts";

export type FieldCheck = "string" | "int" | "number" | "bool" | "quantity" | "intstr" | "any";

/** What a field holds: a scalar, texts or amounts by name, or a struct; perhaps a list of it. */
export interface FieldType {
  readonly check: FieldCheck | "map" | "quantities" | "struct";
  /** Name of the struct, or "". */
  readonly struct: string;
  readonly isList: boolean;
  /**
   * Fields that tell the items of a merged list apart: the first is the merge key of patches
   * (patchMergeKey), all together that of server-side apply (listMapKey). Empty: no such list.
   */
  readonly keys: readonly string[];
  /** A list of texts that is merged as a set (patchStrategy merge, listType set). */
  readonly isSet: boolean;
  /** A map or struct that server-side apply treats as one value (mapType, structType atomic). */
  readonly isAtomic: boolean;
  /** Of its fields some exclude each other: patches say which remain (patchStrategy retainKeys). */
  readonly isUnion: boolean;
  /** Accepted, without effect in the simulation. */
  readonly isIgnored: boolean;
  /** Its value in Kubernetes when it is absent, as text; "": none. */
  readonly usual: string;
}

/** The fields of a struct, by name. */
export type Struct = ReadonlyMap<string, FieldType>;

/** All structs of a kind, by name; the kind itself is the one with its name. */
export type FieldSchema = ReadonlyMap<string, Struct>;

const schemas = new WeakMap<Kind, FieldSchema>();

/** The schema of a kind; compiled at its first use. */
export function fieldSchema(kind: Kind): FieldSchema {
  let schema = schemas.get(kind);
  if (schema === undefined) {
    schema = compileFieldTypes({ ...SHARED_FIELD_TYPES, ...kind.fieldTypes });
    schemas.set(kind, schema);
  }
  return schema;
}

/** Reads the notation of field-types.ts. */
export function compileFieldTypes(types: Readonly<Record<string, string>>): FieldSchema {
  return new Map(Object.entries(types).map(([name, fields]) => [name, compileStruct(fields)]));
}

const SCALARS: ReadonlySet<string> = new Set([
  "string",
  "int",
  "number",
  "bool",
  "quantity",
  "intstr",
  "any",
  "map",
  "quantities",
]);

/** Perhaps `~`, `name`, then perhaps `=Default` and `:Type`. */
const FIELD = /^(~?)(\w+)(?:=([^:]*))?(?::(.*))?$/;

/** `Type`, then perhaps `[]`, `[key,key]` or `[set]`, then perhaps `(atomic)` or `(union)`. */
const WRITTEN = /^(\w+)(?:\[([\w,]*)\])?(?:\((atomic|union)\))?$/;

function compileStruct(fields: string): Struct {
  const struct = new Map<string, FieldType>();
  for (const field of fields.split(" ")) {
    const [, mark, name, usual = "", written = "string"] = FIELD.exec(field) ?? [];
    if (name === undefined) throw new Error(`field "${field}" is not readable`);
    struct.set(name, compileType(written, mark === "~", usual));
  }
  return struct;
}

function compileType(written: string, isIgnored: boolean, usual: string): FieldType {
  const [, base, list, mark] = WRITTEN.exec(written) ?? [];
  if (base === undefined) throw new Error(`field type "${written}" is not readable`);
  const isSet = list === "set";
  const check = SCALARS.has(base) ? (base as FieldCheck) : "struct";
  return {
    check,
    struct: check === "struct" ? base : "",
    isList: list !== undefined,
    keys: list === undefined || list === "" || isSet ? [] : list.split(","),
    isSet,
    isAtomic: mark === "atomic",
    isUnion: mark === "union",
    isIgnored,
    usual,
  };
}
