/**
 * A scheduler before a tiny stand-in for the API with fixed latencies, so that tests can tell each
 * moment to the microsecond: an answer takes ANSWER_US, and what it changed is delivered DELIVERY_US
 * later.
 */
import {
  type ApiObject,
  createTrace,
  KeyRecord,
  type Manifest,
  type Node,
  type Pod,
  type PodCondition,
} from "../sim/api/index.ts";
import {
  type ClientHub,
  Indexer,
  type InformerHub,
  type ResourceEventHandler,
} from "../sim/client/index.ts";
import { type HandlerId, Kernel } from "../sim/kernel/index.ts";
import type { SchedulerOptions } from "../sim/options/index.ts";
import {
  type AnyPlugin,
  CPU,
  definePlugin,
  type Profile,
} from "../sim/scheduler/framework/index.ts";
import { Scheduler } from "../sim/scheduler/scheduler.ts";

export const ANSWER_US = 5_000;
export const DELIVERY_US = 2_000;
export const BASE_US = 1_000;

export const PRIORITY_SORT: AnyPlugin = definePlugin({
  name: "PrioritySort",
  requeueOn: [],
  compare: (a, b) => b.info.priority - a.info.priority || a.timestampUs - b.timestampUs,
});

export const SCHEDULING_GATES: AnyPlugin = definePlugin({
  name: "SchedulingGates",
  requeueOn: [],
  preEnqueue: ({ pod }) => ((pod.spec.schedulingGates ?? []).length > 0 ? "gated" : undefined),
});

export const FIT_CPU: AnyPlugin = definePlugin({
  name: "FitCpu",
  locality: "node",
  requeueOn: ["Node/Add", "Node/UpdateAllocatable", "Pod/Delete"],
  filter: (pod, node) =>
    (pod.requests[CPU] ?? 0) <= (node.allocatable[CPU] ?? 0) - (node.requested[CPU] ?? 0)
      ? undefined
      : "Insufficient cpu",
});

export const BINDER: AnyPlugin = definePlugin({
  name: "DefaultBinder",
  requeueOn: [],
  bind: () => true,
});

export function makeProfile(plugins: readonly AnyPlugin[] = [], schedulerName?: string): Profile {
  const all = [PRIORITY_SORT, SCHEDULING_GATES, FIT_CPU, ...plugins, BINDER];
  return {
    schedulerName: schedulerName ?? "default-scheduler",
    plugins: all.map((plugin) => ({ plugin, weight: plugin.score === undefined ? 0 : 1 })),
    percentageOfNodesToScore: 100,
  };
}

export interface PodSketch {
  readonly cpu?: string;
  readonly priority?: number;
  readonly schedulerName?: string;
  readonly gated?: boolean;
  readonly nodeName?: string;
  readonly uid?: string;
}

export function makePod(name: string, sketch: PodSketch = {}): Pod {
  const { cpu = "1", priority = 0, schedulerName = "default-scheduler", nodeName } = sketch;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      namespace: "default",
      uid: sketch.uid ?? `uid-${name}`,
      resourceVersion: "1",
      creationTimestamp: "",
    },
    spec: {
      schedulerName,
      priority,
      containers: [{ name: "main", image: "main", resources: { requests: { cpu } } }],
      ...(sketch.gated ? { schedulingGates: [{ name: "wait" }] } : {}),
      ...(nodeName === undefined ? {} : { nodeName }),
    },
    status: {},
  } as Pod;
}

export function makeNode(name: string, cpu = "4", labels: Record<string, string> = {}): Node {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      namespace: "",
      uid: name,
      resourceVersion: "1",
      creationTimestamp: "",
      labels,
    },
    spec: {},
    status: { allocatable: { cpu, memory: "64Gi", pods: "110" } },
  } as Node;
}

/** One request of the scheduler, as it arrived. */
export interface Request {
  readonly atUs: number;
  readonly verb: "bind" | "patch" | "delete";
  /** Name of the object. */
  readonly pod: string;
  readonly body: unknown;
}

interface Answer {
  readonly callback: number;
  readonly context: unknown;
  readonly request: Request;
  readonly record: KeyRecord<Pod>;
}

