/**
 * KeyRecord: the one place where a key of the store (kind, namespace, name) has its identity.
 *
 * Every component that knows an object holds this record instead of a key string of its own, so
 * that no hop builds or hashes `namespace/name` again, and each informer's map entry is a field
 * here (`views`). It belongs to the run's state; it is copied by a fork.
 */
import { hashPath, type Micros } from "../kernel/index.ts";
import type { ApiObject } from "./objects.ts";

export class KeyRecord<T extends ApiObject = ApiObject> {
  /** Running number over all records of the run, in order of first use. */
  readonly id: number;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** `namespace/name`, or `name` where there is no namespace: client-go's MetaNamespaceKeyFunc. */
  readonly key: string;
  /** Hash of kind and key: the object's identity for hashed random draws, equal under every policy. */
  readonly hash: number;
  /** The object in etcd; undefined when it does not exist (any more). */
  stored: T | undefined = undefined;
  /** Commits of this key so far. Numbers the random draws of its watch deliveries. */
  commitCount = 0;
  /**
   * API requests made about this key so far, by operation (see ApiClient). They number the random
   * draws of the requests' latencies: one more status update does not change a binding's luck.
   */
  readonly requestCounts: number[] = [0, 0, 0, 0]; // room for what is asked of every pod
  /**
   * What each informer's Indexer holds for this key, and where the key stands in its list: two
   * entries for each slot. Only Indexer reads them.
   */
  readonly views: (T | number | undefined)[] = [undefined, 0, undefined, 0, undefined, 0];

  /** `key` is given where it is known already. */
  constructor(
    id: number,
    kind: string,
    namespace: string,
    name: string,
    key: string = keyOf(namespace, name),
  ) {
    this.id = id;
    this.kind = kind;
    this.namespace = namespace;
    this.name = name;
    this.key = key;
    this.hash = hashPath(kind, key);
  }
}

export function keyOf(namespace: string, name: string): string {
  return namespace === "" ? name : `${namespace}/${name}`;
}

export type ChangeType = "ADDED" | "MODIFIED" | "DELETED";

/**
 * One change in the store, as watchers get it. Pass it on, but never keep it: `old` would keep the
 * previous object alive.
 */
export interface WatchEntry<T extends ApiObject = ApiObject> {
  readonly type: ChangeType;
  readonly revision: number;
  /** When it was committed, virtual microseconds. */
  readonly timeUs: Micros;
  readonly record: KeyRecord<T>;
  /** The object after the change; for DELETED its last state. */
  readonly object: T;
  /** The object before the change; undefined for ADDED. */
  readonly old: T | undefined;
}
