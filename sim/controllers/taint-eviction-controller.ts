/**
 * TaintEvictionController: deletes the pods that do not tolerate a NoExecute taint of their node,
 * at once or when their toleration ends.
 *
 * Source: pkg/controller/tainteviction of v1.30.
 */
import {
  type KeyRecord,
  type Manifest,
  type Node,
  type Pod,
  type Taint,
  type Toleration,
  timestamp,
  tolerates,
} from "../api/index.ts";
import type { ApiCall, ApiClient, CallbackId, EventRecorder, Indexer } from "../client/index.ts";
import type { HandlerId, Kernel, Micros, SimEvent } from "../kernel/index.ts";
import type { Controller, ControllerContext } from "./controller.ts";

const SECOND_US = 1_000_000;
/** retries and the pause between them, of a deletion that fails. */
const RETRIES = 5;
const RETRY_US = 10_000;
const BY_NODE = "node";

/** A deletion that is due, or under way. */
interface Eviction {
  readonly record: KeyRecord<Pod>;
  readonly uid: string;
  readonly createdUs: Micros;
  readonly dueUs: Micros;
  timer: SimEvent | undefined;
  failures: number;
}

interface TaintEvictionState {
  isRunning: boolean;
  /** NoExecute taints of the nodes that have some. */
  readonly taints: Map<string, readonly Taint[]>;
  readonly evictions: Map<KeyRecord<Pod>, Eviction>;
}

export class TaintEvictionController implements Controller {
  state: TaintEvictionState = { isRunning: false, taints: new Map(), evictions: new Map() };
  readonly #kernel: Kernel;
  readonly #client: ApiClient;
  readonly #events: EventRecorder;
  readonly #pods: Indexer<Pod>;
  readonly #due: HandlerId<Eviction>;
  readonly #conditionSet: CallbackId<Eviction>;
  readonly #deleted: CallbackId<Eviction>;

