/**
 * The merge of server-side apply: what is applied goes over what is there, and what its manager
 * applied before and no longer does goes, unless somebody else owns it too. Pure.
 *
 * Source: sigs.k8s.io/structured-merge-diff v4 (typed/merge.go, merge/update.go: prune).
 */
import type { FieldSchema, FieldType, Struct } from "../../api/index.ts";
import { ancestorsOf, type FieldPath, type FieldSet, itemStep, pathOf } from "./field-set.ts";
import { isObject, type Json, type JsonObject } from "./json.ts";

/** `live` with all that `config` says. Shares what is not named. */
export function mergeApplied(
  live: JsonObject,
  config: JsonObject,
  schema: FieldSchema,
  structName: string,
): JsonObject {
  const struct: Struct | undefined = schema.get(structName);
  const merged: { [field: string]: Json } = { ...live };
  for (const name of Object.keys(config)) {
    const value = config[name];
    if (value === undefined || value === null) continue;
    merged[name] = mergeField(live[name], value, struct?.get(name), schema);
  }
  return merged;
}

function mergeField(
  held: Json,
  value: Json,
  type: FieldType | undefined,
  schema: FieldSchema,
): Json {
  if (type?.isAtomic === true) return value;
  if (isObject(value))
    return isObject(held) ? mergeApplied(held, value, schema, type?.struct ?? "") : value;
  if (!Array.isArray(value) || !Array.isArray(held) || type === undefined) return value;
  if (type.isSet) return [...held, ...value.filter((item) => !held.includes(item))];
  if (type.keys.length === 0) return value;
  const merged = [...(held as JsonObject[])];
  const places = new Map(merged.map((item, i) => [itemStep(item, type.keys), i]));
  for (const item of value as JsonObject[]) {
    const place = places.get(itemStep(item, type.keys));
    const before = place === undefined ? undefined : merged[place];
    if (place === undefined || before === undefined) merged.push(item);
    else merged[place] = mergeApplied(before, item, schema, type.struct);
  }
  return merged;
}

/** The object without the fields of `left` that are not `owned`, nor hold anything that is. */
export function prune(
  object: JsonObject,
  left: FieldSet,
  owned: FieldSet,
  schema: FieldSchema,
  structName: string,
): JsonObject {
  const gone = new Set([...left].filter((path) => !owned.has(path)));
  if (gone.size === 0) return object;
  return new Prune(gone, ancestorsOf(owned), schema).fields(object, structName, "");
}

class Prune {
  readonly #gone: FieldSet;
  readonly #aboveOwned: FieldSet;
  readonly #aboveGone: FieldSet;
  readonly #schema: FieldSchema;

  constructor(gone: FieldSet, aboveOwned: FieldSet, schema: FieldSchema) {
    this.#gone = gone;
    this.#aboveOwned = aboveOwned;
    this.#aboveGone = ancestorsOf(gone);
    this.#schema = schema;
  }

  fields(object: JsonObject, structName: string, path: FieldPath): JsonObject {
    const struct = this.#schema.get(structName);
    const kept: { [field: string]: Json } = {};
    for (const name of Object.keys(object)) {
      const at = pathOf(path, `f:${name}`);
      if (this.#isGone(at)) continue;
      const value = this.#aboveGone.has(at)
        ? this.#inner(object[name], struct?.get(name), at)
        : object[name];
      if (value !== undefined) kept[name] = value;
    }
    return kept;
  }

  #isGone(path: FieldPath): boolean {
    return this.#gone.has(path) && !this.#aboveOwned.has(path);
  }

  /** What is left of a field that something is taken from; undefined: nothing. */
  #inner(value: Json, type: FieldType | undefined, path: FieldPath): Json {
    if (isObject(value)) {
      const kept = this.fields(value, type?.struct ?? "", path);
      return Object.keys(kept).length === 0 ? undefined : kept;
    }
    if (!Array.isArray(value) || type === undefined) return value;
    const kept: Json[] = [];
    for (const item of value) {
      const step = type.isSet
        ? `v:${JSON.stringify(item)}`
        : itemStep(item as JsonObject, type.keys);
      const at = pathOf(path, step);
      if (this.#isGone(at)) continue;
      const isTouched = !type.isSet && this.#aboveGone.has(at);
      kept.push(isTouched ? this.fields(item as JsonObject, type.struct, at) : item);
    }
    return kept.length === 0 ? undefined : kept;
  }
}
