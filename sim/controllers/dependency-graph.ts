/**
 * DependencyGraph: who owns whom, from the informers' stores (GraphBuilder of the garbage collector).
 *
 * An edge costs nothing where it can be looked up: what has one owner, its controller, and is a pod
 * or a ReplicaSet is found through the index by controller that the stores have anyhow. Only other
 * dependents have an entry here, and of the objects that may own something all but the pods.
 *
 * Source: pkg/controller/garbagecollector/graph.go and graph_builder.go of v1.30.
 */
import {
  type ApiObject,
  allKinds,
  DELETE_DEPENDENTS,
  KeyRecord,
  type Kind,
  type OwnerReference,
  type Pod,
  waitsForFinalizer,
} from "../api/index.ts";
import type { Indexer, SharedInformer } from "../client/index.ts";
import { ownedUnordered } from "./ownership.ts";

/** Index of the pods that own volume claims, by uid. */
const BY_UID = "owner-pod-uid";
/** Kinds whose stores have the index by controller. */
const INDEXED = ["Pod", "ReplicaSet"];
/** The garbage collector leaves events alone (ignoredResources). */
const IGNORED = "Event";
/** graph_builder.go and garbagecollector.go: NewReferenceCache(500). */
const ABSENT_MAX = 500;

const kinds: ReadonlyMap<string, Kind> = new Map(allKinds.map((kind) => [kind.kind, kind]));

/** The kinds that the garbage collector watches. */
export const collectedKinds: readonly string[] = allKinds
  .map(({ kind }) => kind)
  .filter((kind) => kind !== IGNORED);

export interface DependencyGraphState {
  /** What may own something, by uid; pods are looked up. */
  readonly owners: Map<string, KeyRecord>;
  /** Dependents by their owner's uid, but for those that an index finds. */
  readonly dependents: Map<string, Set<KeyRecord>>;
  /** Owners that are named but were never seen, by uid, until it is known what they are. */
  readonly virtual: Map<string, KeyRecord>;
  readonly virtualUids: Map<KeyRecord, string>;
  /** Uids of the last owners that were found not to exist; the oldest goes first. */
  readonly absent: Set<string>;
}

export class DependencyGraph {
  state: DependencyGraphState = {
    owners: new Map(),
    dependents: new Map(),
    virtual: new Map(),
    virtualUids: new Map(),
    absent: new Set(),
  };
  readonly #stores = new Map<string, Indexer<ApiObject>>();
  readonly #pods: Indexer<Pod>;

  constructor(informers: readonly (readonly [string, SharedInformer<ApiObject>])[]) {
    for (const [kind, informer] of informers) this.#stores.set(kind, informer.indexer);
    this.#pods = this.#store("Pod") as unknown as Indexer<Pod>;
    const uidOfOwner = ({ metadata, spec }: Pod): string | undefined =>
      spec.volumes?.some(({ ephemeral }) => ephemeral !== undefined) === true
        ? metadata.uid
        : undefined;
    this.#pods.addIndex(BY_UID, uidOfOwner, "spec");
  }

  /** The object as the informers know it. */
  get(record: KeyRecord): ApiObject | undefined {
    return this.#stores.get(record.kind)?.get(record);
  }

  /** An object is there: it may own others from now. */
  add(record: KeyRecord, uid: string): void {
    const { owners, virtual, virtualUids } = this.state;
    if (record.kind !== "Pod") owners.set(uid, record);
    if (virtual.size === 0) return;
    const before = virtual.get(uid);
    if (before === undefined) return;
    virtual.delete(uid);
    virtualUids.delete(before);
  }

  remove(record: KeyRecord, uid: string): void {
    if (record.kind !== "Pod") this.state.owners.delete(uid);
  }

  link(record: KeyRecord, references: readonly OwnerReference[]): void {
    if (isIndexed(record, references)) return;
    const { dependents } = this.state;
    for (const { uid } of references) {
      const known = dependents.get(uid);
      if (known === undefined) dependents.set(uid, new Set([record]));
      else known.add(record);
    }
  }

  unlink(record: KeyRecord, references: readonly OwnerReference[]): void {
    if (isIndexed(record, references)) return;
    const { dependents } = this.state;
    for (const { uid } of references) {
      const known = dependents.get(uid);
      known?.delete(record);
      if (known?.size === 0) dependents.delete(uid);
    }
  }

