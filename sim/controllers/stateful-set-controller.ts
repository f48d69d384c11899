/**
 * StatefulSetController: pods with an identity each, made in order and replaced one at a time.
 *
 *   start -> adopt -> revise -> replicas <-> pods -> owners -> condemned -> update -> status -> done
 *
 * A pod is made only when no other of its name is left: the API server keeps names apart, and a
 * name is tried again only when the informer no longer shows the old pod.
 *
 * Source: pkg/controller/statefulset/stateful_set.go and stateful_set_control.go of v1.30.
 * MaxUnavailableStatefulSet is alpha: off.
 */
import type {
  ControllerRevision,
  KeyRecord,
  PersistentVolumeClaim,
  Pod,
  StatefulSet,
} from "../api/index.ts";
import type { ApiCall, Indexer } from "../client/index.ts";
import type { Kernel } from "../kernel/index.ts";
import type { Controller, ControllerContext } from "./controller.ts";
import { Reconciler } from "./reconciler.ts";
import { nextBatch, slowStart } from "./slow-start.ts";
import { StatefulPodControl } from "./stateful-pod-control.ts";
import { isMemberOf, ordinalOf, podRevision } from "./stateful-set-identity.ts";
import {
  condemnedPlan,
  isCurrentWanted,
  isMonotonic,
  podToUpdate,
  type ReplicaAction,
  replicaPlan,
  sortOut,
} from "./stateful-set-plan.ts";
import { isStatusCurrent, type Revisions, statefulSetStatus } from "./stateful-set-status.ts";
import { type StatefulSetItem, StatefulSetSync } from "./stateful-set-sync.ts";
import { Workloads } from "./workload-sync.ts";

/** kube-controller-manager --concurrent-statefulset-syncs. */
const WORKERS = 5;
/** MaxBatchSize of stateful_set_control.go: requests at one time in Parallel mode. */
const BATCH_MAX = 500;
/** retry.DefaultRetry: a status that met a conflict is written again. */
const STATUS_RETRIES = 4;
const SECOND_US = 1_000_000;

export class StatefulSetController implements Controller {
  readonly #kernel: Kernel;
  readonly #sets: Indexer<StatefulSet>;
  readonly #pods: StatefulPodControl;
  readonly #workloads: Workloads<StatefulSet>;
  readonly #reconciler: Reconciler<StatefulSetSync, StatefulSetItem>;

