/**
 * DaemonSetController: one pod on each node that the template fits, placed by the scheduler.
 *
 *   start -> adopt -> revise -> manage -> create.. -> roll -> create.. -> truncate -> status -> done
 *
 * Source: pkg/controller/daemon/daemon_controller.go and update.go of v1.30.
 */
import type { ControllerRevision, DaemonSet, KeyRecord, Node, Pod } from "../api/index.ts";
import type { ApiCall, EventRecorder, Indexer } from "../client/index.ts";
import type { Kernel } from "../kernel/index.ts";
import type { Controller, ControllerContext } from "./controller.ts";
import { DaemonPodBackoff } from "./daemon-pod-backoff.ts";
import { daemonPod, nodeVerdict } from "./daemon-set-nodes.ts";
import {
  type DaemonPlan,
  type DaemonView,
  managePlan,
  podsByNode,
  rolloutPlan,
} from "./daemon-set-plan.ts";
import { daemonSetStatus, isStatusCurrent } from "./daemon-set-status.ts";
import { ControllerExpectations } from "./expectations.ts";
import { Reconciler } from "./reconciler.ts";
import { REVISION_HASH } from "./revision-history.ts";
import { nextBatch, type SlowStart, slowStart } from "./slow-start.ts";
import { type WorkloadItem, WorkloadSync, Workloads } from "./workload-sync.ts";

/** kube-controller-manager --concurrent-daemonset-syncs. */
const WORKERS = 2;
/** BurstReplicas: pods made, and pods deleted, in one step at most. */
const BURST_REPLICAS = 250;
/** StatusUpdateRetries. */
const STATUS_RETRIES = 1;
const SECOND_US = 1_000_000;

/** What a call of a sync was about. */
type Item =
  | WorkloadItem
  | { readonly call: "create" | "status" | "reread" }
  | { readonly call: "delete"; readonly name: string };

class DaemonSetSync extends WorkloadSync<DaemonSet> {
  hash = "";
  /** Nodes that get a pod in this step, and how far that is. */
  nodes: string[] = [];
  made = 0;
  creations: SlowStart = slowStart(0);
  deletions: Pod[] = [];
  /** The stage after this step's calls. */
  next = "";
  /** Whether the sync acted on the set as it is now, and not only counted. */
  isActing = false;
  statusTries = 0;
}

interface DaemonSetControllerState {
  readonly expectations: ControllerExpectations;
  readonly backoff: DaemonPodBackoff;
}

export class DaemonSetController implements Controller {
  state: DaemonSetControllerState = {
    expectations: new ControllerExpectations(),
    backoff: new DaemonPodBackoff(),
  };
  readonly #kernel: Kernel;
  readonly #sets: Indexer<DaemonSet>;
  readonly #nodes: Indexer<Node>;
  readonly #events: EventRecorder;
  readonly #workloads: Workloads<DaemonSet>;
  readonly #reconciler: Reconciler<DaemonSetSync, Item>;
  /** The last view: it can be made anew at any time, and so is no state. */
  #known: { readonly work: DaemonSetSync; readonly view: DaemonView } | undefined;

