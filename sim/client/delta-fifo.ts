/**
 * DeltaFIFO: a queue of keys with, for each, what happened to its object since it was last taken
 * out (client-go tools/cache/delta_fifo.go).
 *
 * A key is in the queue exactly when it has deltas. Keys leave in the order in which they entered,
 * each with all its deltas, oldest first.
 */
import type { ApiObject, KeyRecord } from "../api/index.ts";
import { Fifo } from "../kernel/index.ts";

export type DeltaType = "Added" | "Updated" | "Deleted" | "Replaced" | "Sync";

export interface Delta<T> {
  readonly type: DeltaType;
  readonly object: T;
  /**
   * Deleted only: the deletion itself was missed, and `object` is the last state known
   * (client-go's DeletedFinalStateUnknown).
   */
  readonly isFinalStateUnknown: boolean;
}

/** What the queue must know of the store behind it, to see what a list no longer has. */
export interface KnownObjects<T extends ApiObject> {
  get(record: KeyRecord<T>): T | undefined;
  keys(): KeyRecord<T>[];
}

export class DeltaFifo<T extends ApiObject> {
  readonly items = new Map<KeyRecord<T>, Delta<T>[]>();
  readonly queue = new Fifo<KeyRecord<T>>();
  /** True once the first list, or any change, has come in. */
  isPopulated = false;
  /** Keys of the first list that have not been taken out yet. */
  initialPopulationCount = 0;

  get length(): number {
    return this.items.size;
  }

  /** True once every object of the first list has been taken out. */
  get hasSynced(): boolean {
    return this.isPopulated && this.initialPopulationCount === 0;
  }

  add(record: KeyRecord<T>, object: T): void {
    this.isPopulated = true;
    enqueue(this, record, "Added", object, false);
  }

  update(record: KeyRecord<T>, object: T): void {
    this.isPopulated = true;
    enqueue(this, record, "Updated", object, false);
  }

  /** A deletion of what nobody knows is dropped. */
  delete(record: KeyRecord<T>, last: T, known: KnownObjects<T>): void {
    this.isPopulated = true;
    if (known.get(record) === undefined && !this.items.has(record)) return;
    enqueue(this, record, "Deleted", last, false);
  }

  /** A new list: a Replaced for each of its objects, a Deleted for each known one it has not. */
  replace(
    list: readonly { readonly record: KeyRecord<T>; readonly object: T }[],
    known: KnownObjects<T>,
  ): void {
    const listed = new Set<KeyRecord<T>>();
    for (const { record, object } of list) {
      listed.add(record);
      enqueue(this, record, "Replaced", object, false);
    }
    let deletions = 0;
    for (const [record, deltas] of this.items) {
      if (listed.has(record)) continue;
      const last = deltas[deltas.length - 1];
      if (last === undefined || last.type === "Deleted") continue;
      deletions++;
      enqueue(this, record, "Deleted", last.object, true);
    }
    for (const record of known.keys()) {
      if (listed.has(record) || this.items.has(record)) continue;
      const last = known.get(record);
      if (last === undefined) continue;
      deletions++;
      enqueue(this, record, "Deleted", last, true);
    }
    if (this.isPopulated) return;
    this.isPopulated = true;
    this.initialPopulationCount = list.length + deletions;
  }

  /** A Sync for every known object that has no deltas: an update in flight is newer than the store. */
  resync(known: KnownObjects<T>): void {
    for (const record of known.keys()) {
      const object = known.get(record);
      if (object !== undefined && !this.items.has(record))
        enqueue(this, record, "Sync", object, false);
    }
  }

  /** Takes out the oldest key with its deltas; undefined when the queue is empty. */
  pop(): { readonly record: KeyRecord<T>; readonly deltas: readonly Delta<T>[] } | undefined {
    const record = this.queue.shift();
    if (record === undefined) return undefined;
    const deltas = this.items.get(record) ?? [];
    this.items.delete(record);
    if (this.initialPopulationCount > 0) this.initialPopulationCount--;
    return { record, deltas };
  }
}

/** A free function: the queue is data of a run, and data classes have no private members. */
function enqueue<T extends ApiObject>(
  { items, queue }: DeltaFifo<T>,
  record: KeyRecord<T>,
  type: DeltaType,
  object: T,
  isFinalStateUnknown: boolean,
): void {
  const delta: Delta<T> = { type, object, isFinalStateUnknown };
  const deltas = items.get(record);
  if (deltas === undefined) {
    items.set(record, [delta]);
    queue.push(record);
    return;
  }
  const last = deltas[deltas.length - 1];
  if (last?.type === "Deleted" && type === "Deleted") {
    // Two deletions in a row are one; the one that saw the final state is kept.
    if (last.isFinalStateUnknown) deltas[deltas.length - 1] = delta;
    return;
  }
  deltas.push(delta);
}
