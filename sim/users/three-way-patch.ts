/**
 * The patch of client-side `kubectl apply`: a strategic merge patch from three versions of an
 * object. Fields that left the manifest since it was last applied are deleted; fields of the
 * manifest that differ from what is there are set; everything else belongs to others and stays.
 *
 * Source: CreateThreeWayMergePatch in staging/src/k8s.io/apimachinery/pkg/util/strategicpatch/patch.go
 * of v1.30. Differs in one thing: what is to be deleted and is not there is not named.
 */
import { type FieldSchema, type FieldType, type Struct, semanticallyEqual } from "../api/index.ts";

type Fields = { readonly [field: string]: unknown };

/**
 * Strategic merge patch that turns `current` into one that has what `modified` says and no longer
 * what only `original` said. Empty: there is nothing to change.
 */
export function threeWayPatch(
  original: Fields,
  modified: Fields,
  current: Fields,
  schema: FieldSchema,
  structName: string,
): Fields {
  return new ThreeWay(schema).fields(original, modified, current, schema.get(structName));
}

class ThreeWay {
  readonly #schema: FieldSchema;

  constructor(schema: FieldSchema) {
    this.#schema = schema;
  }

  fields(
    original: Fields,
    modified: Fields,
    current: Fields,
    struct: Struct | undefined,
  ): Record<string, unknown> {
    const patch: Record<string, unknown> = {};
    for (const name of Object.keys(modified)) {
      if (modified[name] === undefined || modified[name] === null) continue;
      this.#field(name, original, modified, current, struct?.get(name), patch);
    }
    for (const name of Object.keys(original)) {
      const isLeft = modified[name] === undefined || modified[name] === null;
      if (isLeft && current[name] !== undefined) patch[name] = null;
    }
    return patch;
  }

  #field(
    name: string,
    original: Fields,
    modified: Fields,
    current: Fields,
    type: FieldType | undefined,
    patch: Record<string, unknown>,
  ): void {
    const before = original[name];
    const wanted = modified[name];
    const held = current[name];
    if (held === undefined) {
      patch[name] = wanted;
    } else if (isFields(wanted) && isFields(held)) {
      const struct = type?.check === "struct" ? this.#schema.get(type.struct) : undefined;
      const inner = this.fields(isFields(before) ? before : {}, wanted, held, struct);
      if (Object.keys(inner).length === 0) return;
      patch[name] =
        type?.isUnion === true ? { ...inner, $retainKeys: Object.keys(wanted).sort() } : inner;
    } else if (isMergedList(type) && Array.isArray(wanted) && Array.isArray(held)) {
      const was = Array.isArray(before) ? before : [];
      if (type.isSet) setPatch(name, was, wanted, held, patch);
      else this.#items(name, was as Fields[], wanted as Fields[], held as Fields[], type, patch);
    } else if (!semanticallyEqual(wanted, held)) {
      patch[name] = wanted;
    }
  }

  #items(
    name: string,
    original: readonly Fields[],
    modified: readonly Fields[],
    current: readonly Fields[],
    type: FieldType,
    patch: Record<string, unknown>,
  ): void {
    const [key = ""] = type.keys;
    const struct = type.check === "struct" ? this.#schema.get(type.struct) : undefined;
    const find = (list: readonly Fields[], value: unknown): Fields | undefined =>
      list.find((item) => item[key] === value);
    const items: Fields[] = [];
    for (const item of modified) {
      const held = find(current, item[key]);
      if (held === undefined) {
        items.push(item);
        continue;
      }
      const inner = this.fields(find(original, item[key]) ?? {}, item, held, struct);
      if (Object.keys(inner).length === 0) continue;
      const retain = type.isUnion ? { $retainKeys: Object.keys(item).sort() } : {};
      items.push({ ...retain, ...inner, [key]: item[key] });
    }
    for (const { [key]: value } of original) {
      const isGone = find(modified, value) === undefined && find(current, value) !== undefined;
      if (isGone) items.push({ $patch: "delete", [key]: value });
    }
    const order = modified.map((item) => item[key]);
    const held = current.map((item) => item[key]);
    if (items.length > 0) patch[name] = items;
    if (items.length > 0 || !isInOrder(order, held))
      patch[`$setElementOrder/${name}`] = order.map((value) => ({ [key]: value }));
  }
}

/** A list of texts that is merged as a set. */
function setPatch(
  name: string,
  original: readonly unknown[],
  modified: readonly unknown[],
  current: readonly unknown[],
  patch: Record<string, unknown>,
): void {
  const added = modified.filter((item) => !current.includes(item));
  const gone = original.filter((item) => !modified.includes(item) && current.includes(item));
  if (added.length > 0) patch[name] = added;
  if (gone.length > 0) patch[`$deleteFromPrimitiveList/${name}`] = gone;
  if (added.length + gone.length > 0) patch[`$setElementOrder/${name}`] = modified;
}

/** Whether those that are held stand there in this order. */
function isInOrder(order: readonly unknown[], held: readonly unknown[]): boolean {
  let last = -1;
  for (const value of order) {
    const place = held.indexOf(value);
    if (place < 0) continue;
    if (place < last) return false;
    last = place;
  }
  return true;
}

function isMergedList(type: FieldType | undefined): type is FieldType {
  return type !== undefined && (type.isSet || type.keys.length > 0);
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
