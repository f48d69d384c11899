/**
 * PodsByNode: the pods of one node without a look at those of all others, for the kubelets' lists
 * (the watch cache has the same index: `spec.nodeName`, pkg/registry/core/pod/strategy.go).
 *
 * It costs nothing until the first list by node; from then on it follows the commits, until there were
 * more of them since the last list than making it anew would take steps. It can be made from the store
 * at any time, so it is no state of the run.
 */
import type { KeyRecord, Pod, WatchEntry } from "../api/index.ts";
import type { Etcd } from "../etcd/index.ts";

/** It follows at least as many commits. Our assumption. */
const COMMITS_MIN = 1_000;

export class PodsByNode {
  readonly #etcd: Etcd;
  /** The etcd state that it was made from; undefined: nobody has asked yet. */
  #madeFrom: object | undefined;
  readonly #pods = new Map<string, Set<KeyRecord>>();
  /** Commits that it will follow yet before it is dropped. */
  #commitsLeft = 0;

  readonly #commitsMin: number;

  constructor(etcd: Etcd, commitsMin: number = COMMITS_MIN) {
    this.#etcd = etcd;
    this.#commitsMin = commitsMin;
    etcd.observe("Pod", (entry) => this.#onCommit(entry));
  }

  /** Records of the node's pods, by key. */
  of(nodeName: string): KeyRecord[] {
    if (this.#madeFrom !== this.#etcd.state) this.#make();
    this.#commitsLeft = this.#commitsMin + this.#etcd.count("Pod");
    const pods = this.#pods.get(nodeName);
    return pods === undefined ? [] : [...pods].sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  #make(): void {
    this.#pods.clear();
    for (const record of this.#etcd.list("Pod")) this.#add(record, nodeOf(record.stored as Pod));
    this.#madeFrom = this.#etcd.state;
  }

  #onCommit({ type, record, object, old }: WatchEntry): void {
    if (this.#madeFrom === undefined) return;
    if (this.#commitsLeft-- === 0) return this.#drop();
    const node = nodeOf(object as Pod);
    const before = old === undefined ? undefined : nodeOf(old as Pod);
    if (type === "DELETED") this.#remove(record, node);
    else if (node !== before) {
      if (before !== undefined) this.#remove(record, before);
      this.#add(record, node);
    }
  }

  #drop(): void {
    this.#madeFrom = undefined;
    this.#pods.clear();
  }

  #add(record: KeyRecord, node: string): void {
    const pods = this.#pods.get(node);
    if (pods === undefined) this.#pods.set(node, new Set([record]));
    else pods.add(record);
  }

  #remove(record: KeyRecord, node: string): void {
    const pods = this.#pods.get(node);
    if (pods?.delete(record) === true && pods.size === 0) this.#pods.delete(node);
  }
}

function nodeOf({ spec }: Pod): string {
  return spec.nodeName ?? "";
}
