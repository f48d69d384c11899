/**
 * Who manages what: the claims of a controller's object on others by its selector, and the indexes
 * by which they are found.
 *
 * Source: BaseControllerRefManager.ClaimObject in pkg/controller/controller_ref_manager.go of v1.30.
 */
import {
  type ApiObject,
  controllerOf,
  controllerRef,
  type KeyRecord,
  type LabelSelector,
  labelValues,
  type Manifest,
  type ObjectMeta,
  type Selector,
  valueSelected,
} from "../api/index.ts";
import type { Indexer } from "../client/index.ts";

/** Index by the uid of the controller that an object has. */
const BY_CONTROLLER = "controller-uid";
/** Indexes of the objects that have no controller: by label, and by namespace. */
const ORPHANS = "orphans";
const ORPHANS_BY_NAMESPACE = "orphans-by-namespace";
/** Index of all objects by label, and by namespace. */
const LABELLED = "labelled";
const BY_NAMESPACE = "namespace";
/** Index by the object's own uid. */
const BY_UID = "uid";
/** Index by the namespace and one label that a selector asks for. */
const BY_SELECTOR = "selector";

/** Makes the objects of a store findable by their controller. Only before it holds anything. */
export function indexOwned(store: Indexer<ApiObject>): void {
  store.addIndex(BY_CONTROLLER, (object) => controllerOf(object)?.uid, "metadata");
  const isOrphan = (object: ApiObject): boolean => controllerOf(object) === undefined;
  // Asked for by those who adopt: where there are none, pods are spared it.
  store.addLazyIndex(
    ORPHANS,
    (object) => (isOrphan(object) ? labelValues(object.metadata) : undefined),
    "metadata",
  );
  store.addLazyIndex(
    ORPHANS_BY_NAMESPACE,
    (object) => (isOrphan(object) ? object.metadata.namespace : undefined),
    "metadata",
  );
}

/** Makes the objects of a store findable by a selector, from the first time that they are sought. */
export function indexLabelled<T extends ApiObject>(store: Indexer<T>): void {
  store.addLazyIndex(LABELLED, ({ metadata }) => labelValues(metadata), "metadata");
  store.addLazyIndex(BY_NAMESPACE, ({ metadata }) => metadata.namespace, "names");
}

/** The objects of a namespace that the selector selects, by key. O(those with its first label). */
export function selectLabelled<T extends ApiObject>(
  store: Indexer<T>,
  namespace: string,
  selector: Selector,
): KeyRecord<T>[] {
  const wanted = ({ metadata }: T): boolean => selector.matches(metadata.labels ?? {});
  const value = valueSelected(namespace, selector);
  return value === undefined
    ? store.selectByIndex(BY_NAMESPACE, namespace, wanted)
    : store.selectByIndex(LABELLED, value, wanted);
}

/** Makes the objects of a store findable by uid, and by the labels that they select. */
export function indexOwners<T extends ApiObject>(
  store: Indexer<T>,
  selectorOf: (object: T) => LabelSelector | undefined,
): void {
  store.addIndex(BY_UID, ({ metadata }) => metadata.uid, "names");
  const selected = (owner: T): string => {
    const { namespace } = owner.metadata;
    const first = Object.entries(selectorOf(owner)?.matchLabels ?? {}).sort(byLabel)[0];
    return first === undefined ? namespace : `${namespace}/${first[0]}=${first[1]}`;
  };
  store.addIndex(BY_SELECTOR, selected, "spec");
}

/** The object that `object` names as its controller, if the store has it. */
export function resolveController<T extends ApiObject>(
  owners: Indexer<T>,
  kind: string,
  object: ApiObject,
): KeyRecord<T> | undefined {
  const reference = controllerOf(object);
  return reference?.kind === kind ? owners.firstByIndex(BY_UID, reference.uid) : undefined;
}

/** The objects that could select one with these labels, by key; `selects` has the last word. */
export function ownersSelecting<T extends ApiObject>(
  owners: Indexer<T>,
  { namespace, labels = {} }: ApiObject["metadata"],
  selects: (owner: T) => boolean,
): KeyRecord<T>[] {
  if (owners.size === 0) return [];
  const found = owners.selectByIndex(BY_SELECTOR, namespace, selects);
  for (const [key, value] of Object.entries(labels).sort(byLabel)) {
    for (const owner of owners.selectByIndex(
      BY_SELECTOR,
      `${namespace}/${key}=${value}`,
      selects,
    )) {
      found.push(owner);
    }
  }
  return found;
}

