/**
 * etcd: a multi-version key-value store with one revision counter, compare-and-swap, and a history
 * from which watches resume.
 *
 * A write takes effect at the moment when it is called; the time until then (fsync and quorum round
 * trip) is `commitDelayUs`, which the API server lets pass first. History is a ring by count per
 * kind: a watch that asks for an older revision is told that it is compacted.
 */
import { type ApiObject, KeyRecord, type Trace, type WatchEntry } from "../api/index.ts";
import { HopLatency, type Kernel, type Micros } from "../kernel/index.ts";
import { History } from "./history.ts";

interface KindTable {
  /** Records of the keys that exist, by key. */
  readonly records: Map<string, KeyRecord>;
  readonly history: History;
}

interface EtcdState {
  /** Revision of the last commit; 1 in a new store, as in etcd. */
  revision: number;
  nextRecordId: number;
  readonly kinds: Map<string, KindTable>;
}

export interface EtcdSettings {
  readonly kernel: Kernel;
  readonly trace: Trace;
  /** Distribution of a commit's duration. */
  readonly commitLatency: string;
  /** Changes kept per kind. */
  readonly historyPerKind: number;
}

/** Why a write did not happen. */
export type WriteConflict = "exists" | "missing" | "stale";

export class Etcd {
  state: EtcdState = { revision: 1, nextRecordId: 0, kinds: new Map() };
  readonly #kernel: Kernel;
  readonly #trace: Trace;
  readonly #commitLatency: HopLatency;
  readonly #historyPerKind: number;
  #onCommit: (entry: WatchEntry) => void = () => {};

  constructor({ kernel, trace, commitLatency, historyPerKind }: EtcdSettings) {
    this.#kernel = kernel;
    this.#trace = trace;
    this.#commitLatency = new HopLatency(kernel.seed, commitLatency, "latency.etcdCommit");
    this.#historyPerKind = historyPerKind;
    kernel.keep("etcd", this);
  }

  /** The one listener (the API server's watch cache) that is told of every commit, in order. */
  subscribe(onCommit: (entry: WatchEntry) => void): void {
    this.#onCommit = onCommit;
  }

  /** How long the commit of request `number` about the key with this hash takes. */
  commitDelayUs(recordHash: number, number: number): Micros {
    return this.#commitLatency.us(recordHash, number);
  }

  get revision(): number {
    return this.state.revision;
  }

  /** The record of an existing key. */
  find(kind: string, key: string): KeyRecord | undefined {
    return this.#table(kind).records.get(key);
  }

  /** The record of a key, made when it does not exist yet; it is not stored by that. */
  record(kind: string, namespace: string, name: string): KeyRecord {
    const key = namespace === "" ? name : `${namespace}/${name}`;
    return this.find(kind, key) ?? new KeyRecord(this.state.nextRecordId++, kind, namespace, name);
  }

  /** All existing records of a kind, ordered by key, as etcd's range read. O(n log n). */
  list(kind: string): KeyRecord[] {
    return [...this.#table(kind).records.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  /** Number of existing objects of a kind. */
  count(kind: string): number {
    return this.#table(kind).records.size;
  }

  /** Stores a new object. The object's metadata must be fresh: its resourceVersion is set here. */
  create(record: KeyRecord, object: ApiObject): WriteConflict | WatchEntry {
    const table = this.#table(record.kind);
    if (table.records.has(record.key)) return "exists";
    table.records.set(record.key, record);
    return this.#commit(table, "ADDED", record, object);
  }

  /**
   * Replaces an object if its revision is still `expected` ("" asks for no check). The metadata of
   * `object` must be fresh: its resourceVersion is set here.
   */
  update(record: KeyRecord, object: ApiObject, expected: string): WriteConflict | WatchEntry {
    const old = record.stored;
    if (old === undefined) return "missing";
    if (expected !== "" && expected !== old.metadata.resourceVersion) return "stale";
    return this.#commit(this.#table(record.kind), "MODIFIED", record, object);
  }

  /** Removes a key. `last` is its final state as watchers see it, with fresh metadata. */
  delete(record: KeyRecord, last: ApiObject): WriteConflict | WatchEntry {
    if (record.stored === undefined) return "missing";
    const table = this.#table(record.kind);
    table.records.delete(record.key);
    return this.#commit(table, "DELETED", record, last);
  }

  /** Changes of a kind after `revision`, in order; "compacted" when they are no longer all kept. */
  changesSince(kind: string, revision: number): WatchEntry[] | "compacted" {
    return this.#table(kind).history.since(revision);
  }

  /** Forgets the history of every kind up to now, as a compaction does. */
  compact(): void {
    for (const table of this.state.kinds.values()) table.history.compact(this.state.revision);
  }

  #commit(
    table: KindTable,
    type: WatchEntry["type"],
    record: KeyRecord,
    object: ApiObject,
  ): WatchEntry {
    const revision = ++this.state.revision;
    // The one place where an object is touched after it was made: before anybody has seen it.
    (object.metadata as { resourceVersion: string }).resourceVersion = String(revision);
    const old = record.stored;
    record.stored = type === "DELETED" ? undefined : object;
    record.commitCount++;
    const entry: WatchEntry = { type, revision, timeUs: this.#kernel.nowUs, record, object, old };
    table.history.push(entry);
    const { committed } = this.#trace;
    if (committed.on) committed.emit(entry);
    this.#onCommit(entry);
    return entry;
  }

  #table(kind: string): KindTable {
    let table = this.state.kinds.get(kind);
    if (table === undefined) {
      table = { records: new Map(), history: new History(this.#historyPerKind) };
      this.state.kinds.set(kind, table);
    }
    return table;
  }
}
