/**
 * The order of a merged list: `$setElementOrder` orders the items that the patch's author knows;
 * those that only the server knows keep their places among them.
 *
 * Source: normalizeElementOrder and mergeSortedSlice in
 * staging/src/k8s.io/apimachinery/pkg/util/strategicpatch/patch.go of v1.30.
 */
import type { Json, JsonObject } from "./json.ts";

/**
 * `merged` in the wanted order. `held` is the list as it was; `key` the merge key, undefined for a
 * list of texts.
 */
export function orderList(
  merged: readonly Json[],
  held: readonly Json[],
  order: readonly Json[],
  key?: string,
): Json[] {
  const nameOf = (item: Json): Json =>
    key === undefined || typeof item !== "object" ? item : (item as JsonObject)[key];
  const wanted = order.map(nameOf);
  const before = held.map(nameOf);
  const known: Json[] = [];
  const serverOnly: Json[] = [];
  for (const item of merged) (wanted.includes(nameOf(item)) ? known : serverOnly).push(item);
  known.sort((a, b) => wanted.indexOf(nameOf(a)) - wanted.indexOf(nameOf(b)));
  const ordered: Json[] = [];
  let next = 0;
  for (const item of known) {
    const place = before.indexOf(nameOf(item));
    for (; next < serverOnly.length; next++) {
      const other = before.indexOf(nameOf(serverOnly[next]));
      if (place < 0 || other < 0 || other > place) break;
      ordered.push(serverOnly[next]);
    }
    ordered.push(item);
  }
  return [...ordered, ...serverOnly.slice(next)];
}

/** Union of two lists of texts: what is held first, then what is new; see orderList. */
export function mergePrimitiveList(
  held: readonly Json[],
  patch: readonly Json[],
  order: readonly Json[] | undefined,
): Json[] {
  const merged = [...held];
  for (const item of patch) if (!merged.includes(item)) merged.push(item);
  return order === undefined ? merged : orderList(merged, held, order);
}