/** Keys of the objects that name this uid as their controller, by key. */
export function ownedBy<T extends ApiObject>(store: Indexer<T>, uid: string): KeyRecord<T>[] {
  return store.byIndex(BY_CONTROLLER, uid);
}

/** The same, in no order that results may depend on. */
export function ownedUnordered<T extends ApiObject>(
  store: Indexer<T>,
  uid: string,
): Iterable<KeyRecord<T>> {
  return store.unordered(BY_CONTROLLER, uid);
}

/** Whether the owner has an object that satisfies the predicate. Stops at the first. */
export function ownsSome<T extends ApiObject>(
  store: Indexer<T>,
  uid: string,
  wanted: (object: T) => boolean = () => true,
): boolean {
  for (const record of store.unordered(BY_CONTROLLER, uid)) {
    const object = store.get(record);
    if (object !== undefined && wanted(object)) return true;
  }
  return false;
}

/** Those of them that satisfy the predicate, by key; sorts only these. */
export function selectOwned<T extends ApiObject>(
  store: Indexer<T>,
  uid: string,
  wanted: (object: T) => boolean,
): KeyRecord<T>[] {
  return store.selectByIndex(BY_CONTROLLER, uid, wanted);
}

/** What a claim finds. */
export interface Claims<T extends ApiObject> {
  /** Owned, and still selected; in no order, since they may be many. */
  readonly kept: KeyRecord<T>[];
  /** Owned, but no longer selected: let go. By key, as those that follow. */
  readonly released: KeyRecord<T>[];
  /** Selected, and nobody's: to be adopted. */
  readonly orphans: KeyRecord<T>[];
}

/** Sorts out who belongs to `owner`. `isWanted` leaves some out of everything. */
export function claim<T extends ApiObject>(
  store: Indexer<T>,
  owner: ApiObject,
  selector: Selector,
  isWanted: (object: T) => boolean,
): Claims<T> {
  const { namespace, uid, deletionTimestamp } = owner.metadata;
  const isDeleted = deletionTimestamp !== undefined;
  const claims: Claims<T> = {
    kept: [],
    released: [],
    orphans: isDeleted ? [] : orphansOf(store, namespace, selector, isWanted),
  };
  for (const record of store.unordered(BY_CONTROLLER, uid)) {
    const object = store.get(record);
    if (object === undefined || !isWanted(object)) continue;
    if (selector.matches(object.metadata.labels ?? {})) claims.kept.push(record);
    else if (!isDeleted) claims.released.push(record);
  }
  claims.released.sort((a, b) => (a.key < b.key ? -1 : 1));
  return claims;
}

function orphansOf<T extends ApiObject>(
  store: Indexer<T>,
  namespace: string,
  selector: Selector,
  isWanted: (object: T) => boolean,
): KeyRecord<T>[] {
  const isFree = (object: T): boolean => {
    const { labels = {}, deletionTimestamp } = object.metadata;
    return deletionTimestamp === undefined && selector.matches(labels) && isWanted(object);
  };
  const value = valueSelected(namespace, selector);
  return value === undefined
    ? store.selectByIndex(ORPHANS_BY_NAMESPACE, namespace, isFree)
    : store.selectByIndex(ORPHANS, value, isFree);
}

/**
 * The patch that makes `owner` the controller of `object`, and gives it the finalizers
 * (ownerRefControllerPatch): lists that are merged, by uid and as a set.
 */
export function adoptionPatch(
  owner: ApiObject,
  { metadata: { uid } }: ApiObject,
  finalizers: readonly string[] = [],
): Manifest {
  const ownerReferences = [controllerRef(owner)];
  if (finalizers.length === 0) return { metadata: { uid, ownerReferences } };
  return { metadata: { uid, ownerReferences, finalizers: [...finalizers] } };
}

/**
 * The patch that takes `owner`'s reference, and the finalizers, off `object`
 * (GenerateDeleteOwnerRefStrategicMergeBytes).
 */
export function releasePatch(
  owner: ApiObject,
  { metadata: { uid } }: ApiObject,
  finalizers: readonly string[] = [],
): Manifest {
  const ownerReferences = [{ $patch: "delete", uid: owner.metadata.uid }];
  const metadata =
    finalizers.length === 0
      ? { uid, ownerReferences }
      : { uid, ownerReferences, "$deleteFromPrimitiveList/finalizers": finalizers };
  return { metadata: metadata as unknown as ObjectMeta };
}

function byLabel([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : 1;
}
