/**
 * Indexer: an informer's local store (client-go tools/cache/index.go).
 *
 * What the store holds for a key is a field of the key's record (`views`), not an entry in a
 * map of its own: a look-up is two loads. Keys are enumerable only when asked for, and indexes are
 * kept only when registered, or, those that are seldom needed, from their first use on.
 */
import { type ApiObject, KeyRecord } from "../api/index.ts";

/** The value, or values, under which an object is found in an index; undefined: it is not in it. */
export type IndexFunction<T> = (object: T) => string | readonly string[] | undefined;

/**
 * What an index function reads besides the object's names and uid; "metadata": its owners and
 * labels. Where that is the same, by identity, as in the version before, so are the values, and
 * the function is not asked.
 */
export type IndexedPart = "names" | "metadata" | "spec" | "object";

interface NamedIndex<T> {
  readonly name: string;
  readonly part: IndexedPart;
  readonly indexBy: IndexFunction<T>;
}

/** The keys found under one value; most are alone there, and need no set. */
type Found<T extends ApiObject> = KeyRecord<T> | Set<KeyRecord<T>>;
type Index<T extends ApiObject> = Map<string, Found<T>>;

interface IndexerState<T extends ApiObject> {
  /** All keys, when enumerable; each knows its place, so that none is looked for. */
  readonly keys: KeyRecord<T>[];
  /** By index name, then by value. */
  readonly indices: Map<string, Index<T>>;
  size: number;
}

export class Indexer<T extends ApiObject> {
  state: IndexerState<T> = { keys: [], indices: new Map(), size: 0 };
  readonly #view: number;
  readonly #place: number;
  readonly #isEnumerable: boolean;
  readonly #functions: NamedIndex<T>[] = [];
  /** Indexes that are there once they have been asked for. */
  readonly #lazy: NamedIndex<T>[] = [];

  /** `slot` is this store's place in KeyRecord.views, unique among the stores of the kind. */
  constructor(slot: number, isEnumerable: boolean) {
    this.#view = 2 * slot;
    this.#place = 2 * slot + 1;
    this.#isEnumerable = isEnumerable;
  }

  /** Adds an index of a part of the objects. Only before the store holds anything. */
  addIndex(name: string, indexBy: IndexFunction<T>, part: IndexedPart = "object"): void {
    if (this.state.size > 0) throw new Error(`index "${name}" is added to a store in use`);
    this.#functions.push({ name, part, indexBy });
    this.state.indices.set(name, new Map());
  }

