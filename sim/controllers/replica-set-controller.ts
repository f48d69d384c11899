/**
 * ReplicaSetController: keeps as many pods as each ReplicaSet asks for.
 *
 *   start -> adopt -> claimed -> create (in batches) or delete -> status -> done
 *
 * Source: pkg/controller/replicaset/replica_set.go of v1.30.
 */
import {
  compileLabelSelector,
  controllerOf,
  type KeyRecord,
  type Pod,
  type ReplicaSet,
} from "../api/index.ts";
import type { ApiCall, Indexer } from "../client/index.ts";
import type { Kernel } from "../kernel/index.ts";
import type { Controller, ControllerContext } from "./controller.ts";
import { ControllerExpectations, UidExpectations } from "./expectations.ts";
import {
  adoptionPatch,
  claim,
  ownedBy,
  ownersSelecting,
  releasePatch,
  resolveController,
} from "./ownership.ts";
import { podsToDelete } from "./pod-ranking.ts";
import { isPodActive, isPodReady, isTerminating } from "./pod-state.ts";
import { podFromTemplate } from "./pod-template.ts";
import { Reconciler, SyncWork } from "./reconciler.ts";
import { isStatusEqual, type ReplicaFailure, replicaSetStatus } from "./replica-set-status.ts";
import { nextBatch, type SlowStart, slowStart } from "./slow-start.ts";

/** kube-controller-manager --concurrent-replicaset-syncs. */
const WORKERS = 5;
/** BurstReplicas: pods made or deleted in one sync at most. */
const BURST_REPLICAS = 500;
/** statusUpdateRetries: a status that met a conflict is tried once more. */
const STATUS_RETRIES = 1;
const SECOND_US = 1_000_000;

/** What a call of a sync was about. */
type Item =
  | { readonly call: "check" | "create" | "status" | "reread" }
  | { readonly call: "adopt" | "release" | "delete"; readonly pod: KeyRecord<Pod> };

class ReplicaSetSync extends SyncWork {
  /** As the informer had it when the sync began. */
  set: ReplicaSet | undefined = undefined;
  needsSync = false;
  /** Active pods that belong to it. */
  pods: Pod[] = [];
  orphans: KeyRecord<Pod>[] = [];
  released: KeyRecord<Pod>[] = [];
  creations: SlowStart = slowStart(0);
  failure: ReplicaFailure | undefined = undefined;
  statusTries = 0;
}

interface ReplicaSetControllerState {
  readonly expectations: ControllerExpectations;
  /** Keys of the pods whose deletion must be seen. */
  readonly deletions: UidExpectations;
}

export class ReplicaSetController implements Controller {
  state: ReplicaSetControllerState = {
    expectations: new ControllerExpectations(),
    deletions: new UidExpectations(),
  };
  readonly #kernel: Kernel;
  readonly #pods: Indexer<Pod>;
  readonly #sets: Indexer<ReplicaSet>;
  readonly #reconciler: Reconciler<ReplicaSetSync, Item>;