  constructor(context: ControllerContext) {
    const { kernel } = context;
    this.#kernel = kernel;
    this.#client = context.client("taint-eviction-controller");
    this.#events = context.events(this.#client, "taint-eviction-controller");
    const pods = context.informer<Pod>("Pod");
    this.#pods = pods.indexer;
    this.#pods.addLazyIndex(BY_NODE, ({ spec }) => spec.nodeName, "spec");
    this.#due = kernel.handler("controller/taint-eviction/due", (eviction) =>
      this.#evict(eviction),
    );
    this.#conditionSet = this.#client.callback((call, eviction) => {
      if (this.#isDone(call, eviction)) return;
      const options = { uid: eviction.uid };
      this.#client.delete(eviction.record, options, this.#deleted, eviction);
    });
    this.#deleted = this.#client.callback((call, eviction) => {
      if (!this.#isDone(call, eviction)) this.#forget(eviction);
    });
    pods.addEventHandler({
      onAdd: (record, pod) => this.#onPod(record, pod),
      onUpdate: (record, old, pod) => {
        if (old.spec !== pod.spec) this.#onPod(record, pod);
      },
      onDelete: (record) => {
        if (this.state.evictions.size > 0) this.#cancel(record);
      },
    });
    context.informer<Node>("Node").addEventHandler({
      onAdd: (record, node) => this.#onNode(record.name, node.spec.taints),
      onUpdate: (record, old, node) => {
        if (old.spec.taints !== node.spec.taints) this.#onNode(record.name, node.spec.taints);
      },
      onDelete: (record) => this.#onNode(record.name, undefined),
    });
    kernel.keep("controller/taint-eviction", this);
  }

  run(): void {
    this.state.isRunning = true;
    for (const name of this.state.taints.keys()) this.#lookAtNode(name);
  }

  #onNode(name: string, all: readonly Taint[] | undefined): void {
    const { taints } = this.state;
    const noExecute = (all ?? []).filter(({ effect }) => effect === "NoExecute");
    if (noExecute.length === 0 && !taints.has(name)) return;
    if (noExecute.length === 0) taints.delete(name);
    else taints.set(name, noExecute);
    if (this.state.isRunning) this.#lookAtNode(name);
  }

  #lookAtNode(name: string): void {
    for (const record of this.#pods.byIndex(BY_NODE, name)) {
      const pod = this.#pods.get(record);
      if (pod !== undefined) this.#lookAtPod(record, pod);
    }
  }

  #onPod(record: KeyRecord<Pod>, pod: Pod): void {
    const { isRunning, taints, evictions } = this.state;
    if (isRunning && (taints.size > 0 || evictions.size > 0)) this.#lookAtPod(record, pod);
  }

  /** processPodOnNode. */
  #lookAtPod(record: KeyRecord<Pod>, pod: Pod): void {
    const taints = this.state.taints.get(pod.spec.nodeName ?? "");
    if (taints === undefined) return this.#cancel(record);
    if (pod.metadata.deletionTimestamp !== undefined) return;
    const { nowUs } = this.#kernel;
    const seconds = tolerationSeconds(taints, pod.spec.tolerations ?? []);
    if (seconds === undefined) return this.#cancel(record);
    const known = this.state.evictions.get(record);
    const createdUs = seconds === 0 ? nowUs : (known?.createdUs ?? nowUs);
    const dueUs = Math.max(nowUs, createdUs + seconds * SECOND_US);
    // A deletion that is due already is only ever brought forward.
    if (known !== undefined && known.dueUs <= dueUs) return;
    this.#cancel(record);
    const { uid } = pod.metadata;
    const eviction: Eviction = { record, uid, createdUs, dueUs, timer: undefined, failures: 0 };
    this.state.evictions.set(record, eviction);
    eviction.timer = this.#kernel.at(dueUs, this.#due, eviction, undefined);
  }

  /** addConditionAndDeletePod. */
  #evict(eviction: Eviction): void {
    eviction.timer = undefined;
    const pod = this.#pods.get(eviction.record);
    if (pod === undefined || pod.metadata.uid !== eviction.uid) return this.#forget(eviction);
    const { namespace, name, uid } = pod.metadata;
    const text = `Marking for deletion Pod ${namespace}/${name}`;
    this.#events.event(pod, "Normal", "TaintManagerEviction", text);
    const target = disruptionTarget(
      "DeletionByTaintManager",
      "Taint manager: deleting due to NoExecute taint",
      this.#kernel.nowUs,
    );
    const others = (pod.status.conditions ?? []).filter(({ type }) => type !== target.type);
    const patch: Manifest = { metadata: { uid }, status: { conditions: [...others, target] } };
    this.#client.patch(eviction.record, patch, "status", this.#conditionSet, eviction);
  }

  /** Whether nothing follows the answer: the pod is gone, or the attempt failed and is repeated. */
  #isDone(call: ApiCall, eviction: Eviction): boolean {
    if (call.ok) return false;
    if (call.code === 404 || call.code === 409 || ++eviction.failures > RETRIES)
      this.#forget(eviction);
    else eviction.timer = this.#kernel.after(RETRY_US, this.#due, eviction, undefined);
    return true;
  }

  #cancel(record: KeyRecord<Pod>): void {
    const eviction = this.state.evictions.get(record);
    if (eviction === undefined) return;
    if (eviction.timer !== undefined) {
      this.#kernel.cancel(eviction.timer);
      const pod = this.#pods.get(record);
      const text = `Cancelling deletion of Pod ${record.key}`;
      if (pod !== undefined) this.#events.event(pod, "Normal", "TaintManagerEviction", text);
    }
    this.state.evictions.delete(record);
  }

  #forget(eviction: Eviction): void {
    const { evictions } = this.state;
    if (evictions.get(eviction.record) === eviction) evictions.delete(eviction.record);
  }
}

/** The condition that says why a pod is deleted (KEP-3329). */
export function disruptionTarget(
  reason: string,
  message: string,
  nowUs: Micros,
): NonNullable<Pod["status"]["conditions"]>[number] {
  return {
    type: "DisruptionTarget",
    status: "True",
    reason,
    message,
    lastTransitionTime: timestamp(nowUs),
  };
}

/**
 * How long the tolerations bear all the taints: the shortest of those that are used; 0: one taint
 * is not tolerated; undefined: for ever (getMinTolerationTime).
 */
export function tolerationSeconds(
  taints: readonly Taint[],
  tolerations: readonly Toleration[],
): number | undefined {
  let shortest: number | undefined;
  for (const taint of taints) {
    const used = tolerations.find((toleration) => tolerates(toleration, taint));
    if (used === undefined) return 0;
    const { tolerationSeconds: seconds } = used;
    if (seconds === undefined) continue;
    shortest = Math.min(shortest ?? Number.POSITIVE_INFINITY, Math.max(0, seconds));
  }
  return shortest;
}