  /** Everything that names this owner, by kind and key. */
  dependentsOf(uid: string): KeyRecord[] {
    const found = [...(this.state.dependents.get(uid) ?? [])];
    for (const kind of INDEXED) {
      const store = this.#store(kind);
      for (const record of ownedUnordered(store, uid)) {
        const references = store.get(record)?.metadata.ownerReferences ?? [];
        if (isIndexed(record, references)) found.push(record);
      }
    }
    return found.length < 2 ? found : found.sort(byKindAndKey);
  }

  /** Whether anything but a pod or ReplicaSet names this owner; for pods, which seldom own. */
  get isEmpty(): boolean {
    return this.state.dependents.size === 0;
  }

  /** The owner that a reference names, if it has been seen. */
  find({ kind, uid }: OwnerReference): KeyRecord | undefined {
    const known = this.state.owners.get(uid);
    if (known !== undefined || kind !== "Pod") return known;
    for (const record of this.#pods.unordered(BY_UID, uid)) return record;
    return this.#pods.select(({ metadata }) => metadata.uid === uid)[0];
  }

  /** The key that the reference of an object in this namespace means. */
  recordFor(reference: OwnerReference, namespace: string): KeyRecord {
    const seen = this.find(reference);
    const { kind, name } = reference;
    const wanted = kinds.get(kind)?.namespaced === true ? namespace : "";
    const isMeant = seen?.name === name && seen.kind === kind && seen.namespace === wanted;
    return isMeant ? seen : new KeyRecord(-1, kind, wanted, name);
  }

  /** Notes an owner that nobody has seen; undefined when it is noted already. */
  addVirtual(reference: OwnerReference, namespace: string): KeyRecord | undefined {
    const { virtual, virtualUids } = this.state;
    if (virtual.has(reference.uid)) return undefined;
    const record = this.recordFor(reference, namespace);
    virtual.set(reference.uid, record);
    virtualUids.set(record, reference.uid);
    return record;
  }

  /** The uid that an owner never seen should have; undefined for any other key. */
  virtualUid(record: KeyRecord): string | undefined {
    return this.state.virtualUids.get(record);
  }

  /** The owner does not exist. */
  setAbsent(uid: string): void {
    const { absent, virtual, virtualUids } = this.state;
    const record = virtual.get(uid);
    if (record !== undefined) virtualUids.delete(record);
    virtual.delete(uid);
    absent.delete(uid);
    absent.add(uid);
    if (absent.size <= ABSENT_MAX) return;
    const oldest = absent.values().next();
    if (oldest.done !== true) absent.delete(oldest.value);
  }

  isAbsent(uid: string): boolean {
    return this.state.absent.has(uid);
  }

  /** Whether the object is being deleted and waits for its dependents to go first. */
  isDeletingDependents(record: KeyRecord): boolean {
    const object = this.get(record);
    return object !== undefined && waitsForFinalizer(object, DELETE_DEPENDENTS);
  }

  /** Dependents that the owner's deletion in the foreground must wait for. */
  blockingDependents(uid: string): KeyRecord[] {
    return this.dependentsOf(uid).filter((record) => {
      const references = this.get(record)?.metadata.ownerReferences ?? [];
      return references.some((each) => each.uid === uid && each.blockOwnerDeletion === true);
    });
  }

  #store(kind: string): Indexer<ApiObject> {
    const store = this.#stores.get(kind);
    if (store === undefined) throw new Error(`the garbage collector does not watch ${kind}`);
    return store;
  }
}

/** Whether an owner of this kind can be looked up: the API does not have it otherwise. */
export function isKnownKind(kind: string): boolean {
  return kinds.has(kind);
}

/** Whether an object of this kind lives in a namespace. */
export function isNamespaced(kind: string): boolean {
  return kinds.get(kind)?.namespaced === true;
}

function isIndexed({ kind }: KeyRecord, references: readonly OwnerReference[]): boolean {
  if (references.length !== 1 || references[0]?.controller !== true) return false;
  return kind === "Pod" || kind === "ReplicaSet";
}

function byKindAndKey(a: KeyRecord, b: KeyRecord): number {
  if (a.kind !== b.kind) return a.kind < b.kind ? -1 : 1;
  return a.key < b.key ? -1 : a.key > b.key ? 1 : a.id - b.id;
}