  constructor(context: ControllerContext) {
    const { kernel } = context;
    const { controllerSync } = context.latency;
    const client = context.client("statefulset-controller");
    const owners = context.informer<StatefulSet>("StatefulSet");
    const pods = context.informer<Pod>("Pod");
    const revisions = context.informer<ControllerRevision>("ControllerRevision");
    const claims = context.informer<PersistentVolumeClaim>("PersistentVolumeClaim");
    this.#kernel = kernel;
    this.#sets = owners.indexer;
    this.#reconciler = new Reconciler(
      { kernel, client, name: "statefulset", workers: WORKERS, controllerSync },
      {
        begin: (record) => new StatefulSetSync(record),
        run: (work) => this.#run(work),
        answered: (work, call, item) => this.#onAnswer(work, call, item),
      },
    );
    this.#pods = new StatefulPodControl({
      kernel,
      claims,
      reconciler: this.#reconciler,
      events: context.events(client, "statefulset-controller"),
    });
    owners.addEventHandler({
      onAdd: (record) => this.#reconciler.enqueue(record),
      onUpdate: (record) => this.#reconciler.enqueue(record),
      onDelete: (record) => this.#reconciler.enqueue(record),
    });
    this.#workloads = new Workloads({
      kind: "StatefulSet",
      owners,
      pods,
      revisions,
      reconciler: this.#reconciler,
      isMember: isMemberOf,
    });
  }

  /** Starts the workers: once the informers have synced. */
  run(): void {
    this.#reconciler.run();
  }

  #run(work: StatefulSetSync): string {
    if (work.stage === "start") return this.#start(work);
    const { owner: set } = work;
    if (set === undefined) return "done";
    switch (work.stage) {
      case "adopt":
        if (work.error !== "") return "done";
        this.#workloads.adopt(work, set);
        return "revise";
      case "revise":
        if (work.error !== "") return "done";
        this.#workloads.revise(work, set);
        return "revised";
      case "revised":
        return this.#revised(work, set);
      case "replicas":
        return this.#replicas(work, set);
      case "pods":
        return this.#createPods(work, set);
      case "owners":
        return this.#fixOwners(work, set);
      case "condemned":
        return this.#condemned(work, set);
      case "update":
        return this.#update(work, set);
      case "status":
        return this.#status(work, set);
      case "truncate":
        return this.#truncate(work, set);
      default:
        throw new Error(`statefulset: unknown stage "${work.stage}"`);
    }
  }

  #start(work: StatefulSetSync): string {
    const set = this.#sets.get(work.record as KeyRecord<StatefulSet>);
    if (set === undefined) {
      this.#reconciler.forget(work.record);
      return "done";
    }
    this.#workloads.claim(work, set);
    return "adopt";
  }

  #revised(work: StatefulSetSync, set: StatefulSet): string {
    if (work.error !== "" || work.update === undefined) return "done";
    const { currentRevision } = set.status;
    work.current =
      work.revisions.find(({ revision }) => revision.metadata.name === currentRevision)?.revision ??
      work.update;
    work.pods = this.#workloads.podsOf(work, set);
    work.parts = sortOut(set, work.pods);
    if (set.metadata.deletionTimestamp !== undefined) return "status";
    work.batches = slowStart(work.parts.replicas.length);
    return "replicas";
  }

  /** A monotonic set looks at all in one go, up to the first that blocks. */
  #replicas(work: StatefulSetSync, set: StatefulSet): string {
    if (work.error !== "" || work.isBlocked) return "status";
    const from = work.done;
    const to = this.#nextBatchEnd(work, set);
    if (from === to) return "owners";
    const plan = replicaPlan(set, work.parts, from, to, this.#kernel.nowUs);
    work.isBlocked = plan.isBlocked;
    for (const action of plan.actions) this.#act(work, set, action);
    return "pods";
  }

  #nextBatchEnd(work: StatefulSetSync, set: StatefulSet): number {
    const { batches } = work;
    batches.batchSize = isMonotonic(set)
      ? batches.remaining
      : Math.min(batches.batchSize, BATCH_MAX);
    work.done += nextBatch(batches);
    return work.done;
  }

  #act(work: StatefulSetSync, set: StatefulSet, action: ReplicaAction): void {
    if (action.action === "create") {
      if (this.#pods.awaitsStaleClaim(work, set, action.ordinal)) return;
      work.creating.push(action.ordinal);
      return this.#pods.makeClaims(work, set, action.ordinal);
    }
    const { pod } = action;
    if (action.action === "delete") return this.#pods.delete(work, pod);
    if (action.action === "claims") this.#pods.makeClaims(work, set, ordinalOf(pod));
    else this.#pods.mend(work, set, pod);
    this.#pods.setOwners(work, set, pod);
  }

  #createPods(work: StatefulSetSync, set: StatefulSet): string {
    const { current, update } = work;
    if (current === undefined || update === undefined) return "done";
    for (const ordinal of work.creating) {
      this.#pods.create(work, set, ordinal, isCurrentWanted(set, ordinal) ? current : update);
    }
    work.creating = [];
    return "replicas";
  }

  #fixOwners(work: StatefulSetSync, set: StatefulSet): string {
    for (const pod of work.parts.condemned) this.#pods.setOwners(work, set, pod);
    work.batches = slowStart(work.parts.condemned.length);
    work.done = 0;
    return "condemned";
  }

  #condemned(work: StatefulSetSync, set: StatefulSet): string {
    if (work.error !== "" || work.isBlocked) return "status";
    const from = work.done;
    const to = this.#nextBatchEnd(work, set);
    if (from === to) return "update";
    const plan = condemnedPlan(set, work.parts, from, to, this.#kernel.nowUs);
    for (const pod of plan.deleted) this.#pods.delete(work, pod);
    work.isBlocked = plan.isBlocked;
    return "condemned";
  }

  #update(work: StatefulSetSync, set: StatefulSet): string {
    const { current, update, parts } = work;
    const name = update?.metadata.name ?? "";
    const pod = podToUpdate(set, parts, name, this.#kernel.nowUs);
    if (pod === undefined) return "status";
    if (podRevision(pod) === current?.metadata.name) work.deletedForUpdate = 1;
    this.#pods.delete(work, pod);
    return "status";
  }

  #status(work: StatefulSetSync, set: StatefulSet): string {
    const { record, pods, deletedForUpdate } = work;
    const status = statefulSetStatus(
      set,
      pods,
      revisionsOf(work),
      deletedForUpdate,
      this.#kernel.nowUs,
    );
    this.#resyncWhenAvailable(work, set, status);
    if (!isStatusCurrent(status, set.status)) {
      const next = { ...set, status };
      this.#reconciler.update(work, record, next, "status", { call: "status" });
    }
    return "truncate";
  }

  /** Nothing tells of a pod that has been ready for long enough but the passing of time. */
  #resyncWhenAvailable(
    { error, record }: StatefulSetSync,
    { spec }: StatefulSet,
    { readyReplicas = 0, availableReplicas = 0 }: StatefulSet["status"],
  ): void {
    const { minReadySeconds = 0 } = spec;
    if (error === "" && minReadySeconds > 0 && availableReplicas < readyReplicas)
      this.#reconciler.enqueueAfter(record, minReadySeconds * SECOND_US);
  }

  #truncate(work: StatefulSetSync, set: StatefulSet): string {
    const live = new Set(work.pods.map(podRevision));
    for (const revision of [work.current, work.update])
      if (revision !== undefined) live.add(revision.metadata.name);
    this.#workloads.truncate(work, set, live);
    return "done";
  }

  #onAnswer(work: StatefulSetSync, call: ApiCall, item: StatefulSetItem): void {
    work.isFresh = false;
    switch (item.call) {
      case "workload":
        return this.#workloads.onAnswer(work, call, item);
      case "status":
        return this.#onStatus(work, call);
      case "reread":
        if (!call.ok) work.error = call.message;
        else {
          work.owner = call.object as StatefulSet;
          work.stage = "status";
        }
        return;
      default:
        return this.#pods.onAnswer(work, call, item);
    }
  }

  #onStatus(work: StatefulSetSync, call: ApiCall): void {
    if (call.ok) return;
    if (call.code !== 409 || work.statusTries++ >= STATUS_RETRIES) work.error = call.message;
    else this.#reconciler.get(work, work.record, { call: "reread" });
  }
}

function revisionsOf({ current, update, collisionCount }: StatefulSetSync): Revisions {
  return {
    current: current?.metadata.name ?? "",
    update: update?.metadata.name ?? "",
    collisionCount,
  };
}
