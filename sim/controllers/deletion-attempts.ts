/**
 * DeletionAttempts: looks at one object after the other, and deletes it when no owner holds it
 * (attemptToDeleteWorker of the garbage collector).
 *
 * Source: attemptToDeleteItem in pkg/controller/garbagecollector/garbagecollector.go of v1.30.
 * References to kinds that the API does not hold count as solid: the real collector retries such an
 * object for ever.
 */
import {
  type ApiObject,
  DELETE_DEPENDENTS,
  type KeyRecord,
  type OwnerReference,
  waitsForFinalizer,
} from "../api/index.ts";
import type { ApiCall, DeletionPropagation } from "../client/index.ts";
import { type DependencyGraph, isKnownKind, isNamespaced } from "./dependency-graph.ts";
import type { GarbageWorkerSettings } from "./orphan-maker.ts";
import {
  judge,
  type OwnerState,
  unblockPatch,
  withoutFinalizerPatch,
  withoutOwnersPatch,
} from "./owner-references.ts";
import { Reconciler, SyncWork } from "./reconciler.ts";

/** --concurrent-gc-syncs. */
const WORKERS = 20;
const NONE: readonly OwnerReference[] = [];

/** One try to delete an object (attemptToDeleteItem). */
class GarbageWork extends SyncWork {
  /** The uid that the object should have. */
  uid = "";
  latest: ApiObject | undefined = undefined;
  /** What is known of each owner reference of `latest`. */
  owners: OwnerState[] = [];
}

/** What a call of a try is about: the object, its n-th owner, or a change. */
type Item = "object" | "change" | number;

export class DeletionAttempts {
  readonly #graph: DependencyGraph;
  readonly #reconciler: Reconciler<GarbageWork, Item>;

  constructor({ kernel, client, graph, controllerSync }: GarbageWorkerSettings) {
    this.#graph = graph;
    this.#reconciler = new Reconciler(
      { kernel, client, name: "garbage-collector", workers: WORKERS, controllerSync },
      {
        begin: (record) => new GarbageWork(record),
        run: (work) => this.#run(work),
        answered: (work, call, item) => this.#answered(work, call, item),
      },
    );
  }

  /** Starts the workers: once the informers have synced. */
  run(): void {
    this.#reconciler.run();
  }

  /** The object's owners, or its dependents, must be looked at. */
  enqueue(record: KeyRecord): void {
    this.#reconciler.enqueue(record);
  }

  #run(work: GarbageWork): string {
    switch (work.stage) {
      case "start":
        return this.#read(work);
      case "owners":
        return this.#readOwners(work);
      case "judge":
        return this.#judge(work);
      case "delete":
        if (work.error === "") this.#delete(work, "Foreground");
        return "done";
      default:
        return "done";
    }
  }

  #read(work: GarbageWork): string {
    const { record } = work;
    const virtualUid = this.#graph.virtualUid(record);
    const object = this.#graph.get(record);
    this.#reconciler.forget(record);
    work.uid = virtualUid ?? object?.metadata.uid ?? "";
    if (work.uid === "") return "done";
    const isLeaving = object?.metadata.deletionTimestamp !== undefined;
    if (isLeaving && !this.#graph.isDeletingDependents(record)) return "done";
    this.#reconciler.get(work, record, "object");
    return "owners";
  }

  #readOwners(work: GarbageWork): string {
    const { record, latest, uid } = work;
    if (work.error !== "") return "done";
    if (latest === undefined || latest.metadata.uid !== uid) {
      if (this.#graph.virtualUid(record) === uid) this.#vanished(uid);
      return "done"; // an object that was seen: its deletion is on its way
    }
    if (this.#graph.virtualUid(record) === uid) {
      work.error = `${record.kind} ${record.key} has not been observed yet`;
      return "done";
    }
    if (this.#graph.isDeletingDependents(record)) return this.#awaitDependents(work, latest);
    const references = latest.metadata.ownerReferences ?? NONE;
    for (const [index, reference] of references.entries()) {
      const isAbsent = this.#graph.isAbsent(reference.uid);
      work.owners.push(isAbsent ? "dangling" : "solid");
      const isUncorrectable = isNamespaced(reference.kind) && record.namespace === "";
      if (isAbsent || isUncorrectable || !isKnownKind(reference.kind)) continue;
      const owner = this.#graph.recordFor(reference, record.namespace);
      this.#reconciler.get(work, owner, index);
    }
    return "judge";
  }

  /** A virtual owner does not exist: whoever named it is looked at. */
  #vanished(uid: string): void {
    this.#graph.setAbsent(uid);
    for (const dependent of this.#graph.dependentsOf(uid)) this.enqueue(dependent);
  }

  /** Deletion in the foreground: the object goes when nothing blocks it (processDeletingDependentsItem). */
  #awaitDependents(work: GarbageWork, latest: ApiObject): string {
    const blocking = this.#graph.blockingDependents(work.uid);
    if (blocking.length === 0) {
      if (!waitsForFinalizer(latest, DELETE_DEPENDENTS)) return "done";
      const patch = withoutFinalizerPatch(latest, DELETE_DEPENDENTS);
      this.#reconciler.patch(work, work.record, patch, "", "change", { patchType: "merge" });
      return "done";
    }
    for (const dependent of blocking)
      if (!this.#graph.isDeletingDependents(dependent)) this.enqueue(dependent);
    return "done";
  }

  #judge(work: GarbageWork): string {
    const { record, latest, owners, uid } = work;
    if (work.error !== "" || latest === undefined) return "done";
    const dependents = owners.includes("waiting") ? this.#graph.dependentsOf(uid) : [];
    const verdict = judge(latest, owners, dependents.length > 0);
    if (verdict === undefined) return "done";
    if (verdict.type === "patch") {
      const patch = withoutOwnersPatch(uid, verdict.uids);
      this.#reconciler.patch(work, record, patch, "", "change");
      return "done";
    }
    const isWaited = owners.includes("waiting") && dependents.length > 0;
    if (isWaited && dependents.some((each) => this.#graph.isDeletingDependents(each))) {
      // A circle: nobody in it would ever go first.
      this.#reconciler.patch(work, record, unblockPatch(latest), "", "change");
      return "delete";
    }
    this.#delete(work, verdict.policy);
    return "done";
  }

  #delete(work: GarbageWork, propagationPolicy: DeletionPropagation): void {
    const { record, uid } = work;
    this.#reconciler.delete(work, record, "change", { uid, propagationPolicy });
  }

  #answered(work: GarbageWork, call: ApiCall, item: Item): void {
    if (!call.ok && call.code !== 404) {
      work.error = call.message;
    } else if (item === "object") work.latest = call.object;
    else if (typeof item === "number") {
      const reference = work.latest?.metadata.ownerReferences?.[item];
      if (reference !== undefined) work.owners[item] = this.#ownerState(reference, call.object);
    }
  }

  #ownerState({ uid }: OwnerReference, owner: ApiObject | undefined): OwnerState {
    if (owner === undefined || owner.metadata.uid !== uid) {
      this.#graph.setAbsent(uid);
      return "dangling";
    }
    return waitsForFinalizer(owner, DELETE_DEPENDENTS) ? "waiting" : "solid";
  }
}
