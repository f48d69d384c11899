/**
 * Deep equality of parts of API objects. A missing field equals one that is undefined, an empty
 * list or an empty map, as in Kubernetes' equality.Semantic. Objects in the store share what did
 * not change, so that most answers cost one comparison.
 */
export function semanticallyEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (a === undefined || a === null) return isEmpty(b);
  if (b === undefined || b === null) return isEmpty(a);
  if (typeof a !== "object" || typeof b !== "object") return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!semanticallyEqual(a[i], b[i])) return false;
    return true;
  }
  return areFieldsEqual(a as Fields, b as Fields);
}

type Fields = Readonly<Record<string, unknown>>;

/** Whether all fields but `except` are equal. Hot: asked before each write. */
export function areFieldsEqual(left: object, right: object, except = ""): boolean {
  const a = left as Fields;
  const b = right as Fields;
  // biome-ignore lint/suspicious/noForIn: a list of the fields would be made for every object
  for (const key in a) if (key !== except && !semanticallyEqual(a[key], b[key])) return false;
  // biome-ignore lint/suspicious/noForIn: as above
  for (const key in b) if (key !== except && !(key in a) && !isEmpty(b[key])) return false;
  return true;
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === "object" && Object.keys(value).length === 0;
}
