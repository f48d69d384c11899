/** The objects of a kind as they were at an older revision: the present ones, and what changed since. */
import type { ApiObject, KeyRecord, WatchEntry } from "../api/index.ts";

export interface SnapshotItem {
  readonly record: KeyRecord;
  readonly object: ApiObject;
}

/**
 * Undoes `changes`, all those after the wanted revision in their order, from the present records.
 * Sorted by key. O(n log n).
 */
export function undo(
  present: readonly KeyRecord[],
  changes: readonly WatchEntry[],
): SnapshotItem[] {
  const items = new Map<string, SnapshotItem>();
  for (const record of present)
    if (record.stored !== undefined) items.set(record.key, { record, object: record.stored });
  for (let i = changes.length - 1; i >= 0; i--) {
    const entry = changes[i];
    if (entry === undefined) continue;
    const { record, old } = entry;
    if (old === undefined) items.delete(record.key);
    else items.set(record.key, { record, object: old });
  }
  return [...items.values()].sort((a, b) => (a.record.key < b.record.key ? -1 : 1));
}