  constructor(context: ControllerContext) {
    const { kernel } = context;
    const { controllerSync } = context.latency;
    const client = context.client("replicaset-controller");
    const replicaSets = context.informer<ReplicaSet>("ReplicaSet");
    const pods = context.informer<Pod>("Pod");
    this.#kernel = kernel;
    this.#pods = pods.indexer;
    this.#sets = replicaSets.indexer;
    this.#reconciler = new Reconciler(
      { kernel, client, name: "replicaset", workers: WORKERS, controllerSync },
      {
        begin: (record) => new ReplicaSetSync(record),
        run: (work) => this.#run(work),
        answered: (work, call, item) => this.#onAnswer(work, call, item),
      },
    );
    replicaSets.addEventHandler({
      onAdd: (record) => this.#reconciler.enqueue(record),
      onUpdate: (record) => this.#reconciler.enqueue(record),
      onDelete: (record) => this.#onSetDeleted(record),
    });
    pods.addEventHandler({
      onAdd: (record, pod) => this.#onPodAdded(record, pod),
      onUpdate: (record, old, pod) => this.#onPodUpdated(record, old, pod),
      onDelete: (record, last) => this.#onPodDeleted(record, last),
    });
    kernel.keep("controller/replicaset", this);
  }

  /** Starts the workers: once the informers have synced. */
  run(): void {
    this.#reconciler.run();
  }

  #onSetDeleted(record: KeyRecord): void {
    this.state.expectations.delete(record);
    this.state.deletions.delete(record);
    this.#reconciler.enqueue(record);
  }

  #onPodAdded(record: KeyRecord<Pod>, pod: Pod): void {
    if (isTerminating(pod)) return this.#onPodDeleted(record, pod);
    if (controllerOf(pod) === undefined) return this.#enqueueSelecting(pod);
    const set = this.#controllerOf(pod);
    if (set === undefined) return;
    this.state.expectations.creationObserved(set);
    this.#reconciler.enqueue(set);
  }

  #onPodUpdated(record: KeyRecord<Pod>, old: Pod, pod: Pod): void {
    if (isTerminating(pod)) return this.#onPodDeleted(record, pod);
    const oldOwner = controllerOf(old);
    const owner = controllerOf(pod);
    const isMoved = oldOwner?.uid !== owner?.uid;
    if (isMoved) {
      const oldSet = this.#controllerOf(old);
      if (oldSet !== undefined) this.#reconciler.enqueue(oldSet);
    }
    if (owner === undefined) {
      if (isMoved || old.metadata.labels !== pod.metadata.labels) this.#enqueueSelecting(pod);
      return;
    }
    const set = this.#controllerOf(pod);
    if (set === undefined) return;
    this.#reconciler.enqueue(set);
    const minReadySeconds = this.#sets.get(set)?.spec.minReadySeconds ?? 0;
    // One second more than the wait: timestamps have whole seconds.
    if (minReadySeconds > 0 && !isPodReady(old) && isPodReady(pod))
      this.#reconciler.enqueueAfter(set, (minReadySeconds + 1) * SECOND_US);
  }

  #onPodDeleted(record: KeyRecord<Pod>, pod: Pod): void {
    const set = this.#controllerOf(pod);
    if (set === undefined) return;
    this.#deletionObserved(set, record);
    this.#reconciler.enqueue(set);
  }

  #controllerOf(pod: Pod): KeyRecord<ReplicaSet> | undefined {
    return resolveController(this.#sets, "ReplicaSet", pod);
  }

  #enqueueSelecting({ metadata }: Pod): void {
    const { labels = {} } = metadata;
    for (const set of ownersSelecting(this.#sets, metadata, ({ spec }) =>
      compileLabelSelector(spec.selector).matches(labels),
    )) {
      this.#reconciler.enqueue(set);
    }
  }

  #run(work: ReplicaSetSync): string {
    switch (work.stage) {
      case "start":
        return this.#start(work);
      case "adopt":
        return this.#adopt(work);
      case "claimed":
        return this.#manage(work);
      case "create":
        return this.#createBatch(work);
      case "status":
        return this.#updateStatus(work);
      default:
        throw new Error(`replicaset: unknown stage "${work.stage}"`);
    }
  }

  #start(work: ReplicaSetSync): string {
    const { expectations, deletions } = this.state;
    const set = this.#sets.get(work.record as KeyRecord<ReplicaSet>);
    if (set === undefined) {
      this.#reconciler.forget(work.record);
      return "done";
    }
    work.set = set;
    work.needsSync = expectations.isSatisfied(work.record, this.#kernel.nowUs);
    if (work.needsSync) deletions.delete(work.record); // satisfied by time-out: start anew
    const selector = compileLabelSelector(set.spec.selector);
    const { kept, released, orphans } = claim(this.#pods, set, selector, isPodActive);
    work.pods = kept.flatMap((record) => this.#pods.get(record) ?? []);
    work.orphans = orphans;
    work.released = released;
    // RecheckDeletionTimestamp: before an adoption the ReplicaSet is read from the API server.
    if (orphans.length > 0) this.#reconciler.get(work, work.record, { call: "check" });
    return "adopt";
  }

  #adopt(work: ReplicaSetSync): string {
    const { set } = work;
    if (set === undefined) return "done";
    for (const pod of work.released) {
      const object = this.#pods.get(pod);
      if (object === undefined) continue;
      const patch = releasePatch(set, object);
      this.#reconciler.patch(work, pod, patch, "", { call: "release", pod });
    }
    for (const pod of work.orphans) {
      const object = this.#pods.get(pod);
      if (object === undefined || work.error !== "") continue;
      const patch = adoptionPatch(set, object);
      this.#reconciler.patch(work, pod, patch, "", { call: "adopt", pod });
    }
    return "claimed";
  }

  /** manageReplicas: as many pods as are wanted, within the burst. */
  #manage(work: ReplicaSetSync): string {
    const { set, pods, record } = work;
    if (set === undefined || work.error !== "") return "done";
    if (!work.needsSync || set.metadata.deletionTimestamp !== undefined) return "status";
    const { nowUs } = this.#kernel;
    const missing = (set.spec.replicas ?? 1) - pods.length;
    if (missing > 0) {
      const count = Math.min(missing, BURST_REPLICAS);
      this.state.expectations.expectCreations(record, count, nowUs);
      work.creations = slowStart(count);
      return "create";
    }
    if (missing === 0) return "status";
    const count = Math.min(-missing, BURST_REPLICAS);
    const leaving = new Set(podsToDelete(pods, this.#relatedPods(set), count, nowUs));
    const records = ownedBy(this.#pods, set.metadata.uid).filter((pod) => {
      const object = this.#pods.get(pod);
      return object !== undefined && leaving.has(object);
    });
    this.state.expectations.expectDeletions(record, records.length, nowUs);
    this.state.deletions.expect(
      record,
      records.map(({ key }) => key),
    );
    for (const pod of records) this.#reconciler.delete(work, pod, { call: "delete", pod });
    return "status";
  }

  #createBatch(work: ReplicaSetSync): string {
    const { set, creations } = work;
    if (set === undefined) return "done";
    if (creations.failures > 0) {
      this.state.expectations.creationObserved(work.record, creations.remaining);
      return "status";
    }
    const count = nextBatch(creations);
    if (count === 0) return "status";
    const manifest = podFromTemplate(set.spec.template ?? {}, set);
    for (let i = 0; i < count; i++) {
      this.#reconciler.create(work, "Pod", manifest, { call: "create" });
    }
    return "create";
  }

  #updateStatus(work: ReplicaSetSync): string {
    const { record, set, pods, failure } = work;
    if (set === undefined) return "done";
    const { nowUs } = this.#kernel;
    const status = replicaSetStatus(set, pods, failure, nowUs);
    this.#resyncWhenAvailable(work, status);
    if (isStatusEqual(status, set.status)) return "done";
    this.#reconciler.update(work, record, { ...set, status } as ReplicaSet, "status", {
      call: "status",
    });
    return "done";
  }

  /** Nothing tells of a pod that has been ready for long enough but the passing of time. */
  #resyncWhenAvailable({ set, error, record }: ReplicaSetSync, status: ReplicaSet["status"]): void {
    const { minReadySeconds = 0, replicas = 1 } = set?.spec ?? {};
    if (error !== "" || minReadySeconds === 0) return;
    if (status.readyReplicas === replicas && status.availableReplicas !== replicas)
      this.#reconciler.enqueueAfter(record, minReadySeconds * SECOND_US);
  }

  /** Pods of all ReplicaSets that have the same controller (getIndirectlyRelatedPods). */
  #relatedPods(set: ReplicaSet): Pod[] {
    const owner = controllerOf(set);
    if (owner === undefined) return [];
    return ownedBy(this.#sets, owner.uid).flatMap((record) => {
      const sibling = this.#sets.get(record);
      if (sibling === undefined) return [];
      const selector = compileLabelSelector(sibling.spec.selector);
      return ownedBy(this.#pods, sibling.metadata.uid).flatMap((key) => {
        const pod = this.#pods.get(key);
        return pod !== undefined && selector.matches(pod.metadata.labels ?? {}) ? [pod] : [];
      });
    });
  }

  #onAnswer(work: ReplicaSetSync, call: ApiCall, item: Item): void {
    switch (item.call) {
      case "check":
        return this.#onChecked(work, call);
      case "adopt": {
        const pod = this.#pods.get(item.pod) ?? (call.object as Pod | undefined);
        if (call.ok && pod !== undefined) work.pods.push(pod);
        else if (call.code !== 404) work.error = call.message;
        return;
      }
      case "release":
        if (!call.ok && call.code !== 404) work.error = call.message;
        return;
      case "create":
        if (!call.ok) this.#onCreateFailed(work, call);
        return;
      case "delete":
        if (!call.ok) this.#onDeleteFailed(work, call, item.pod);
        return;
      case "status":
        if (!call.ok) this.#onStatusFailed(work, call);
        return;
      case "reread":
        return this.#onReread(work, call);
    }
  }

  #onChecked(work: ReplicaSetSync, call: ApiCall): void {
    const { metadata } = call.object ?? {};
    if (!call.ok || metadata === undefined) work.error = call.message;
    else if (metadata.uid !== work.set?.metadata.uid)
      work.error = `original ReplicaSet ${work.record.key} is gone`;
    else if (metadata.deletionTimestamp !== undefined)
      work.error = `${work.record.key} has just been deleted`;
  }

  #onCreateFailed(work: ReplicaSetSync, { message }: ApiCall): void {
    work.creations.failures++;
    this.state.expectations.creationObserved(work.record);
    work.failure = { reason: "FailedCreate", message };
    work.error = message;
  }

  #onDeleteFailed(work: ReplicaSetSync, { code, message }: ApiCall, pod: KeyRecord<Pod>): void {
    this.#deletionObserved(work.record, pod);
    if (code === 404) return;
    work.failure = { reason: "FailedDelete", message };
    work.error = message;
  }

  #deletionObserved(set: KeyRecord, { key }: KeyRecord<Pod>): void {
    const { expectations, deletions } = this.state;
    if (deletions.observed(set, key)) expectations.deletionObserved(set);
  }

  #onStatusFailed(work: ReplicaSetSync, call: ApiCall): void {
    if (call.code !== 409 || work.statusTries >= STATUS_RETRIES) {
      work.error = call.message;
      return;
    }
    work.statusTries++;
    this.#reconciler.get(work, work.record, { call: "reread" });
  }

  #onReread(work: ReplicaSetSync, call: ApiCall): void {
    if (!call.ok) work.error = call.message;
    else {
      work.set = call.object as ReplicaSet;
      work.stage = "status";
    }
  }
}
