/**
 * SchedulerObjects: objects of other kinds than Node and Pod as the scheduler knows them: what its
 * informers told, and what it assumes ahead of them.
 *
 * Source of the rules: assumeCache of
 * kubernetes/pkg/scheduler/framework/plugins/volumebinding/assume_cache.go, v1.30.
 */
import type { ApiObject } from "../../api/index.ts";
import type { AssumedObjects } from "./interface.ts";
import type { ObjectLister, ObjectName } from "./node-counts.ts";
import { SortedObjects } from "./sorted-objects.ts";

interface KnownObject {
  /** As the informer told it. */
  informed: ApiObject;
  /** What stands in for it. */
  assumed: ApiObject | undefined;
}

/** Plain data: by kind, then by `namespace/name`. */
export type SchedulerObjectsState = Map<string, Map<string, KnownObject>>;

/** What the store needs of the cache that it belongs to. */
export interface ObjectsOwner {
  readonly state: { readonly objects: SchedulerObjectsState };
  version: number;
}

export class SchedulerObjects implements AssumedObjects {
  readonly #owner: ObjectsOwner;
  readonly #listers = new Map<string, Lister>();

  constructor(owner: ObjectsOwner) {
    this.#owner = owner;
  }

  /**
   * Takes in an informer's object. One that is not newer than an assumed one (by resourceVersion)
   * changes nothing.
   */
  set(object: ApiObject): void {
    const { kind, metadata } = object;
    const key = keyOf(metadata.namespace, metadata.name);
    const known = this.#owner.state.objects.get(kind)?.get(key);
    if (known === undefined) {
      this.#ofKind(kind).set(key, { informed: object, assumed: undefined });
      this.#changed(kind, object);
      return;
    }
    if (known.informed === object) return;
    if (known.assumed !== undefined && versionOf(object) <= versionOf(known.assumed)) return;
    const isNews = known.assumed !== undefined || !isOnlyStatus(known.informed, object);
    known.informed = object;
    known.assumed = undefined;
    if (isNews) this.#changed(kind, object);
    else this.#listers.get(kind)?.replace(object);
  }

  /** The informer's object is gone, and what was assumed of it with it. Unknown ones: nothing. */
  delete(kind: string, namespace: string, name: string): void {
    const known = this.#owner.state.objects.get(kind);
    const found = known?.get(keyOf(namespace, name));
    if (known === undefined || found === undefined) return;
    known.delete(keyOf(namespace, name));
    this.#listers.get(kind)?.forget(found.informed);
    this.#owner.version++;
  }

  /** The object must be known, and the assumption be made from its newest version. */
  assume(object: ApiObject): void {
    const { kind, metadata } = object;
    const known = this.#known(kind, metadata.namespace, metadata.name);
    const title = `${kind} ${keyOf(metadata.namespace, metadata.name)}`;
    if (known === undefined) throw new Error(`${title} is assumed, but no informer knows it`);
    const stored = versionOf(known.assumed ?? known.informed);
    if (versionOf(object) < stored) {
      throw new Error(
        `${title} is out of sync: stored version ${stored}, assumed ${versionOf(object)}`,
      );
    }
    known.assumed = object;
    this.#changed(kind, object);
  }

  restore(kind: string, namespace: string, name: string): void {
    const known = this.#known(kind, namespace, name);
    if (known?.assumed === undefined) return;
    known.assumed = undefined;
    this.#changed(kind, known.informed);
  }

  get(kind: string, namespace: string, name: string): ApiObject | undefined {
    return this.#known(kind, namespace, name)?.assumed;
  }

