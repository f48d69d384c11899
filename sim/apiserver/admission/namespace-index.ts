/**
 * NamespaceIndex: the store's objects of one kind by namespace. It is made from the store, and made
 * anew when keys have come or gone or the store is another (a fork): no state of a run.
 */
import type { ApiObject, KeyRecord } from "../../api/index.ts";
import type { Etcd } from "../../etcd/index.ts";

export class NamespaceIndex<T extends ApiObject> {
  readonly #etcd: Etcd;
  readonly #kind: string;
  #madeFrom: unknown;
  #keyChanges = -1;
  #byNamespace = new Map<string, KeyRecord<T>[]>();

  constructor(etcd: Etcd, kind: string) {
    this.#etcd = etcd;
    this.#kind = kind;
  }

  /** Records in a namespace, by key. O(1) while no object of the kind is created or deleted. */
  of(namespace: string): readonly KeyRecord<T>[] {
    if (this.#etcd.count(this.#kind) === 0) return NONE;
    const keyChanges = this.#etcd.keyChanges(this.#kind);
    if (keyChanges !== this.#keyChanges || this.#madeFrom !== this.#etcd.state) {
      this.#keyChanges = keyChanges;
      this.#madeFrom = this.#etcd.state;
      this.#byNamespace = this.#make();
    }
    return this.#byNamespace.get(namespace) ?? NONE;
  }

  #make(): Map<string, KeyRecord<T>[]> {
    const byNamespace = new Map<string, KeyRecord<T>[]>();
    for (const record of this.#etcd.list(this.#kind) as KeyRecord<T>[]) {
      const others = byNamespace.get(record.namespace);
      if (others === undefined) byNamespace.set(record.namespace, [record]);
      else others.push(record);
    }
    return byNamespace;
  }
}

const NONE: readonly never[] = [];
