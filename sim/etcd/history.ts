/** The last changes of one kind, in revision order: what a resuming watch reads. A ring by count. */
import type { WatchEntry } from "../api/index.ts";

export class History {
  /** Ring of at most `capacity` entries; the oldest is at `head` once it is full. */
  entries: WatchEntry[] = [];
  head = 0;
  readonly capacity: number;
  /** Changes up to and including this revision may be missing. */
  compactedRevision = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  push(entry: WatchEntry): void {
    if (this.entries.length < this.capacity) {
      this.entries.push(entry);
      return;
    }
    const oldest = this.entries[this.head];
    if (oldest === undefined) {
      this.compactedRevision = entry.revision; // capacity 0: nothing is kept
      return;
    }
    this.compactedRevision = oldest.revision;
    this.entries[this.head] = entry;
    this.head = (this.head + 1) % this.capacity;
  }

  /** Revision of the last change; after a compaction of everything, that of the compaction. */
  get lastRevision(): number {
    const { length } = this.entries;
    if (length === 0) return this.compactedRevision;
    return this.entries[(this.head + length - 1) % length]?.revision ?? 0;
  }

  /** Changes after `revision`, oldest first, or "compacted". O(changes returned + log). */
  since(revision: number): WatchEntry[] | "compacted" {
    if (revision < this.compactedRevision) return "compacted";
    const found: WatchEntry[] = [];
    for (let i = this.entries.length - 1; i >= 0; i--) {
      const entry = this.entries[(this.head + i) % this.entries.length];
      if (entry === undefined || entry.revision <= revision) break;
      found.push(entry);
    }
    return found.reverse();
  }

  /** Drops everything up to `revision`. */
  compact(revision: number): void {
    const kept = this.since(Math.max(revision, this.compactedRevision));
    this.entries = kept === "compacted" ? [] : kept;
    this.head = 0;
    this.compactedRevision = Math.max(revision, this.compactedRevision);
  }
}
