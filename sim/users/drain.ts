/**
 * kubectl drain: cordons the node, evicts its pods all at once, tries again every 5 s what a
 * PodDisruptionBudget does not allow, and waits until the pods are gone.
 *
 * With --ignore-daemonsets, --delete-emptydir-data and --force: pods of DaemonSets stay, all others
 * go. Source: staging/src/k8s.io/kubectl/pkg/drain/{drain,filters}.go of v1.30.
 */
import { controllerOf, type KeyRecord, type Manifest, type Node, type Pod } from "../api/index.ts";
import type { ApiCall, ApiClient, CallbackId } from "../client/index.ts";
import { goDuration, type HandlerId, type Kernel } from "../kernel/index.ts";
import type { NodeOperation, Outcome, Task } from "./operation.ts";

/** drain.go evictPods: `time.Sleep(5 * time.Second)` after a 429. */
const RETRY_US = 5_000_000;
/** drain.go waitForDelete polls every second. */
const POLL_US = 1_000_000;
/**
 * kubectl waits for ever by default; a run has to end, so a drain gives up after an hour. Our
 * assumption; an operation may name another time.
 */
const DRAIN_TIMEOUT_US = 3_600_000_000;

const MIRROR_ANNOTATION = "kubernetes.io/config.mirror";

interface DrainTask {
  readonly task: Task;
  readonly node: string;
  /** Pods that are not gone yet. */
  left: number;
  /** The first thing that went wrong. */
  failure: Outcome | undefined;
}

interface PodEviction {
  readonly drain: DrainTask;
  readonly record: KeyRecord<Pod>;
  readonly uid: string;
}

export interface DrainSettings {
  readonly kernel: Kernel;
  /** Whose callbacks answers come to. */
  readonly client: ApiClient;
  /** Who drains. */
  readonly clientOf: (task: Task) => ApiClient;
  readonly finish: (task: Task, outcome: Outcome) => void;
}

export class Drain {
  readonly #kernel: Kernel;
  readonly #clientOf: DrainSettings["clientOf"];
  readonly #finish: DrainSettings["finish"];
  readonly #cordoned: CallbackId<DrainTask>;
  readonly #listed: CallbackId<DrainTask>;
  readonly #evicted: CallbackId<PodEviction>;
  readonly #polled: CallbackId<PodEviction>;
  readonly #retry: HandlerId<PodEviction>;
  readonly #poll: HandlerId<PodEviction>;

  constructor({ kernel, client, clientOf, finish }: DrainSettings) {
    this.#kernel = kernel;
    this.#clientOf = clientOf;
    this.#finish = finish;
    this.#cordoned = client.callback((call, drain) => this.#onCordoned(call, drain));
    this.#listed = client.callback((call, drain) => this.#onListed(call, drain));
    this.#evicted = client.callback((call, eviction) => this.#onEvicted(call, eviction));
    this.#polled = client.callback((call, eviction) => this.#onPolled(call, eviction));
    this.#retry = kernel.handler("users/drain-retry", (eviction) => this.#evict(eviction));
    this.#poll = kernel.handler("users/drain-poll", (eviction) => this.#look(eviction));
  }

  /** `node` as it was just read. */
  begin(task: Task, record: KeyRecord, node: Node): void {
    const drain: DrainTask = { task, node: record.name, left: 0, failure: undefined };
    if (node.spec.unschedulable === true) return this.#list(drain);
    const patch: Manifest = { spec: { unschedulable: true } };
    this.#clientOf(task).patch(record, patch, "", this.#cordoned, drain, {
      patchType: "strategic",
    });
  }

  #onCordoned(call: ApiCall, drain: DrainTask): void {
    if (!call.ok) return this.#finish(drain.task, call);
    this.#list(drain);
  }

  #list(drain: DrainTask): void {
    this.#clientOf(drain.task).list("Pod", { nodeName: drain.node }, this.#listed, drain);
  }

  #onListed(call: ApiCall, drain: DrainTask): void {
    if (!call.ok) return this.#finish(drain.task, call);
    const evictions: PodEviction[] = [];
    for (const { record, object } of call.items) {
      if (!isToGo(object as Pod)) continue;
      const { uid } = object.metadata;
      evictions.push({ drain, record: record as KeyRecord<Pod>, uid });
    }
    drain.left = evictions.length;
    if (drain.left === 0) return this.#end(drain);
    for (const eviction of evictions) this.#evict(eviction);
  }

  #evict(eviction: PodEviction): void {
    const { gracePeriodSeconds } = eviction.drain.task.operation as NodeOperation;
    const body = gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds };
    this.#clientOf(eviction.drain.task).evict(eviction.record, body, this.#evicted, eviction);
  }

  #onEvicted(call: ApiCall, eviction: PodEviction): void {
    const { drain, record } = eviction;
    if (call.ok) return this.#look(eviction);
    if (call.code === 404) return this.#gone(drain);
    if (call.code !== 429) {
      const message = `error when evicting pods/"${record.name}" -n "${record.namespace}": ${call.message}`;
      drain.failure ??= { code: call.code, reason: call.reason, message };
      return this.#gone(drain);
    }
    if (!this.#isLate(eviction)) this.#kernel.after(RETRY_US, this.#retry, eviction, undefined);
  }

  #look(eviction: PodEviction): void {
    this.#clientOf(eviction.drain.task).get(eviction.record, this.#polled, eviction);
  }

  #onPolled(call: ApiCall, eviction: PodEviction): void {
    const isGone = call.code === 404 || (call.ok && call.object?.metadata.uid !== eviction.uid);
    if (isGone) return this.#gone(eviction.drain);
    if (!this.#isLate(eviction)) this.#kernel.after(POLL_US, this.#poll, eviction, undefined);
  }

  /** Ends the wait for a pod when the drain's time is over. */
  #isLate({ drain, record }: PodEviction): boolean {
    const { timeoutUs = DRAIN_TIMEOUT_US } = drain.task.operation as NodeOperation;
    if (this.#kernel.nowUs < drain.task.issuedUs + timeoutUs) return false;
    const message = `error when evicting pods/"${record.name}" -n "${record.namespace}": global timeout reached: ${goDuration(timeoutUs)}`;
    drain.failure ??= { code: 504, reason: "Timeout", message };
    this.#gone(drain);
    return true;
  }

  #gone(drain: DrainTask): void {
    drain.left--;
    if (drain.left === 0) this.#end(drain);
  }

  #end(drain: DrainTask): void {
    this.#finish(drain.task, drain.failure ?? { code: 200, reason: "", message: "" });
  }
}

/** filters.go: daemonSetFilter and mirrorPodFilter leave pods alone; a finished one always goes. */
function isToGo(pod: Pod): boolean {
  if (pod.metadata.annotations?.[MIRROR_ANNOTATION] !== undefined) return false;
  const { phase } = pod.status;
  if (phase === "Succeeded" || phase === "Failed") return true;
  return controllerOf(pod)?.kind !== "DaemonSet";
}
