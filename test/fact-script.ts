/**
 * FactScript tells a trace what a simulated cluster would tell it, by hand and at chosen times, so
 * that recorders can be tested alone. Times are virtual microseconds.
 */
import type {
  ApiRequestFact,
  ChangeType,
  NameLookupFact,
  Node,
  Pod,
  ProxySyncFact,
  RequestAttemptFact,
  SchedulingAttemptFact,
  SchedulingQueueName,
  ServiceRequestFact,
  Trace,
} from "../sim/api/index.ts";
import { createTrace, KeyRecord } from "../sim/api/index.ts";

/** What a test may say of an attempt beside its times. */
type AttemptFacts = Partial<SchedulingAttemptFact>;

export class FactScript {
  readonly trace: Trace = createTrace();
  #revision = 0;
  readonly #records = new Map<string, KeyRecord<Pod>>();
  readonly #pods = new Map<string, Pod>();
  readonly #nodes = new Map<string, { record: KeyRecord<Node>; object: Node }>();

  record(name: string, namespace = "default"): KeyRecord<Pod> {
    let record = this.#records.get(name);
    if (record === undefined) {
      record = new KeyRecord<Pod>(this.#records.size, "Pod", namespace, name);
      this.#records.set(name, record);
    }
    return record;
  }

  /** The pod was committed. */
  created(pod: Pod, timeUs: number): this {
    return this.#commit("ADDED", pod, timeUs);
  }

  queued(
    name: string,
    timeUs: number,
    queue: SchedulingQueueName = "active",
    event = "PodAdd",
  ): this {
    this.trace.podQueued.emit({ record: this.record(name), queue, event, timeUs });
    return this;
  }

  dequeued(name: string, timeUs: number, queue: SchedulingQueueName = "active"): this {
    this.trace.podDequeued.emit({ record: this.record(name), queue, timeUs });
    return this;
  }

  /** One scheduling attempt; without a node it failed with the message. */
  attempted(
    name: string,
    attempt: number,
    [firstQueuedUs, queuedUs, startUs, endUs]: readonly [number, number, number, number],
    { node = "", message = "", ...facts }: AttemptFacts = {},
  ): this {
    this.trace.schedulingAttempt.emit({
      ...{ record: this.record(name), profile: "default-scheduler", attempt },
      ...{ firstQueuedUs, queuedUs, startUs, endUs, node, message },
      result: node === "" ? "unschedulable" : "scheduled",
      ...{ evaluatedNodes: 1, feasibleNodes: node === "" ? 0 : 1, bestTotal: 0, bestCount: 0 },
      ...{ victimCount: undefined, dryRunNodes: 0 },
      ...facts,
    });
    return this;
  }

  /** The binding was committed. */
  bound(name: string, node: string, timeUs: number): this {
    const pod = this.#pod(name);
    return this.#commit("MODIFIED", { ...pod, spec: { ...pod.spec, nodeName: node } }, timeUs);
  }

  /** The scheduler had the answer to its binding request. */
  bindingAnswered(name: string, node: string, assumedUs: number, endUs: number, ok = true): this {
    this.trace.binding.emit({ record: this.record(name), node, ok, assumedUs, endUs });
    return this;
  }

  observed(name: string, node: string, timeUs: number): this {
    this.trace.podObserved.emit({ record: this.record(name), node, timeUs });
    return this;
  }

  pulled(name: string, node: string, times: readonly [number, number, number]): this {
    const [queuedUs, startedUs, timeUs] = times;
    const pull = { image: "nginx:1", bytes: 1, queuedUs, startedUs, timeUs };
    this.trace.imagePulled.emit({ record: this.record(name), node, ...pull });
    return this;
  }

  initialized(name: string, node: string, startedUs: number, timeUs: number): this {
    this.trace.podInitialized.emit({ record: this.record(name), node, startedUs, timeUs });
    return this;
  }

  started(name: string, node: string, timeUs: number): this {
    this.trace.podStarted.emit({ record: this.record(name), node, timeUs });
    return this;
  }

  /** A status with this phase was committed. */
  reported(name: string, phase: "Running" | "Succeeded" | "Failed", timeUs: number): this {
    const pod = this.#pod(name);
    return this.#commit("MODIFIED", { ...pod, status: { ...pod.status, phase } }, timeUs);
  }

  /** The latest change in the store, or an older one, of the pod reached a watcher. */
  delivered(name: string, timeUs: number, lagUs = 0, revision = this.#revision): this {
    const delivery = { kind: "Pod", client: "kube-scheduler", lagUs, revision, timeUs };
    this.trace.watchDelivered.emit({ record: this.record(name), ...delivery });
    return this;
  }