/** The API, its watches and the scheduler's clientset in one. */
export class FakeApi {
  readonly requests: Request[] = [];
  /** Answers to give to the next bindings instead of doing them: codes, e.g. 409. */
  readonly bindFailures: number[] = [];
  readonly #kernel: Kernel;
  readonly #records = new Map<string, KeyRecord>();
  /** Answers to give to requests for these objects instead of doing them: codes, by verb and name. */
  readonly failures = new Map<string, number>();
  /** How long a deleted pod goes on. */
  graceUs = 0;
  readonly #indexers = new Map<string, Indexer<ApiObject>>();
  readonly #handlers = new Map<string, ResourceEventHandler<ApiObject>[]>();
  readonly #callbacks: ((call: unknown, context: unknown) => void)[] = [];
  readonly #stored = new Map<KeyRecord, ApiObject>();
  readonly #onAnswer: HandlerId<Answer>;
  readonly #onEnded: HandlerId<KeyRecord>;
  readonly #onDelivery: HandlerId<KeyRecord, ApiObject | undefined>;
  #revision = 1;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.#onAnswer = kernel.handler("test/answer", (answer) => this.#answer(answer));
    this.#onEnded = kernel.handler("test/ended", (record) => this.#remove(record));
    this.#onDelivery = kernel.handler("test/deliver", (record, object) =>
      this.#deliver(record, object),
    );
  }

  get clients(): ClientHub {
    return { client: () => this } as unknown as ClientHub;
  }

  get informers(): InformerHub {
    return {
      create: (_client: unknown, kind: string) => {
        const handlers: ResourceEventHandler<ApiObject>[] = [];
        const indexer = new Indexer<ApiObject>(0, true);
        this.#handlers.set(kind, handlers);
        this.#indexers.set(kind, indexer);
        const addEventHandler = (handler: never) => handlers.push(handler);
        return { indexer, addEventHandler, start() {}, hasSynced: true };
      },
    } as unknown as InformerHub;
  }

  /** Stores an object, which the scheduler sees at once. */
  put<T extends ApiObject>(object: T): void {
    const record = this.recordOf(object.kind, object.metadata.name);
    this.#deliver(record, this.#store(record, object));
  }

  remove(kind: string, name: string): void {
    const record = this.recordOf(kind, name);
    this.#stored.delete(record);
    this.#deliver(record, undefined);
  }

  pod(name: string): Pod | undefined {
    return this.#stored.get(this.recordOf("Pod", name)) as Pod | undefined;
  }

  recordOf(kind: string, name: string): KeyRecord {
    const key = `${kind}/${name}`;
    let record = this.#records.get(key);
    if (record === undefined) {
      record = new KeyRecord(this.#records.size, kind, isGlobal(kind) ? "" : "default", name);
      this.#records.set(key, record);
    }
    return record;
  }

  callback(run: (call: unknown, context: unknown) => void): number {
    return this.#callbacks.push(run) - 1;
  }

  bind(
    record: KeyRecord<Pod>,
    body: { readonly nodeName: string },
    callback: number,
    context: unknown,
  ): void {
    this.#request("bind", record, body.nodeName, callback, context);
  }

  patch(
    record: KeyRecord<Pod>,
    body: Manifest,
    _subresource: string,
    callback: number,
    context: unknown,
  ): void {
    this.#request("patch", record, body, callback, context);
  }

  delete(record: KeyRecord<Pod>, _options: unknown, callback: number, context: unknown): void {
    this.#request("delete", record, undefined, callback, context);
  }

  #request(
    verb: Request["verb"],
    record: KeyRecord<Pod>,
    body: unknown,
    callback: number,
    context: unknown,
  ): void {
    const request = { atUs: this.#kernel.nowUs, verb, pod: record.name, body };
    this.requests.push(request);
    const answer = { callback, context, request, record };
    this.#kernel.after(ANSWER_US, this.#onAnswer, answer, undefined);
  }

  #answer({ callback, context, request, record }: Answer): void {
    const call = this.#perform(request, record);
    this.#callbacks[callback]?.(call, context);
  }

  #perform(request: Request, record: KeyRecord<Pod>): object {
    const refusal = this.failures.get(`${request.verb} ${request.pod}`);
    if (refusal !== undefined) return failed(refusal, request.pod);
    if (request.verb === "bind") return this.#bind(request, record);
    return request.verb === "patch" ? this.#patch(request, record) : this.#delete(record);
  }

  /** At once, or as a kubelet ends a pod: after its grace. */
  #delete(record: KeyRecord): object {
    const object = this.#stored.get(record);
    if (object === undefined) return failed(404, record.name);
    if (this.graceUs > 0) {
      const metadata = { ...object.metadata, deletionTimestamp: "2024-06-01T00:00:00Z" };
      this.#change(record, { ...object, metadata } as Pod);
      this.#kernel.after(this.graceUs, this.#onEnded, record, undefined);
    } else this.#remove(record);
    return { ok: true, code: 200, message: "" };
  }

  #remove(record: KeyRecord): void {
    this.#stored.delete(record);
    this.#kernel.after(DELIVERY_US, this.#onDelivery, record, undefined);
  }

  #bind({ body, pod: name }: Request, record: KeyRecord<Pod>): object {
    const pod = this.#stored.get(record) as Pod | undefined;
    const refusal = this.bindFailures.shift() ?? (pod === undefined ? 404 : 0);
    if (refusal !== 0 || pod === undefined) return failed(refusal, name);
    if (pod.spec.nodeName !== undefined) return failed(409, name);
    this.#change(record, { ...pod, spec: { ...pod.spec, nodeName: body as string } });
    return { ok: true, code: 201, message: "" };
  }

  #patch({ body, pod: name }: Request, record: KeyRecord<Pod>): object {
    const object = this.#stored.get(record) as Pod | undefined;
    if (object === undefined) return failed(404, name);
    const { status, spec } = body as { status?: { conditions?: PodCondition[] }; spec?: object };
    this.#change(record, {
      ...object,
      spec: { ...object.spec, ...spec },
      status: { ...object.status, ...status },
    });
    return { ok: true, code: 200, message: "" };
  }

  #change(record: KeyRecord, object: Pod): void {
    const fresh = this.#store(record, object);
    this.#kernel.after(DELIVERY_US, this.#onDelivery, record, fresh);
  }

  #store(record: KeyRecord, object: ApiObject): ApiObject {
    const resourceVersion = String(++this.#revision);
    const fresh = { ...object, metadata: { ...object.metadata, resourceVersion } };
    this.#stored.set(record, fresh);
    return fresh;
  }

  #deliver(record: KeyRecord, object: ApiObject | undefined): void {
    const indexer = this.#indexers.get(record.kind);
    const handlers = this.#handlers.get(record.kind) ?? [];
    const old = indexer?.get(record);
    if (object === undefined) {
      indexer?.delete(record);
      if (old !== undefined) for (const handler of handlers) handler.onDelete?.(record, old, false);
      return;
    }
    indexer?.set(record, object);
    for (const handler of handlers) {
      if (old === undefined) handler.onAdd?.(record, object);
      else handler.onUpdate?.(record, old, object);
    }
  }
}

