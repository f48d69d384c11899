/**
 * etcd: a multi-version key-value store with one revision counter, compare-and-swap, and a history
 * from which watches resume.
 *
 * A write takes effect at the moment when it is called: when its proposal is committed (see
 * `quorum`), which the API server waits for. History is a ring by count per kind, as the API
 * server's watch cache keeps it: a watch that asks for an older revision is told that it is gone.
 */
import { type ApiObject, KeyRecord, keyOf, type Trace, type WatchEntry } from "../api/index.ts";
import type { Kernel } from "../kernel/index.ts";
import type { EtcdOptions } from "../options/index.ts";
import { History } from "./history.ts";
import { Quorum, type QuorumSettings } from "./quorum.ts";
import { ObjectSizes, Space } from "./space.ts";

interface KindTable {
  /** Records of the keys that exist, by key. */
  readonly records: Map<string, KeyRecord>;
  readonly history: History;
  /** Creations and deletions so far. */
  keyChanges: number;
  readonly sizes: ObjectSizes;
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
  readonly latency: QuorumSettings["latency"];
  readonly options: EtcdOptions;
}

/** Why a write did not happen. `full`: the alarm NOSPACE lets nothing through but deletions. */
export type WriteConflict = "exists" | "missing" | "stale" | "full";

export class Etcd {
  state: EtcdState = { revision: 1, nextRecordId: 0, kinds: new Map() };
  readonly #kernel: Kernel;
  readonly #trace: Trace;
  /** When writes become durable. */
  readonly quorum: Quorum;
  /** How full the database is, and what is compacted. */
  readonly space: Space;
  readonly #historyPerKind: number;
  #onCommit: (entry: WatchEntry) => void = () => {};
  readonly #observers = new Map<string, ((entry: WatchEntry) => void)[]>();

  constructor({ kernel, trace, latency, options }: EtcdSettings) {
    this.#kernel = kernel;
    this.#trace = trace;
    this.#historyPerKind = options.historyPerKind;
    const { members, batching, electionTimeoutMilliseconds } = options;
    const electionTimeoutUs = electionTimeoutMilliseconds * 1000;
    this.quorum = new Quorum({ kernel, members, batching, electionTimeoutUs, latency });
    this.space = new Space(kernel, options);
    kernel.keep("etcd", this);
  }

  /**
   * Tells `observer` of every commit of a kind at once: for models of the world outside the control
   * plane, which need the truth and not what a watcher knows. Call it when wiring.
   */
  observe(kind: string, observer: (entry: WatchEntry) => void): void {
    const known = this.#observers.get(kind);
    if (known === undefined) this.#observers.set(kind, [observer]);
    else known.push(observer);
  }

  /** The one listener (the API server's watch cache) that is told of every commit, in order. */
  subscribe(onCommit: (entry: WatchEntry) => void): void {
    this.#onCommit = onCommit;
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
    const key = keyOf(namespace, name);
    const known = this.find(kind, key);
    return known ?? new KeyRecord(this.state.nextRecordId++, kind, namespace, name, key);
  }

  /** All existing records of a kind, ordered by key, as etcd's range read. O(n log n). */
  list(kind: string): KeyRecord[] {
    return [...this.#table(kind).records.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  /** Number of existing objects of a kind. */
  count(kind: string): number {
    return this.#table(kind).records.size;
  }

  /** Creations and deletions of a kind so far: as long as it stays, so does the set of keys. */
  keyChanges(kind: string): number {
    return this.#table(kind).keyChanges;
  }

  /** Stores a new object. The object's metadata must be fresh: its resourceVersion is set here. */
  create(record: KeyRecord, object: ApiObject): WriteConflict | WatchEntry {
    const table = this.#table(record.kind);
    if (table.records.has(record.key)) return "exists";
    if (this.space.hasAlarm) return "full";
    table.records.set(record.key, record);
    table.keyChanges++;
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
    if (this.space.hasAlarm) return "full";
    return this.#commit(this.#table(record.kind), "MODIFIED", record, object);
  }

  /** Removes a key. `last` is its final state as watchers see it, with fresh metadata. */
  delete(record: KeyRecord, last: ApiObject): WriteConflict | WatchEntry {
    if (record.stored === undefined) return "missing";
    const table = this.#table(record.kind);
    table.records.delete(record.key);
    table.keyChanges++;
    return this.#commit(table, "DELETED", record, last);
  }

  /** Changes of a kind after `revision`, in order; "compacted" when they are no longer all kept. */
  changesSince(kind: string, revision: number): WatchEntry[] | "compacted" {
    return this.#table(kind).history.since(revision);
  }

  /** Revision of the last change of a kind; 0: there was none. It may say one too late, never too early. */
  lastChange(kind: string): number {
    return this.#table(kind).history.lastRevision;
  }

  /** Revision up to which old versions are compacted away. */
  get compactedRevision(): number {
    return this.space.compactedRevision(this.state.revision);
  }

  /** Forgets the history of every kind up to now, as a compaction does. */
  compact(): void {
    this.space.compact(this.state.revision);
    for (const table of this.state.kinds.values()) table.history.compact(this.state.revision);
  }

  #commit(
    table: KindTable,
    type: WatchEntry["type"],
    record: KeyRecord,
    object: ApiObject,
  ): WatchEntry {
    this.space.note(type, table.sizes, object, this.state.revision);
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
    const observers = this.#observers.get(record.kind);
    if (observers !== undefined) for (const observer of observers) observer(entry);
    this.#onCommit(entry);
    return entry;
  }

  #table(kind: string): KindTable {
    let table = this.state.kinds.get(kind);
    if (table === undefined) {
      table = {
        records: new Map(),
        history: new History(this.#historyPerKind),
        keyChanges: 0,
        sizes: new ObjectSizes(),
      };
      this.state.kinds.set(kind, table);
    }
    return table;
  }
}
