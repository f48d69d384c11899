/**
 * Patches: JSON merge patch (RFC 7386), with the one rule of strategic merge patch that status
 * updates rely on: in a list of `conditions`, those of the patch take the place of those of the same
 * `type`, whole, and the others stay. Makes new objects and shares what the patch does not name.
 */
type Json = unknown;
type JsonObject = { readonly [field: string]: Json };

export function mergePatch(target: Json, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const base: JsonObject = isObject(target) ? target : {};
  const merged: { [field: string]: Json } = { ...base };
  for (const field of Object.keys(patch)) {
    const value = patch[field];
    if (value === undefined) continue;
    if (value === null) delete merged[field];
    else if (field === "conditions" && Array.isArray(value))
      merged[field] = mergeByType((base[field] ?? []) as JsonObject[], value as JsonObject[]);
    else merged[field] = mergePatch(base[field], value);
  }
  return merged;
}

function mergeByType(current: readonly JsonObject[], patch: readonly JsonObject[]): JsonObject[] {
  const merged = [...current];
  for (const item of patch) {
    const place = merged.findIndex((other) => other["type"] === item["type"]);
    if (place < 0) merged.push(item);
    else merged[place] = item;
  }
  return merged;
}

function isObject(value: Json): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
