/** JSON values as patches handle them. */
export type Json = unknown;
export type JsonObject = { readonly [field: string]: Json };

export function isObject(value: Json): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
