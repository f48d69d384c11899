/**
 * Indexer: an informer's local store (client-go tools/cache/index.go).
 *
 * What the store holds for a key is a field of the key's record (`views[slot]`), not an entry in a
 * map of its own: a look-up is two loads. Keys are enumerable only when asked for, and indexes are
 * kept only when registered, or, those that are seldom needed, from their first use on.
 */
import type { ApiObject, KeyRecord } from "../api/index.ts";

/** The value under which an object is found in an index; undefined: it is not in it. */
export type IndexFunction<T> = (object: T) => string | undefined;

interface NamedIndex<T> {
  readonly name: string;
  readonly indexBy: IndexFunction<T>;
}

interface IndexerState<T extends ApiObject> {
  /** All keys, when enumerable. */
  readonly keys: Set<KeyRecord<T>>;
  /** By index name, then by value. */
  readonly indices: Map<string, Map<string, Set<KeyRecord<T>>>>;
  size: number;
}

export class Indexer<T extends ApiObject> {
  state: IndexerState<T> = { keys: new Set(), indices: new Map(), size: 0 };
  readonly slot: number;
  readonly #isEnumerable: boolean;
  readonly #functions: NamedIndex<T>[] = [];
  /** Indexes that are there once they have been asked for. */
  readonly #lazy: NamedIndex<T>[] = [];

  /** `slot` is this store's place in KeyRecord.views, unique among the stores of the kind. */
  constructor(slot: number, isEnumerable: boolean) {
    this.slot = slot;
    this.#isEnumerable = isEnumerable;
  }

  /** Adds an index. Only before the store holds anything. */
  addIndex(name: string, indexBy: IndexFunction<T>): void {
    if (this.state.size > 0) throw new Error(`index "${name}" is added to a store in use`);
    this.#functions.push({ name, indexBy });
    this.state.indices.set(name, new Map());
  }

  /**
   * Adds an index that costs nothing until it is first asked for; that look-up is O(n). Only for an
   * enumerable store. May be added at any time, more than once.
   */
  addLazyIndex(name: string, indexBy: IndexFunction<T>): void {
    if (!this.#lazy.some((index) => index.name === name)) this.#lazy.push({ name, indexBy });
  }

  get size(): number {
    return this.state.size;
  }

  get(record: KeyRecord<T>): T | undefined {
    return record.views[this.slot];
  }

  /** All keys held, by key. Only for an enumerable store. O(n log n). */
  keys(): KeyRecord<T>[] {
    if (!this.#isEnumerable) throw new Error("this store was made without a list of its keys");
    return [...this.state.keys].sort(byKey);
  }

  /** Keys whose object has this value in an index, by key. O(found log found). */
  byIndex(name: string, value: string): KeyRecord<T>[] {
    const found = this.#find(name, value);
    if (found === undefined) return [];
    return found.size === 1 ? [...found] : [...found].sort(byKey);
  }

  /** The first of `byIndex`. */
  firstByIndex(name: string, value: string): KeyRecord<T> | undefined {
    let first: KeyRecord<T> | undefined;
    for (const record of this.#find(name, value) ?? NO_RECORDS)
      if (first === undefined || byKey(record, first) < 0) first = record;
    return first;
  }

  /** Those of `byIndex`, in no order that results may depend on. */
  unordered(name: string, value: string): Iterable<KeyRecord<T>> {
    return this.#find(name, value) ?? NO_RECORDS;
  }

  /** Those of `byIndex` whose object satisfies the predicate, by key; sorts only these. O(n). */
  selectByIndex(name: string, value: string, wanted: (object: T) => boolean): KeyRecord<T>[] {
    return this.#select(this.#find(name, value), wanted);
  }

  /** Keys whose object satisfies the predicate, by key. Only for an enumerable store. O(n). */
  select(wanted: (object: T) => boolean): KeyRecord<T>[] {
    if (!this.#isEnumerable) throw new Error("this store was made without a list of its keys");
    return this.#select(this.state.keys, wanted);
  }

  set(record: KeyRecord<T>, object: T): void {
    const old = record.views[this.slot];
    record.views[this.slot] = object;
    if (old === undefined) {
      this.state.size++;
      if (this.#isEnumerable) this.state.keys.add(record);
    }
    for (const index of this.#functions) {
      this.#move(index.name, record, old && index.indexBy(old), index.indexBy(object));
    }
    for (const { name, indexBy } of this.#lazy) {
      if (this.state.indices.has(name))
        this.#move(name, record, old && indexBy(old), indexBy(object));
    }
  }

  delete(record: KeyRecord<T>): void {
    const old = record.views[this.slot];
    if (old === undefined) return;
    record.views[this.slot] = undefined;
    this.state.size--;
    if (this.#isEnumerable) this.state.keys.delete(record);
    for (const { name, indexBy } of this.#functions) {
      this.#move(name, record, indexBy(old), undefined);
    }
    for (const { name, indexBy } of this.#lazy) {
      if (this.state.indices.has(name)) this.#move(name, record, indexBy(old), undefined);
    }
  }

  /** Empties the store without a word to anybody. */
  forget(): void {
    for (const record of this.state.keys) record.views[this.slot] = undefined;
    this.state.keys.clear();
    for (const index of this.state.indices.values()) index.clear();
    this.state.size = 0;
  }

  #find(name: string, value: string): Set<KeyRecord<T>> | undefined {
    const index = this.state.indices.get(name) ?? this.#build(name);
    return index?.get(value);
  }

  /** Makes a lazy index. */
  #build(name: string): Map<string, Set<KeyRecord<T>>> | undefined {
    const lazy = this.#lazy.find((index) => index.name === name);
    if (lazy === undefined) return undefined;
    const index = new Map<string, Set<KeyRecord<T>>>();
    this.state.indices.set(name, index);
    for (const record of this.state.keys) {
      const object = record.views[this.slot];
      if (object !== undefined) this.#move(name, record, undefined, lazy.indexBy(object));
    }
    return index;
  }

  #select(
    records: Iterable<KeyRecord<T>> | undefined,
    wanted: (object: T) => boolean,
  ): KeyRecord<T>[] {
    const found: KeyRecord<T>[] = [];
    for (const record of records ?? []) {
      const object = record.views[this.slot];
      if (object !== undefined && wanted(object)) found.push(record);
    }
    return found.sort(byKey);
  }

  #move(
    name: string,
    record: KeyRecord<T>,
    from: string | undefined,
    to: string | undefined,
  ): void {
    if (from === to) return;
    const index = this.state.indices.get(name);
    if (index === undefined) throw new Error(`no index "${name}"`);
    if (from !== undefined) {
      const rest = index.get(from);
      rest?.delete(record);
      if (rest?.size === 0) index.delete(from);
    }
    if (to === undefined) return;
    const keys = index.get(to);
    if (keys === undefined) index.set(to, new Set([record]));
    else keys.add(record);
  }
}

const NO_RECORDS: readonly never[] = [];

function byKey(a: KeyRecord, b: KeyRecord): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : a.id - b.id;
}