  finished(name: string, timeUs: number, phase: "Succeeded" | "Failed", reason = ""): this {
    const fact = { record: this.record(name), node: "n1", timeUs, phase, reason };
    this.trace.podFinished.emit(fact);
    return this;
  }

  /** The scheduler took it for a victim: the condition first, then the graceful deletion. */
  preempted(name: string, timeUs: number): this {
    const pod = this.#pod(name);
    const target = {
      type: "DisruptionTarget",
      status: "True",
      reason: "PreemptionByScheduler",
    } as const;
    const status = { ...pod.status, conditions: [target] };
    const metadata = { ...pod.metadata, deletionTimestamp: "2024-01-01T00:00:30Z" };
    this.#commit("MODIFIED", { ...pod, status }, timeUs);
    return this.#commit("MODIFIED", { ...pod, metadata, status }, timeUs);
  }

  deleted(name: string, timeUs: number): this {
    return this.#commit("DELETED", this.#pod(name), timeUs);
  }

  /** A node joined or changed; it left when there is no object. */
  node(name: string, node: Node | undefined, timeUs: number): this {
    const old = this.#nodes.get(name);
    const record = old?.record ?? new KeyRecord<Node>(this.#nodes.size, "Node", "", name);
    const object = node ?? old?.object;
    if (object === undefined) throw new Error(`node ${name} left before it came`);
    if (node === undefined) this.#nodes.delete(name);
    else this.#nodes.set(name, { record, object });
    const type = node === undefined ? "DELETED" : old === undefined ? "ADDED" : "MODIFIED";
    const revision = ++this.#revision;
    this.trace.committed.emit({ type, revision, record, object, old: old?.object, timeUs });
    return this;
  }

  request(verb: string, kind: string, times: Partial<ApiRequestFact> = {}): this {
    this.trace.apiRequest.emit({
      ...{ client: "kubectl", verb, kind, subresource: "", code: 200, issuedUs: 0, sentUs: 0 },
      ...{ flowSchema: "", priorityLevel: "", record: undefined, attempt: 1, proposedUs: 0 },
      ...{ arrivedUs: 0, startedUs: 0, handledUs: 0, answeredUs: 0 },
      ...times,
    });
    return this;
  }

  /** A request to `default/web` ended after 1 ms on the network and 9 ms in service, or as told. */
  served(endUs: number, facts: Partial<ServiceRequestFact> = {}): this {
    const { startUs = endUs - 10_000 } = facts;
    this.trace.serviceRequest.emit({
      ...{ service: "default/web", source: "load", sourceNode: "n1", sourceZone: "" },
      ...{ endpoint: "web-0", endpointNode: "n2", endpointZone: "", startUs, endUs },
      ...{ networkUs: 1_000, queueUs: 0, serviceUs: endUs - startUs - 1_000 },
      ...{ dnsUs: 0, retryUs: 0, attempts: 1, outcome: "ok", trace: 0, span: 0, parentSpan: -1 },
      ...facts,
    });
    return this;
  }

  attemptFailed(facts: Partial<RequestAttemptFact> = {}): this {
    this.trace.requestAttempt.emit({
      ...{ service: "default/web", source: "load", sourceNode: "n1", endpoint: "web-0" },
      ...{ timeUs: 0, outcome: "connection-refused", isRetried: true },
      ...facts,
    });
    return this;
  }

  synced(node: string, durationUs: number, facts: Partial<ProxySyncFact> = {}): this {
    const sync = { node, timeUs: 0, isFull: false, durationUs, programmingUs: [] };
    this.trace.proxySync.emit({ ...sync, ...facts });
    return this;
  }

  lookedUp(name: string, endUs: number, facts: Partial<NameLookupFact> = {}): this {
    this.trace.nameLookup.emit({
      ...{ name, node: "n1", startUs: 0, endUs, queries: 1, outcome: "ok", cache: "none" },
      ...facts,
    });
    return this;
  }

  #pod(name: string): Pod {
    const pod = this.#pods.get(name);
    if (pod === undefined) throw new Error(`pod ${name} was not created`);
    return pod;
  }

  #commit(type: ChangeType, object: Pod, timeUs: number): this {
    const { name, namespace } = object.metadata;
    const old = this.#pods.get(name);
    this.#pods.set(name, object);
    const revision = ++this.#revision;
    const record = this.record(name, namespace);
    this.trace.committed.emit({ type, revision, record, object, old, timeUs });
    return this;
  }
}
