/**
 * What the scheduler does with objects of other kinds than Pod and Node: they go to the cache's
 * object store, and their changes to the queue as cluster events (addAllEventHandlers of
 * kubernetes/pkg/scheduler/eventhandlers.go, v1.30). The kinds are those that informers of the real
 * scheduler's default plugins watch, whether or not a profile uses these plugins.
 */
import { type ApiObject, allKinds, type KeyRecord, type StorageClass } from "../api/index.ts";
import type { InformerFactory } from "../client/index.ts";
import type { Kernel } from "../kernel/index.ts";
import type { ObjectKey, SchedulerCache } from "./framework/index.ts";
import { ActionType, type ClusterEvent, clusterEvent } from "./queue/cluster-event.ts";
import type { SchedulingQueue } from "./queue/scheduling-queue.ts";

/** Kinds in the order in which their informers start, and how event labels name them. */
const OBSERVED: readonly { readonly kind: string; readonly label: string }[] = [
  { kind: "Namespace", label: "Namespace" }, // the queue and InterPodAffinity
  { kind: "Service", label: "Service" }, // default spreading; with the next three
  { kind: "ReplicationController", label: "ReplicationController" },
  { kind: "ReplicaSet", label: "ReplicaSet" },
  { kind: "StatefulSet", label: "StatefulSet" },
  { kind: "PersistentVolume", label: "Pv" },
  { kind: "PersistentVolumeClaim", label: "Pvc" },
  { kind: "StorageClass", label: "StorageClass" },
  { kind: "CSINode", label: "CSINode" },
  { kind: "CSIDriver", label: "CSIDriver" },
  { kind: "CSIStorageCapacity", label: "CSIStorageCapacity" },
  { kind: "PodDisruptionBudget", label: "PodDisruptionBudget" }, // DefaultPreemption
];

export interface ObjectHandlersSettings {
  readonly kernel: Kernel;
  readonly informers: InformerFactory;
  readonly cache: SchedulerCache;
  readonly queue: SchedulingQueue;
}

interface ObjectHandlersState {
  /** Keys of what the informers know, by kind and name: for requests about it. */
  readonly records: Map<string, KeyRecord>;
}

export class ObjectHandlers {
  state: ObjectHandlersState = { records: new Map() };
  readonly #cache: SchedulerCache;
  readonly #queue: SchedulingQueue;

  /** Makes an informer for each kind that the scheme knows. */
  constructor({ kernel, informers, cache, queue }: ObjectHandlersSettings) {
    this.#cache = cache;
    this.#queue = queue;
    for (const { kind, label } of OBSERVED) {
      if (!allKinds.some((known) => known.kind === kind)) continue;
      const add = clusterEvent(kind, ActionType.Add, label);
      const update = clusterEvent(kind, ActionType.Update, label);
      const remove = clusterEvent(kind, ActionType.Delete, label);
      informers.informer(kind).addEventHandler({
        onAdd: (record, object) => this.#onAdd(add, record, object),
        onUpdate: (_record, old, object) => this.#onUpdate(update, old, object),
        onDelete: (record, last) => this.#onDelete(remove, record, last),
      });
    }
    kernel.keep("scheduler/objects", this);
  }

  /** The key of an object that an informer knows. */
  recordOf({ kind, namespace, name }: ObjectKey): KeyRecord | undefined {
    return this.state.records.get(keyOf(kind, namespace, name));
  }

  #onAdd(event: ClusterEvent, record: KeyRecord, object: ApiObject): void {
    this.state.records.set(keyOf(record.kind, record.namespace, record.name), record);
    this.#cache.objects.set(object);
    if (isUseless(object)) return;
    this.#queue.moveAllToActiveOrBackoffQueue(event, undefined, { newObject: object });
  }

  #onUpdate(event: ClusterEvent, old: ApiObject, object: ApiObject): void {
    this.#cache.objects.set(object);
    const change = { oldObject: old, newObject: object };
    this.#queue.moveAllToActiveOrBackoffQueue(event, undefined, change);
  }

  #onDelete(event: ClusterEvent, record: KeyRecord, last: ApiObject): void {
    const { kind, namespace, name } = record;
    this.state.records.delete(keyOf(kind, namespace, name));
    this.#cache.objects.delete(kind, namespace, name);
    this.#queue.moveAllToActiveOrBackoffQueue(event, undefined, { oldObject: last });
  }
}

/**
 * A new StorageClass helps pods with unbound claims only if it binds late (onStorageClassAdd).
 */
function isUseless(object: ApiObject): boolean {
  if (object.kind !== "StorageClass") return false;
  return (object as StorageClass).volumeBindingMode !== "WaitForFirstConsumer";
}

function keyOf(kind: string, namespace: string, name: string): string {
  return `${kind}/${namespace}/${name}`;
}
