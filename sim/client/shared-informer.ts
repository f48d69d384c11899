/**
 * SharedInformer: keeps a local store in step with the API server by list and watch, and tells the
 * handlers of its component what changed (client-go tools/cache: Reflector, DeltaFIFO, Indexer,
 * sharedIndexInformer).
 *
 *   list, watch -> DeltaFifo -> Indexer -> handlers
 *
 * Handling takes no virtual time, so a change that comes in by watch finds the queue empty and is
 * processed at once, without passing through it: the outcome is the same.
 */
import type { ApiObject, KeyRecord } from "../api/index.ts";
import type { WatchNotice } from "../apiserver/index.ts";
import { type Delta, DeltaFifo } from "./delta-fifo.ts";
import type { Indexer } from "./indexer.ts";
import { Reflector, type ReflectorSettings } from "./reflector.ts";

/**
 * client-go's ResourceEventHandler. Handlers change their own component only; they are called
 * without `this`, since a bound function costs a call more (a dozen are told of each change of a pod).
 */
export interface ResourceEventHandler<T extends ApiObject> {
  onAdd?(this: void, record: KeyRecord<T>, object: T): void;
  onUpdate?(this: void, record: KeyRecord<T>, old: T, object: T): void;
  /** `isFinalStateUnknown`: the deletion was missed, `last` may be stale. */
  onDelete?(this: void, record: KeyRecord<T>, last: T, isFinalStateUnknown: boolean): void;
}

export class SharedInformer<T extends ApiObject> {
  readonly indexer: Indexer<T>;
  /** Part of the run's state; registered by the informer factory. */
  state: { fifo: DeltaFifo<T> } = { fifo: new DeltaFifo<T>() };
  readonly reflector: Reflector<T>;
  /** What the handlers do about each kind of event; those that do nothing are not asked. */
  readonly #onAdd: ((record: KeyRecord<T>, object: T) => void)[] = [];
  readonly #onUpdate: ((record: KeyRecord<T>, old: T, object: T) => void)[] = [];
  readonly #onDelete: ((record: KeyRecord<T>, last: T, isUnknown: boolean) => void)[] = [];

  constructor(indexer: Indexer<T>, reflector: ReflectorSettings) {
    this.indexer = indexer;
    this.reflector = new Reflector(reflector, {
      onList: (items) => this.#onList(items),
      onChange: (notice) => this.#onChange(notice),
    });
  }

  /** Handlers are called in the order of registration. Register when wiring, before `start`. */
  addEventHandler(handler: ResourceEventHandler<T>): void {
    const { onAdd, onUpdate, onDelete } = handler;
    if (onAdd !== undefined) this.#onAdd.push(onAdd);
    if (onUpdate !== undefined) this.#onUpdate.push(onUpdate);
    if (onDelete !== undefined) this.#onDelete.push(onDelete);
  }

  /** True once the first list is in the store. */
  get hasSynced(): boolean {
    return this.state.fifo.hasSynced;
  }

  /** Lists, then watches; goes on for the rest of the run. */
  start(): void {
    this.reflector.start();
  }

  /** The same, but as one that has listed and watched since before the run. */
  startSynced(): void {
    this.reflector.startSynced();
  }

  /** Tells the handlers of every object in the store again (resync). */
  resync(): void {
    this.state.fifo.resync(this.indexer);
    this.#drain();
  }

  #onList(items: readonly { readonly record: KeyRecord<T>; readonly object: T }[]): void {
    this.state.fifo.replace(items, this.indexer);
    this.#drain();
  }

  #onChange({ type, record, object }: Exclude<WatchNotice, { type: "ENDED" }>): void {
    const key = record as KeyRecord<T>;
    if (type === "DELETED") this.#deleted(key, object as T, false);
    else this.#stored(key, object as T);
  }

  #drain(): void {
    for (let next = this.state.fifo.pop(); next !== undefined; next = this.state.fifo.pop()) {
      for (const delta of next.deltas) this.#process(next.record, delta);
    }
  }

  #process(record: KeyRecord<T>, delta: Delta<T>): void {
    if (delta.type === "Deleted") this.#deleted(record, delta.object, delta.isFinalStateUnknown);
    else this.#stored(record, delta.object);
  }

  #stored(record: KeyRecord<T>, object: T): void {
    const old = this.indexer.get(record);
    this.indexer.set(record, object);
    if (old === undefined) for (const onAdd of this.#onAdd) onAdd(record, object);
    else for (const onUpdate of this.#onUpdate) onUpdate(record, old, object);
  }

  #deleted(record: KeyRecord<T>, last: T, isFinalStateUnknown: boolean): void {
    if (this.indexer.get(record) === undefined) return;
    this.indexer.delete(record);
    for (const onDelete of this.#onDelete) onDelete(record, last, isFinalStateUnknown);
  }
}
