/**
 * Strategic merge patch: JSON merge patch that knows the fields' types. Items of a list that has a
 * merge key are merged one by one, and directives (`$patch`, `$retainKeys`,
 * `$deleteFromPrimitiveList/FIELD`, `$setElementOrder/FIELD`) say the rest.
 *
 * Source: staging/src/k8s.io/apimachinery/pkg/util/strategicpatch/patch.go of v1.30. Makes new
 * objects and shares what the patch does not name.
 */
import type { FieldSchema, FieldType, Struct } from "../../api/index.ts";
import { isObject, type Json, type JsonObject } from "./json.ts";
import { mergePrimitiveList, orderList } from "./list-order.ts";

/** The patch cannot be understood: 400 with this message. */
export class PatchFault extends Error {}

const DIRECTIVE = "$patch";
const RETAIN_KEYS = "$retainKeys";
const DELETE_PRIMITIVE = "$deleteFromPrimitiveList/";
const SET_ORDER = "$setElementOrder/";

/** The patched object; throws a PatchFault, which `patch` catches, at a malformed directive. */
export function strategicMerge(
  target: JsonObject,
  patch: JsonObject,
  schema: FieldSchema,
  structName: string,
): JsonObject {
  return new StrategicMerge(schema).map(target, patch, schema.get(structName));
}

class StrategicMerge {
  readonly #schema: FieldSchema;

  constructor(schema: FieldSchema) {
    this.#schema = schema;
  }

  /** `struct` undefined: a map of texts, or something whose fields are not known. */
  map(target: JsonObject, patch: JsonObject, struct: Struct | undefined): JsonObject {
    const directive = patch[DIRECTIVE];
    if (directive === "replace") return this.map({}, without(patch, DIRECTIVE), struct);
    if (directive === "delete") return {};
    if (directive !== undefined && directive !== "merge")
      throw new PatchFault(`Unknown patch type found: ${String(directive)}`);
    const merged: { [field: string]: Json } = retained(target, patch);
    for (const name of Object.keys(patch)) {
      const value = patch[name];
      if (value === undefined) continue;
      if (name.startsWith("$")) this.#directive(name, value, merged, patch, struct);
      else if (value === null) delete merged[name];
      else merged[name] = this.#value(merged[name], value, struct?.get(name), patch, name);
    }
    return merged;
  }

  #value(
    held: Json,
    value: Json,
    type: FieldType | undefined,
    patch: JsonObject,
    name: string,
  ): Json {
    if (isObject(value)) return this.map(isObject(held) ? held : {}, value, this.#structOf(type));
    if (!Array.isArray(value) || type === undefined) return value;
    const order = patch[`${SET_ORDER}${name}`] as Json[] | undefined;
    const [key] = type.keys;
    if (key !== undefined) return this.#items(listOf(held), value, type, key, order);
    if (!type.isSet) return value;
    return mergePrimitiveList(listOf(held), value, order);
  }

  #structOf(type: FieldType | undefined): Struct | undefined {
    return type?.check === "struct" ? this.#schema.get(type.struct) : undefined;
  }

  /** A field that begins with `$`. Those about a list whose items are patched too wait for them. */
  #directive(
    name: string,
    value: Json,
    merged: { [field: string]: Json },
    patch: JsonObject,
    struct: Struct | undefined,
  ): void {
    if (name === RETAIN_KEYS || name === DIRECTIVE) return;
    if (name.startsWith(DELETE_PRIMITIVE)) {
      const field = name.slice(DELETE_PRIMITIVE.length);
      if (!Array.isArray(value)) throw new PatchFault(badFormat(name, "a list of primitives"));
      const held = merged[field];
      if (Array.isArray(held)) merged[field] = held.filter((each) => !value.includes(each));
      return;
    }
    if (!name.startsWith(SET_ORDER)) return; // an unknown one: strict decoding will name it
    const field = name.slice(SET_ORDER.length);
    if (!Array.isArray(value)) throw new PatchFault(badFormat(name, "a list"));
    const held = merged[field];
    if (patch[field] === undefined && Array.isArray(held)) {
      merged[field] = orderList(held, held, value, struct?.get(field)?.keys[0]);
    }
  }

  #items(
    held: readonly Json[],
    patch: readonly Json[],
    type: FieldType,
    key: string,
    order: readonly Json[] | undefined,
  ): Json[] {
    const items = patch as readonly JsonObject[];
    for (const item of items)
      if (!isObject(item)) throw new PatchFault("expected map, got a value in a list of maps");
    if (items.some((item) => item[DIRECTIVE] === "replace"))
      return items.filter((item) => item[DIRECTIVE] === undefined);
    const struct = this.#structOf(type);
    let merged: Json[] = [...held];
    const patched: Json[] = [];
    for (const item of items) {
      const wanted = item[key];
      if (wanted === undefined || wanted === null)
        throw new PatchFault(
          `map: ${JSON.stringify(item)} does not contain declared merge key: ${key}`,
        );
      const place = merged.findIndex((other) => (other as JsonObject)[key] === wanted);
      if (item[DIRECTIVE] === "delete") {
        merged = merged.filter((other) => (other as JsonObject)[key] !== wanted);
        continue;
      }
      const next = this.map(place < 0 ? {} : (merged[place] as JsonObject), item, struct);
      patched.push(next);
      if (place < 0) merged.push(next);
      else merged[place] = next;
    }
    return order === undefined ? merged : orderList(merged, held, order, key);
  }
}

/** A copy of the target, with only those fields that `$retainKeys` names, if it is there. */
function retained(target: JsonObject, patch: JsonObject): { [field: string]: Json } {
  const keys = patch[RETAIN_KEYS];
  if (keys === undefined) return { ...target };
  if (!Array.isArray(keys)) throw new PatchFault(badFormat(RETAIN_KEYS, "a list of field names"));
  for (const name of Object.keys(patch)) {
    if (!name.startsWith("$") && patch[name] !== null && !keys.includes(name))
      throw new PatchFault("patch content doesn't match retainKeys list");
  }
  const kept: { [field: string]: Json } = {};
  for (const name of Object.keys(target)) if (keys.includes(name)) kept[name] = target[name];
  return kept;
}

function badFormat(directive: string, wanted: string): string {
  return `invalid patch format of ${directive}: it has to be ${wanted}`;
}

function listOf(value: Json): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

function without(object: JsonObject, name: string): JsonObject {
  const { [name]: _left, ...rest } = object;
  return rest;
}
