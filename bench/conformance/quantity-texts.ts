/**
 * Quantities as texts. JSON may state them as numbers (`"cpu": 2`), which the API's decoder takes
 * as `"2"` (UnmarshalJSON of apimachinery/pkg/api/resource/quantity.go, v1.30).
 */

/** Fields that hold amounts by name, in any kind of object that a scenario has. */
const AMOUNTS = new Set(["requests", "limits", "capacity", "allocatable", "overhead"]);

/** Changes the value, which must be the caller's own, at any depth. */
export function writeQuantitiesAsTexts(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) writeQuantitiesAsTexts(item);
    return;
  }
  const fields = value as Record<string, unknown>;
  for (const name of Object.keys(fields)) {
    const inner = fields[name];
    if (typeof inner !== "object" || inner === null) continue;
    if (AMOUNTS.has(name)) writeNumbersAsTexts(inner as Record<string, unknown>);
    else writeQuantitiesAsTexts(inner);
  }
}

function writeNumbersAsTexts(amounts: Record<string, unknown>): void {
  for (const name of Object.keys(amounts)) {
    if (typeof amounts[name] === "number") amounts[name] = String(amounts[name]);
  }
}
