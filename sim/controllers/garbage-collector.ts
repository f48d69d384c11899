/**
 * GarbageCollector: deletes what no owner needs any more. An object goes when none of its owners
 * exists; an owner that is deleted in the foreground goes after the dependents that block it; of
 * one that is deleted as an orphaning owner the references are taken off first.
 *
 * This part follows the changes (processGraphChanges of pkg/controller/garbagecollector/graph_builder.go
 * of v1.30) and says what must be looked at; DeletionAttempts and OrphanMaker do so.
 */
import {
  type ApiObject,
  DELETE_DEPENDENTS,
  type KeyRecord,
  ORPHAN_DEPENDENTS,
  type OwnerReference,
  waitsForFinalizer,
} from "../api/index.ts";
import type { EventRecorder } from "../client/index.ts";
import type { Controller, ControllerContext } from "./controller.ts";
import { DeletionAttempts } from "./deletion-attempts.ts";
import { collectedKinds, DependencyGraph, isKnownKind } from "./dependency-graph.ts";
import { OrphanMaker } from "./orphan-maker.ts";
import { describeReference, unblockedOwners } from "./owner-references.ts";

const NONE: readonly OwnerReference[] = [];

export class GarbageCollector implements Controller {
  readonly #graph: DependencyGraph;
  readonly #attempts: DeletionAttempts;
  readonly #orphans: OrphanMaker;
  readonly #events: EventRecorder;

  constructor(context: ControllerContext) {
    const { kernel } = context;
    const { controllerSync } = context.latency;
    const client = context.client("generic-garbage-collector");
    const informers = collectedKinds.map(
      (kind) => [kind, context.informer<ApiObject>(kind)] as const,
    );
    const graph = new DependencyGraph(informers);
    this.#graph = graph;
    this.#events = context.events(client, "garbage-collector-controller");
    this.#attempts = new DeletionAttempts({ kernel, client, graph, controllerSync });
    this.#orphans = new OrphanMaker({ kernel, client, graph, controllerSync });
    for (const [, informer] of informers) {
      informer.addEventHandler({
        onAdd: (record, object) => this.#onAdd(record, object),
        onUpdate: (record, old, object) => this.#onUpdate(record, old, object),
        onDelete: (record, last) => this.#onDelete(record, last),
      });
    }
    kernel.keep("controller/garbage-collector", graph);
  }

  /** Starts the workers: once the informers have synced. */
  run(): void {
    this.#attempts.run();
    this.#orphans.run();
  }

  #onAdd(record: KeyRecord, object: ApiObject): void {
    const { uid, ownerReferences, deletionTimestamp } = object.metadata;
    this.#graph.add(record, uid);
    if (ownerReferences !== undefined) {
      this.#graph.link(record, ownerReferences);
      for (const reference of ownerReferences) this.#checkOwner(record, object, reference);
    }
    if (deletionTimestamp !== undefined) this.#onDeleting(record, undefined, object);
  }

  #onUpdate(record: KeyRecord, old: ApiObject, object: ApiObject): void {
    const { uid, ownerReferences, deletionTimestamp } = object.metadata;
    if (uid !== old.metadata.uid) {
      this.#onDelete(record, old); // the informer missed that it went and came back
      return this.#onAdd(record, object);
    }
    if (ownerReferences !== old.metadata.ownerReferences) this.#relink(record, old, object);
    if (deletionTimestamp !== undefined) this.#onDeleting(record, old, object);
  }

  #onDelete(record: KeyRecord, { metadata }: ApiObject): void {
    const graph = this.#graph;
    const { uid, ownerReferences = NONE } = metadata;
    graph.remove(record, uid);
    graph.unlink(record, ownerReferences);
    for (const reference of ownerReferences) this.#enqueueIfWaiting(reference);
    if (record.kind === "Pod" && graph.isEmpty) return;
    const dependents = graph.dependentsOf(uid);
    if (dependents.length === 0) return;
    graph.setAbsent(uid);
    for (const dependent of dependents) this.#attempts.enqueue(dependent);
  }

  #relink(record: KeyRecord, old: ApiObject, object: ApiObject): void {
    const before = old.metadata.ownerReferences ?? NONE;
    const after = object.metadata.ownerReferences ?? NONE;
    this.#graph.unlink(record, before);
    this.#graph.link(record, after);
    for (const owner of unblockedOwners(before, after)) this.#enqueueIfWaiting(owner);
    for (const reference of after) {
      if (before.some(({ uid }) => uid === reference.uid)) continue;
      this.#checkOwner(record, object, reference);
    }
  }

  /** The owner that waits for its dependents may have waited for this one. */
  #enqueueIfWaiting(reference: OwnerReference): void {
    const owner = this.#graph.find(reference);
    if (owner !== undefined && this.#graph.isDeletingDependents(owner))
      this.#attempts.enqueue(owner);
  }

  /** An object names an owner: it must have been seen, and be what the reference says. */
  #checkOwner(record: KeyRecord, object: ApiObject, reference: OwnerReference): void {
    const owner = this.#graph.find(reference);
    if (owner === undefined) {
      if (!isKnownKind(reference.kind)) return;
      if (this.#graph.isAbsent(reference.uid)) return this.#attempts.enqueue(record);
      const virtual = this.#graph.addVirtual(reference, record.namespace);
      if (virtual !== undefined) this.#attempts.enqueue(virtual);
      return;
    }
    const isElsewhere = owner.namespace !== "" && owner.namespace !== record.namespace;
    if (isElsewhere) this.#reportNamespace(object, reference);
    if (isElsewhere || owner.name !== reference.name || owner.kind !== reference.kind)
      this.#attempts.enqueue(record);
  }

  #reportNamespace(object: ApiObject, reference: OwnerReference): void {
    const { namespace } = object.metadata;
    const text = `ownerRef ${describeReference(reference, namespace)} does not exist in namespace "${namespace}"`;
    this.#events.event(object, "Warning", "OwnerRefInvalidNamespace", text);
  }

  /** The object is being deleted: its dependents may have to be seen to (processTransitions). */
  #onDeleting(record: KeyRecord, old: ApiObject | undefined, object: ApiObject): void {
    if (starts(old, object, ORPHAN_DEPENDENTS)) return this.#orphans.enqueue(record);
    if (!starts(old, object, DELETE_DEPENDENTS)) return;
    for (const dependent of this.#graph.dependentsOf(object.metadata.uid))
      this.#attempts.enqueue(dependent);
    this.#attempts.enqueue(record);
  }
}

/** Whether the object waits for the finalizer now and did not before (deletionStartsWithFinalizer). */
function starts(old: ApiObject | undefined, object: ApiObject, finalizer: string): boolean {
  if (!waitsForFinalizer(object, finalizer)) return false;
  return old === undefined || !waitsForFinalizer(old, finalizer);
}
