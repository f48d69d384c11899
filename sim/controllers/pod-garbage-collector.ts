/**
 * PodGarbageCollector: removes pods that nobody else would: too many finished ones, those of nodes
 * that are gone, those that were deleted before they got a node.
 *
 * Source: pkg/controller/podgc/gc_controller.go of v1.30. The real one looks every 20 s; here it
 * looks at the next of these times when there is something to do.
 */
import { findCondition, type KeyRecord, type Manifest, type Node, type Pod } from "../api/index.ts";
import type { ApiCall, ApiClient, CallbackId, Indexer } from "../client/index.ts";
import type { HandlerId, Kernel, Micros, SimEvent } from "../kernel/index.ts";
import type { Controller, ControllerContext } from "./controller.ts";
import { OUT_OF_SERVICE } from "./node-taints.ts";
import { isPodTerminal } from "./pod-state.ts";
import { disruptionTarget } from "./taint-eviction-controller.ts";

const SECOND_US = 1_000_000;

interface PodGarbageState {
  isRunning: boolean;
  /** Names of the nodes that exist. */
  readonly nodes: Set<string>;
  /** Those of them that somebody has tainted as out of service. */
  readonly outOfService: Set<string>;
  /** When a node that is not there, but has pods, was first missed. */
  readonly missedUs: Map<string, Micros>;
  /** Pods that have ended. */
  terminated: number;
  look: SimEvent | undefined;
}

export class PodGarbageCollector implements Controller {
  state: PodGarbageState = {
    isRunning: false,
    nodes: new Set(),
    outOfService: new Set(),
    missedUs: new Map(),
    terminated: 0,
    look: undefined,
  };
  readonly #kernel: Kernel;
  readonly #options: ControllerContext["options"];
  readonly #client: ApiClient;
  readonly #pods: Indexer<Pod>;
  readonly #look: HandlerId;
  readonly #marked: CallbackId<KeyRecord<Pod>>;
  readonly #deleted: CallbackId<KeyRecord<Pod>>;

