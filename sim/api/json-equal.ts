/**
 * Whether two values are the same JSON: `canonicalJson` would give one text for both. A field that
 * is absent equals one that is null; an empty list or map does not.
 */
export function jsonEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object") return (a ?? null) === (b ?? null);
  if (a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, index) => jsonEqual(item, b[index]));
  }
  return covers(a as Fields, b as Fields) && hasNoMore(b as Fields, a as Fields);
}

type Fields = Readonly<Record<string, unknown>>;

function covers(a: Fields, b: Fields): boolean {
  for (const name of Object.keys(a)) if (!jsonEqual(a[name], b[name])) return false;
  return true;
}

function hasNoMore(a: Fields, b: Fields): boolean {
  for (const name of Object.keys(a))
    if ((a[name] ?? null) !== null && (b[name] ?? null) === null) return false;
  return true;
}
