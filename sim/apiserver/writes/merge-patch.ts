/** JSON merge patch (RFC 7386). Makes new objects and shares what the patch does not name. */
import { isObject, type Json, type JsonObject } from "./json.ts";

export function mergePatch(target: Json, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const base: JsonObject = isObject(target) ? target : {};
  const merged: { [field: string]: Json } = { ...base };
  for (const field of Object.keys(patch)) {
    const value = patch[field];
    if (value === undefined) continue;
    if (value === null) delete merged[field];
    else merged[field] = mergePatch(base[field], value);
  }
  return merged;
}
