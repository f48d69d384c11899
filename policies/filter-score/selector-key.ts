/** A text that tells label selectors apart: for the keys of queries. */
import type { Selector } from "../../sim/api/index.ts";

const known = new WeakMap<Selector, string>();

/** Equal texts, equal outcomes. Conditions are sorted; one that is stated twice counts once. */
export function selectorKey(selector: Selector): string {
  let key = known.get(selector);
  if (key === undefined) {
    const texts = new Set(selector.requirements.map(String));
    key = JSON.stringify([...texts].sort());
    known.set(selector, key);
  }
  return key;
}