function isGlobal(kind: string): boolean {
  return ["Node", "Namespace", "PersistentVolume", "StorageClass"].includes(kind);
}

function failed(code: number, name: string): object {
  return { ok: false, code, message: `pods "${name}" refused with ${code}` };
}

export const OPTIONS: SchedulerOptions = {
  evaluation: "full",
  percentageOfNodesToScore: "profile",
  ties: "lowest-name",
  podInitialBackoffSeconds: 1,
  podMaxBackoffSeconds: 10,
  podMaxInUnschedulablePodsSeconds: 300,
  queueingHints: false,
};

/** What one attempt came to, in brief. */
export interface Attempt {
  readonly pod: string;
  readonly attempt: number;
  readonly startUs: number;
  readonly endUs: number;
  readonly result: string;
  readonly node: string;
  readonly message: string;
}

/** A scheduler with its stand-in API, and a log of what it did. Cycles take BASE_US and no more. */
export function makeWorld(
  profiles: readonly Profile[] = [makeProfile()],
  options: Partial<SchedulerOptions> & { readonly perNodeNs?: number; readonly seed?: string } = {},
) {
  const { perNodeNs = 0, seed = "1", ...given } = options;
  const kernel = new Kernel(seed);
  const trace = createTrace();
  const api = new FakeApi(kernel);
  const scheduler = new Scheduler({
    writesEvents: false,
    kernel,
    trace,
    clients: api.clients,
    informers: api.informers,
    options: { ...OPTIONS, ...given },
    latency: {
      schedulingBase: `${BASE_US}us`,
      schedulingPerNodeFilteredNs: perNodeNs,
      schedulingPerNodeScoredNs: perNodeNs,
      schedulingPerNodeDryRunNs: perNodeNs,
    },
    profiles,
  });
  const attempts: Attempt[] = [];
  trace.schedulingAttempt.subscribe(({ record, attempt, startUs, endUs, result, node, message }) =>
    attempts.push({ pod: record.name, attempt, startUs, endUs, result, node, message }),
  );
  const bindings: { pod: string; node: string; ok: boolean; endUs: number }[] = [];
  trace.binding.subscribe(({ record, node, ok, endUs }) =>
    bindings.push({ pod: record.name, node, ok, endUs }),
  );
  const later = kernel.handler("test/do", (step: number) => steps[step]?.());
  const steps: (() => void)[] = [];
  /** Does something at a moment of virtual time. */
  const at = (timeUs: number, run: () => void): void => {
    kernel.at(timeUs, later, steps.push(run) - 1, undefined);
  };
  scheduler.start();
  return { kernel, trace, api, scheduler, attempts, bindings, at };
}