  /** The objects of one kind, assumed ones in the place of the informers'. The same at every call. */
  lister<T extends ApiObject>(kind: string): ObjectLister<T> {
    let lister = this.#listers.get(kind);
    if (lister === undefined) {
      lister = new Lister(this.#owner, kind);
      this.#listers.set(kind, lister);
    }
    return lister as ObjectLister<ApiObject> as ObjectLister<T>;
  }

  /** The whole state was replaced. */
  rebuild(): void {
    for (const lister of this.#listers.values()) lister.rebuild();
  }

  #ofKind(kind: string): Map<string, KnownObject> {
    const { objects } = this.#owner.state;
    let known = objects.get(kind);
    if (known === undefined) {
      known = new Map();
      objects.set(kind, known);
    }
    return known;
  }

  #known(kind: string, namespace: string, name: string): KnownObject | undefined {
    return this.#owner.state.objects.get(kind)?.get(keyOf(namespace, name));
  }

  #changed(kind: string, object: ApiObject): void {
    this.#listers.get(kind)?.take(object);
    this.#owner.version++;
  }
}

/** Our assumption: who follows the changes asks for them more often than once in so many. */
const KEPT_CHANGES_MAX = 1_024;

/** What is listed is derived from the state at its first use, then follows it. */
class Lister implements ObjectLister {
  version = 0;
  /** The latest changes, one for each of the latest versions. */
  #changes: ObjectName[] = [];
  readonly #owner: ObjectsOwner;
  readonly #kind: string;
  #sorted: SortedObjects | undefined;

  constructor(owner: ObjectsOwner, kind: string) {
    this.#owner = owner;
    this.#kind = kind;
  }

  get(namespace: string, name: string): ApiObject | undefined {
    const known = this.#owner.state.objects.get(this.#kind)?.get(keyOf(namespace, name));
    return known?.assumed ?? known?.informed;
  }

  list(namespace?: string): readonly ApiObject[] {
    this.#sorted ??= new SortedObjects(this.#latest());
    return namespace === undefined ? this.#sorted.all : this.#sorted.inNamespace(namespace);
  }

  changedSince(version: number): readonly ObjectName[] | undefined {
    const count = this.version - version;
    return count > this.#changes.length
      ? undefined
      : this.#changes.slice(this.#changes.length - count);
  }

  take(object: ApiObject): void {
    this.#note(object);
    this.#sorted?.set(object);
  }

  /** The object is newer, but there is nothing new in it for a plugin. */
  replace(object: ApiObject): void {
    this.#sorted?.set(object);
  }

  forget(object: ApiObject): void {
    this.#note(object);
    this.#sorted?.delete(object);
  }

  /** Anything may have changed. */
  rebuild(): void {
    this.version++;
    this.#changes = [];
    this.#sorted = undefined;
  }

  #note({ metadata: { namespace, name } }: ApiObject): void {
    this.version++;
    this.#changes.push({ namespace, name });
    if (this.#changes.length >= 2 * KEPT_CHANGES_MAX) {
      this.#changes = this.#changes.slice(KEPT_CHANGES_MAX);
    }
  }

  #latest(): ApiObject[] {
    const known = this.#owner.state.objects.get(this.#kind)?.values() ?? [];
    return Array.from(known, ({ informed, assumed }) => assumed ?? informed);
  }
}

/** Kinds of which plugins read labels and spec only. Their controllers write the status often. */
const READ_WITHOUT_STATUS: ReadonlySet<string> = new Set([
  "Namespace",
  "ReplicaSet",
  "ReplicationController",
  "Service",
  "StatefulSet",
]);

/** Cheap and cautious: what was copied without need counts as changed. */
function isOnlyStatus(old: ApiObject, now: ApiObject): boolean {
  if (!READ_WITHOUT_STATUS.has(now.kind)) return false;
  const [before, after] = [old, now] as readonly { readonly spec?: unknown }[];
  return before?.spec === after?.spec && old.metadata.labels === now.metadata.labels;
}

function keyOf(namespace: string, name: string): string {
  return namespace === "" ? name : `${namespace}/${name}`;
}

function versionOf(object: ApiObject): number {
  return Number(object.metadata.resourceVersion);
}