  constructor(context: ControllerContext) {
    const { kernel } = context;
    const { controllerSync } = context.latency;
    const client = context.client("daemon-set-controller");
    const owners = context.informer<DaemonSet>("DaemonSet");
    const pods = context.informer<Pod>("Pod");
    const nodes = context.informer<Node>("Node");
    const revisions = context.informer<ControllerRevision>("ControllerRevision");
    this.#kernel = kernel;
    this.#sets = owners.indexer;
    this.#nodes = nodes.indexer;
    this.#events = context.events(client, "daemonset-controller");
    this.#reconciler = new Reconciler(
      { kernel, client, name: "daemonset", workers: WORKERS, controllerSync },
      {
        begin: (record) => new DaemonSetSync(record),
        run: (work) => this.#run(work),
        answered: (work, call, item) => this.#onAnswer(work, call, item),
      },
    );
    owners.addEventHandler({
      onAdd: (record) => this.#reconciler.enqueue(record),
      onUpdate: (record) => this.#reconciler.enqueue(record),
      onDelete: (record, last) => this.#onSetDeleted(record, last),
    });
    this.#workloads = new Workloads({
      kind: "DaemonSet",
      owners,
      pods,
      revisions,
      reconciler: this.#reconciler,
      isMember: () => true,
      onPodAdded: (record) => this.state.expectations.creationObserved(record),
      onPodDeleted: (record) => this.state.expectations.deletionObserved(record),
    });
    nodes.addEventHandler({
      onAdd: (_record, node) => this.#onNodeAdded(node),
      onUpdate: (_record, old, node) => this.#onNodeUpdated(old, node),
    });
    kernel.keep("controller/daemonset", this);
  }

  /** Starts the workers: once the informers have synced. */
  run(): void {
    this.#reconciler.run();
  }

  #onSetDeleted(record: KeyRecord<DaemonSet>, { metadata }: DaemonSet): void {
    this.state.expectations.delete(record);
    this.state.backoff.forget(metadata.uid);
    this.#reconciler.enqueue(record);
  }

  #onNodeAdded(node: Node): void {
    if (this.#sets.size === 0) return;
    for (const record of this.#sets.keys()) {
      const set = this.#sets.get(record);
      if (set !== undefined && nodeVerdict(set, node).shouldRun) this.#reconciler.enqueue(record);
    }
  }

  /** Only labels and taints decide: what else changes, and often, is passed over. */
  #onNodeUpdated(old: Node, node: Node): void {
    if (this.#sets.size === 0) return;
    if (old.spec === node.spec && old.metadata.labels === node.metadata.labels) return;
    for (const record of this.#sets.keys()) {
      const set = this.#sets.get(record);
      if (set !== undefined && nodeVerdict(set, old) !== nodeVerdict(set, node))
        this.#reconciler.enqueue(record);
    }
  }

  #run(work: DaemonSetSync): string {
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
      case "create":
        return this.#createBatch(work, set);
      case "delete":
        return this.#deletePods(work);
      case "roll":
        return this.#roll(work, set);
      case "truncate":
        return this.#truncate(work, set);
      case "status":
        return this.#status(work, set);
      default:
        throw new Error(`daemonset: unknown stage "${work.stage}"`);
    }
  }

  #start(work: DaemonSetSync): string {
    const set = this.#sets.get(work.record as KeyRecord<DaemonSet>);
    if (set === undefined) {
      this.#reconciler.forget(work.record);
      return "done";
    }
    if (set.metadata.deletionTimestamp !== undefined) return "done";
    this.#workloads.claim(work, set);
    return "adopt";
  }

  #revised(work: DaemonSetSync, set: DaemonSet): string {
    const { update, record } = work;
    if (work.error !== "" || update === undefined) return "done";
    work.hash = update.metadata.labels?.[REVISION_HASH] ?? "";
    if (!this.state.expectations.isSatisfied(record, this.#kernel.nowUs)) return "status";
    work.isActing = true;
    const mayDelete = (pod: Pod, nodeName: string): boolean =>
      this.#mayDelete(work, set, pod, nodeName);
    return this.#carryOut(work, managePlan(this.#view(work, set), mayDelete), "roll");
  }

  /** What is known now; looked up once for all stages between which no call was made. */
  #view(work: DaemonSetSync, set: DaemonSet): DaemonView {
    const known = this.#known;
    if (known?.work === work && known.view.set === set && work.isFresh) return known.view;
    const view: DaemonView = {
      set,
      hash: work.hash,
      nodes: this.#nodes.keys().flatMap((record) => this.#nodes.get(record) ?? []),
      pods: podsByNode(this.#workloads.podsOf(work, set)),
      nowUs: this.#kernel.nowUs,
    };
    this.#known = { work, view };
    return view;
  }

  #mayDelete({ record }: DaemonSetSync, set: DaemonSet, pod: Pod, nodeName: string): boolean {
    const { uid, name, namespace } = { ...pod.metadata, uid: set.metadata.uid };
    const id = `${namespace}/${name} on node ${nodeName}`;
    if (pod.status.phase === "Succeeded") {
      const text = `Found succeeded daemon pod ${id}, will try to delete it`;
      this.#events.event(set, "Normal", "SucceededDaemonPod", text);
      return true;
    }
    const key = `${uid}/${set.status.observedGeneration ?? 0}/${nodeName}`;
    const waitUs = this.state.backoff.next(key, this.#kernel.nowUs);
    if (waitUs > 0) {
      this.#reconciler.enqueueAfter(record, waitUs);
      return false;
    }
    const text = `Found failed daemon pod ${id}, will try to kill it`;
    this.#events.event(set, "Warning", "FailedDaemonPod", text);
    return true;
  }

  /** syncNodes: makes and deletes within the burst, then goes on with `next`. */
  #carryOut(work: DaemonSetSync, { nodes, deleted }: DaemonPlan, next: string): string {
    work.nodes = nodes.slice(0, BURST_REPLICAS);
    work.deletions = deleted.slice(0, BURST_REPLICAS);
    work.made = 0;
    work.creations = slowStart(work.nodes.length);
    work.next = next;
    const { length: creations } = work.nodes;
    const { length: deletions } = work.deletions;
    const { expectations } = this.state;
    expectations.expect(work.record, creations, deletions, this.#kernel.nowUs);
    return "create";
  }

  #createBatch(work: DaemonSetSync, set: DaemonSet): string {
    const { creations } = work;
    if (creations.failures > 0) {
      this.state.expectations.creationObserved(work.record, creations.remaining);
      return "delete";
    }
    const count = nextBatch(creations);
    if (count === 0) return "delete";
    for (const nodeName of work.nodes.slice(work.made, work.made + count)) {
      this.#reconciler.create(work, "Pod", daemonPod(set, work.hash, nodeName), { call: "create" });
    }
    work.made += count;
    return "create";
  }

  #deletePods(work: DaemonSetSync): string {
    const records = new Map(
      [...work.podClaims.kept, ...work.podClaims.orphans].map((record) => [record.name, record]),
    );
    for (const { metadata } of work.deletions) {
      const record = records.get(metadata.name);
      if (record === undefined) throw new Error(`no key of pod ${metadata.name}`);
      this.#reconciler.delete(work, record, { call: "delete", name: metadata.name });
    }
    return work.next;
  }

  #roll(work: DaemonSetSync, set: DaemonSet): string {
    if (work.error !== "") return "status";
    if (!this.state.expectations.isSatisfied(work.record, this.#kernel.nowUs)) return "truncate";
    return this.#carryOut(work, rolloutPlan(this.#view(work, set)), "truncate");
  }

  #truncate(work: DaemonSetSync, set: DaemonSet): string {
    if (work.error !== "") return "status";
    const { revisionHistoryLimit = 10 } = set.spec;
    if (work.revisions.length <= revisionHistoryLimit) return "status";
    const hashes = new Set(
      this.#workloads.podsOf(work, set).map(({ metadata }) => metadata.labels?.[REVISION_HASH]),
    );
    const live = new Set<string>();
    if (work.update !== undefined) live.add(work.update.metadata.name);
    for (const { revision } of work.revisions) {
      const { name, labels } = revision.metadata;
      if (hashes.has(labels?.[REVISION_HASH])) live.add(name);
    }
    this.#workloads.truncate(work, set, live);
    return "status";
  }

  #status(work: DaemonSetSync, set: DaemonSet): string {
    const { metadata, status: old, spec } = set;
    const observed = work.isActing ? (metadata.generation ?? 0) : (old.observedGeneration ?? 0);
    const view = this.#view(work, set);
    const status = daemonSetStatus(view, observed, work.collisionCount);
    const isWaiting = (status.numberAvailable ?? 0) < status.numberReady;
    const { minReadySeconds = 0 } = spec;
    if (minReadySeconds > 0 && isWaiting)
      this.#reconciler.enqueueAfter(work.record, minReadySeconds * SECOND_US);
    if (isStatusCurrent(status, old)) return "done";
    const next = { ...set, status };
    this.#reconciler.update(work, work.record, next, "status", { call: "status" });
    return "done";
  }

  #onAnswer(work: DaemonSetSync, call: ApiCall, item: Item): void {
    work.isFresh = false;
    switch (item.call) {
      case "workload":
        return this.#workloads.onAnswer(work, call, item);
      case "create":
        return this.#onCreated(work, call);
      case "delete":
        return this.#onDeleted(work, call, item.name);
      case "status":
        if (call.ok) return;
        if (work.statusTries++ >= STATUS_RETRIES) work.error = call.message;
        else this.#reconciler.get(work, work.record, { call: "reread" });
        return;
      case "reread":
        if (!call.ok) work.error = call.message;
        else {
          work.owner = call.object as DaemonSet;
          work.stage = "status";
        }
        return;
    }
  }

  #onCreated(work: DaemonSetSync, call: ApiCall): void {
    const { owner: set } = work;
    if (set === undefined) return;
    if (call.ok) {
      const text = `Created pod: ${call.object?.metadata.name}`;
      this.#events.event(set, "Normal", "SuccessfulCreate", text);
      return;
    }
    this.state.expectations.creationObserved(work.record);
    work.creations.failures++;
    if (call.message.includes("because it is being terminated")) return; // the namespace goes
    work.error = call.message;
    this.#events.event(set, "Warning", "FailedCreate", `Error creating: ${call.message}`);
  }

  #onDeleted(work: DaemonSetSync, call: ApiCall, name: string): void {
    const { owner: set } = work;
    if (set === undefined) return;
    if (call.ok) {
      this.#events.event(set, "Normal", "SuccessfulDelete", `Deleted pod: ${name}`);
      return;
    }
    this.state.expectations.deletionObserved(work.record);
    if (call.code === 404) return;
    work.error = call.message;
    this.#events.event(set, "Warning", "FailedDelete", `Error deleting: ${call.message}`);
  }
}
