/** Laying settings over settings. */

/**
 * `above` over `below`, to any depth; lists and single values are replaced as a whole, and what is
 * undefined above stays as it is below.
 */
export function overlay(below: unknown, above: unknown): unknown {
  if (above === undefined) return below;
  if (!isMapping(below) || !isMapping(above)) return above;
  const merged = new Map<string, unknown>(Object.entries(below));
  for (const [key, value] of Object.entries(above))
    merged.set(key, overlay(merged.get(key), value));
  return Object.fromEntries(merged);
}

const isMapping = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);