  constructor(context: ControllerContext) {
    const { kernel, options } = context;
    this.#kernel = kernel;
    this.#options = options;
    this.#client = context.client("pod-garbage-collector");
    const pods = context.informer<Pod>("Pod");
    const nodes = context.informer<Node>("Node");
    this.#pods = pods.indexer;
    this.#look = kernel.handler("controller/pod-garbage/look", () => this.#collect());
    this.#marked = this.#client.callback((call, record) => this.#onMarked(call, record));
    this.#deleted = this.#client.callback((call) => {
      if (!call.ok && call.code !== 404 && call.code !== 409) this.#lookSoon();
    });
    nodes.addEventHandler({
      onAdd: (record, node) => this.#onNode(record.name, node),
      onUpdate: (record, _old, node) => this.#onNode(record.name, node),
      onDelete: (record) => {
        this.state.nodes.delete(record.name);
        this.state.outOfService.delete(record.name);
        this.#lookSoon();
      },
    });
    pods.addEventHandler({
      onAdd: (_record, pod) => this.#onPod(undefined, pod),
      onUpdate: (_record, old, pod) => this.#onPod(old, pod),
      onDelete: (_record, last) => {
        if (isPodTerminal(last)) this.state.terminated--;
      },
    });
    kernel.keep("controller/pod-garbage", this);
  }

  run(): void {
    this.state.isRunning = true;
    this.#lookAt(this.#kernel.nowUs + 1, true);
  }

  #onNode(name: string, node: Node): void {
    this.state.nodes.add(name);
    const { outOfService } = this.state;
    if (isOutOfService(node)) {
      outOfService.add(name);
      this.#lookSoon();
    } else if (outOfService.size > 0) outOfService.delete(name);
  }

  #onPod(old: Pod | undefined, pod: Pod): void {
    const isOver = isPodTerminal(pod);
    const wasOver = old !== undefined && isPodTerminal(old);
    if (isOver !== wasOver) {
      this.state.terminated += isOver ? 1 : -1;
      // Cleaning up what has ended does not keep a run alive.
      if (isOver && this.state.isRunning && this.#surplus() > 0)
        this.#lookAt(this.#kernel.nowUs + 1, true);
    }
    const isMoved = old === undefined || old.spec.nodeName !== pod.spec.nodeName;
    if ((isMoved && this.#isOrphaned(pod)) || this.#isStuck(pod)) this.#lookSoon();
  }

  /** On a node that does not exist. */
  #isOrphaned({ spec: { nodeName = "" } }: Pod): boolean {
    return nodeName !== "" && !this.state.nodes.has(nodeName);
  }

  /** Being deleted, with no kubelet that could see to it. */
  #isStuck({ metadata, spec: { nodeName = "" } }: Pod): boolean {
    if (metadata.deletionTimestamp === undefined) return false;
    return nodeName === "" || this.state.outOfService.has(nodeName);
  }

  /** Finished pods above --terminated-pod-gc-threshold; 0 switches that off. */
  #surplus(): number {
    const { terminatedPodGcThreshold } = this.#options;
    return terminatedPodGcThreshold > 0 ? this.state.terminated - terminatedPodGcThreshold : 0;
  }

  #lookSoon(): void {
    if (!this.state.isRunning) return;
    this.#lookAt(this.#kernel.nowUs + 1);
  }

  /** At the first time of the period that is not before `timeUs`. */
  #lookAt(timeUs: Micros, isChore = false): void {
    const periodUs = this.#options.podGcPeriodSeconds * SECOND_US;
    const wantedUs = Math.ceil(timeUs / periodUs) * periodUs;
    const { look } = this.state;
    if (look !== undefined && look.timeUs <= wantedUs && (isChore || !look.background)) return;
    if (look !== undefined) this.#kernel.cancel(look);
    const atUs = Math.min(wantedUs, look?.timeUs ?? wantedUs);
    this.state.look = isChore
      ? this.#kernel.background(atUs, this.#look, undefined, undefined)
      : this.#kernel.at(atUs, this.#look, undefined, undefined);
  }

  /** gc: everything that is due. */
  #collect(): void {
    this.state.look = undefined;
    this.#collectStuck();
    this.#collectTerminated();
    this.#collectOrphaned();
  }

  /** gcTerminating and gcUnscheduledTerminating. */
  #collectStuck(): void {
    for (const record of this.#pods.select((pod) => this.#isStuck(pod))) {
      const isUnscheduled = (this.#pods.get(record)?.spec.nodeName ?? "") === "";
      this.#remove(record, isUnscheduled ? "" : "PodGC: node is out-of-service");
    }
  }

  /** gcTerminated: the oldest of those that have ended, above the threshold. */
  #collectTerminated(): void {
    const surplus = this.#surplus();
    if (surplus <= 0) return;
    const ended = this.#pods.select(isPodTerminal).map((record) => ({
      record,
      created: this.#pods.get(record)?.metadata.creationTimestamp ?? "",
      isEvicted: this.#pods.get(record)?.status.reason === "Evicted",
    }));
    ended.sort((a, b) => {
      if (a.isEvicted !== b.isEvicted) return a.isEvicted ? -1 : 1;
      if (a.created !== b.created) return a.created < b.created ? -1 : 1;
      return a.record.key < b.record.key ? -1 : 1;
    });
    for (const { record } of ended.slice(0, surplus)) this.#remove(record, "");
  }

  /** gcOrphaned: pods of nodes that stay away for the quarantine. */
  #collectOrphaned(): void {
    const { missedUs } = this.state;
    const { nowUs } = this.#kernel;
    const quarantineUs = this.#options.podGcQuarantineSeconds * SECOND_US;
    const missing = new Set<string>();
    for (const record of this.#pods.select((pod) => this.#isOrphaned(pod))) {
      const nodeName = this.#pods.get(record)?.spec.nodeName ?? "";
      missing.add(nodeName);
      const sinceUs = missedUs.get(nodeName) ?? nowUs;
      missedUs.set(nodeName, sinceUs);
      if (nowUs - sinceUs >= quarantineUs) this.#remove(record, "PodGC: node no longer exists");
      else this.#lookAt(sinceUs + quarantineUs);
    }
    for (const name of [...missedUs.keys()]) if (!missing.has(name)) missedUs.delete(name);
  }

  /** markFailedAndDeletePod: so that whoever owns the pod sees that it has failed. */
  #remove(record: KeyRecord<Pod>, why: string): void {
    const pod = this.#pods.get(record);
    if (pod === undefined) return;
    if (isPodTerminal(pod)) return this.#delete(record, pod.metadata.uid);
    let { conditions = [] } = pod.status;
    if (why !== "") {
      const target = disruptionTarget("DeletionByPodGC", why, this.#kernel.nowUs);
      conditions = [...conditions.filter(({ type }) => type !== target.type), target];
    }
    const { uid } = pod.metadata;
    const patch: Manifest = { metadata: { uid }, status: { phase: "Failed", conditions } };
    this.#client.patch(record, patch, "status", this.#marked, record);
  }

  #onMarked(call: ApiCall, record: KeyRecord<Pod>): void {
    if (call.ok) this.#delete(record, call.object?.metadata.uid ?? "");
    else if (call.code !== 404 && call.code !== 409) this.#lookSoon();
  }

  #delete(record: KeyRecord<Pod>, uid: string): void {
    this.#client.delete(record, { gracePeriodSeconds: 0, uid }, this.#deleted, record);
  }
}

/** A node that is not ready and that somebody says will not come back (KEP-2268). */
function isOutOfService({ spec, status }: Node): boolean {
  const ready = findCondition(status.conditions, "Ready")?.status;
  return ready !== "True" && (spec.taints ?? []).some(({ key }) => key === OUT_OF_SERVICE);
}