  /**
   * Adds an index that costs nothing until it is first asked for; that look-up is O(n). Only for an
   * enumerable store. May be added at any time, more than once.
   */
  addLazyIndex(name: string, indexBy: IndexFunction<T>, part: IndexedPart = "object"): void {
    if (!this.#lazy.some((index) => index.name === name)) this.#lazy.push({ name, part, indexBy });
  }

  get size(): number {
    return this.state.size;
  }

  get(record: KeyRecord<T>): T | undefined {
    return record.views[this.#view] as T | undefined;
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
    return found instanceof KeyRecord ? [found] : [...found].sort(byKey);
  }

  /** The first of `byIndex`. */
  firstByIndex(name: string, value: string): KeyRecord<T> | undefined {
    const found = this.#find(name, value);
    if (found === undefined || found instanceof KeyRecord) return found;
    let first: KeyRecord<T> | undefined;
    for (const record of found) if (first === undefined || byKey(record, first) < 0) first = record;
    return first;
  }

  /** Those of `byIndex`, in no order that results may depend on. */
  unordered(name: string, value: string): Iterable<KeyRecord<T>> {
    return iterable(this.#find(name, value));
  }

  /** Those of `byIndex` whose object satisfies the predicate, by key; sorts only these. O(n). */
  selectByIndex(name: string, value: string, wanted: (object: T) => boolean): KeyRecord<T>[] {
    return this.#select(iterable(this.#find(name, value)), wanted);
  }

  /** Keys whose object satisfies the predicate, by key. Only for an enumerable store. O(n). */
  select(wanted: (object: T) => boolean): KeyRecord<T>[] {
    if (!this.#isEnumerable) throw new Error("this store was made without a list of its keys");
    return this.#select(this.state.keys, wanted);
  }

  set(record: KeyRecord<T>, object: T): void {
    const old = this.get(record);
    record.views[this.#view] = object;
    if (old === undefined) {
      this.state.size++;
      if (this.#isEnumerable) this.#enlist(record);
    }
    if (this.#functions.length > 0) this.#reindex(this.#functions, record, old, object);
    if (this.#lazy.length > 0) this.#reindex(this.#lazy, record, old, object);
  }

  delete(record: KeyRecord<T>): void {
    const old = this.get(record);
    if (old === undefined) return;
    record.views[this.#view] = undefined;
    this.state.size--;
    if (this.#isEnumerable) this.#strike(record);
    if (this.#functions.length > 0) this.#reindex(this.#functions, record, old, undefined);
    if (this.#lazy.length > 0) this.#reindex(this.#lazy, record, old, undefined);
  }

  /** Empties the store without a word to anybody. */
  forget(): void {
    for (const record of this.state.keys) record.views[this.#view] = undefined;
    this.state.keys.length = 0;
    for (const index of this.state.indices.values()) index.clear();
    this.state.size = 0;
  }

  #enlist(record: KeyRecord<T>): void {
    record.views[this.#place] = this.state.keys.push(record) - 1;
  }

  /** The last of the list takes the place of the one that goes. */
  #strike(record: KeyRecord<T>): void {
    const { keys } = this.state;
    const last = keys.pop();
    if (last === undefined || last === record) return;
    const place = record.views[this.#place] as number;
    keys[place] = last;
    last.views[this.#place] = place;
  }

  #find(name: string, value: string): Found<T> | undefined {
    const index = this.state.indices.get(name) ?? this.#build(name);
    return index?.get(value);
  }

  /** Makes a lazy index. */
  #build(name: string): Index<T> | undefined {
    const lazy = this.#lazy.find((index) => index.name === name);
    if (lazy === undefined) return undefined;
    const index: Index<T> = new Map();
    this.state.indices.set(name, index);
    for (const record of this.state.keys) {
      const object = this.get(record);
      if (object !== undefined) forEachValue(lazy.indexBy(object), index, record, put);
    }
    return index;
  }

  #select(records: Iterable<KeyRecord<T>>, wanted: (object: T) => boolean): KeyRecord<T>[] {
    const found: KeyRecord<T>[] = [];
    for (const record of records) {
      const object = this.get(record);
      if (object !== undefined && wanted(object)) found.push(record);
    }
    return found.sort(byKey);
  }

  /** Moves the key to where the new object belongs; hot: once per index and delivered change. */
  #reindex(
    indexes: readonly NamedIndex<T>[],
    record: KeyRecord<T>,
    old: T | undefined,
    object: T | undefined,
  ): void {
    const before = old?.metadata;
    const after = object?.metadata;
    const isSame = before?.uid === after?.uid;
    const hasSameMetadata =
      isSame &&
      before?.ownerReferences === after?.ownerReferences &&
      before?.labels === after?.labels;
    const hasSameSpec = isSame && specOf(old) === specOf(object);
    for (const { name, part, indexBy } of indexes) {
      if (isSame && part === "names") continue;
      if ((hasSameMetadata && part === "metadata") || (hasSameSpec && part === "spec")) continue;
      const index = this.state.indices.get(name);
      if (index === undefined) continue; // lazy, and nobody has asked yet
      const from = old && indexBy(old);
      const to = object && indexBy(object);
      if (from === to) continue;
      forEachValue(from, index, record, take);
      forEachValue(to, index, record, put);
    }
  }
}

function specOf(object: ApiObject | undefined): unknown {
  return (object as { readonly spec?: unknown } | undefined)?.spec;
}

function forEachValue<T extends ApiObject>(
  values: string | readonly string[] | undefined,
  index: Index<T>,
  record: KeyRecord<T>,
  act: (index: Index<T>, value: string, record: KeyRecord<T>) => void,
): void {
  if (typeof values === "string") act(index, values, record);
  else if (values !== undefined) for (const value of values) act(index, value, record);
}

function put<T extends ApiObject>(index: Index<T>, value: string, record: KeyRecord<T>): void {
  const known = index.get(value);
  if (known === undefined) index.set(value, record);
  else if (!(known instanceof KeyRecord)) known.add(record);
  else if (known !== record) index.set(value, new Set([known, record]));
}

function take<T extends ApiObject>(index: Index<T>, value: string, record: KeyRecord<T>): void {
  const known = index.get(value);
  if (known === record) index.delete(value);
  if (known === undefined || known instanceof KeyRecord) return;
  known.delete(record);
  if (known.size === 0) index.delete(value);
}

const NO_RECORDS: readonly never[] = [];

function iterable<T extends ApiObject>(found: Found<T> | undefined): Iterable<KeyRecord<T>> {
  if (found === undefined) return NO_RECORDS;
  return found instanceof KeyRecord ? [found] : found;
}

function byKey(a: KeyRecord, b: KeyRecord): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : a.id - b.id;
}
