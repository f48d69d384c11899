/** Pods as servers of calls, on nodes that a test makes, with calls that reach them when it says. */
import { KeyRecord, type Pod } from "../sim/api/index.ts";
import { Kernel, type Micros } from "../sim/kernel/index.ts";
import {
  type BackendHost,
  type BackendOptions,
  Backends,
  type PodLiveness,
  type ServiceLimits,
} from "../sim/network/backend/index.ts";
import { Call, type CallPolicy, Edge } from "../sim/network/call/index.ts";
import type { Endpoint } from "../sim/network/proxy/index.ts";
import { NetworkNodes } from "../sim/network/topology/index.ts";

export const MS = 1_000;
export const SECOND = 1_000_000;

interface FixtureSettings {
  readonly seed?: string;
  /** Cores of the nodes n0, n1, ...; by default one node of one core. */
  readonly cores?: readonly number[];
  readonly limits?: Partial<ServiceLimits>;
  readonly options?: Partial<BackendOptions>;
  /** Calls wait for `respond` after their own work, instead of being released at once. */
  readonly holds?: boolean;
}

interface PodSettings {
  readonly node?: string;
  readonly cpuRequest?: string;
  readonly cpuLimit?: string;
  readonly annotations?: Record<string, string>;
}

/** How a call ended at the pod. */
export interface Ending {
  readonly number: number;
  readonly what: string;
  readonly atUs: Micros;
}

/** What is there of pods, because a test says so. */
class FakeKubelets implements PodLiveness {
  readonly running = new Set<string>();
  readonly unreachable = new Set<string>();
  readonly onEnd: ((record: KeyRecord<Pod>) => void)[] = [];
  readonly onStop: ((record: KeyRecord<Pod>) => void)[] = [];

  isRunning({ key }: KeyRecord<Pod>): boolean {
    return this.running.has(key);
  }

  get isAnyUnreachable(): boolean {
    return this.unreachable.size > 0;
  }

  isUnreachable(nodeName: string): boolean {
    return this.unreachable.has(nodeName);
  }

  onEnded(listener: (record: KeyRecord<Pod>) => void): void {
    this.onEnd.push(listener);
  }

  onStopping(listener: (record: KeyRecord<Pod>) => void): void {
    this.onStop.push(listener);
  }
}

export class BackendFixture implements BackendHost {
  readonly kernel: Kernel;
  readonly kubelets = new FakeKubelets();
  readonly nodes: NetworkNodes;
  readonly backends: Backends;
  readonly endings: Ending[] = [];
  /** Pods by key: in the run's state, as the store has them. */
  state = { records: new Map<string, KeyRecord<Pod>>(), edges: [createEdge(0, false)] };
  readonly #holds: boolean;
  readonly #arrive;
  readonly #passed;

  constructor(settings: FixtureSettings = {}) {
    const { seed = "1", cores = [1], limits, options, holds = false } = settings;
    this.#holds = holds;
    const kernel = new Kernel(seed);
    this.kernel = kernel;
    this.nodes = new NetworkNodes(kernel);
    cores.forEach((count, i) => void this.nodes.add(`n${i}`, "", count));
    const model = { concurrency: 1, queueLimit: -1, cpu: 1, ...limits };
    this.backends = new Backends({
      kernel,
      liveness: this.kubelets,
      records: { find: (_kind, key) => this.state.records.get(key) },
      nodes: this.nodes,
      limits: { limitsOf: () => model },
      options: { stoppingServers: "drain", cpuContention: true, ...options },
    });
    this.backends.setHost(this);
    this.#arrive = kernel.handler("test/arrive", (call: Call, isNew: boolean) =>
      this.backends.receive(call, isNew),
    );
    this.#passed = kernel.handler("test/time-passes", () => {});
    kernel.keep("test/records", this);
  }

  workUs(call: Call): Micros {
    return call.note as Micros;
  }

  onWorked(call: Call): void {
    if (this.#holds) return;
    this.respond(call);
  }

  onTurned(call: Call): void {
    this.#end(call, call.outcome);
  }

  onLost(call: Call): void {
    this.#end(call, "lost");
  }

  respond(call: Call): void {
    this.#end(call, call.outcome);
    this.backends.release(call);
  }

  #end({ number }: Call, what: string): void {
    this.endings.push({ number, what, atUs: this.kernel.nowUs });
  }

  /** Adds a pod whose containers run; returns the endpoint with its address. */
  startPod(name: string, settings: PodSettings = {}): Endpoint {
    const { node = "n0", cpuRequest, cpuLimit, annotations = {} } = settings;
    const { records } = this.state;
    const key = `default/${name}`;
    const record = records.get(key) ?? new KeyRecord<Pod>(records.size, "Pod", "default", name);
    records.set(key, record);
    const uid = `${name}-${records.size}-${this.kernel.nowUs}`;
    const resources = {
      ...(cpuRequest === undefined ? {} : { requests: { cpu: cpuRequest } }),
      ...(cpuLimit === undefined ? {} : { limits: { cpu: cpuLimit } }),
    };
    record.stored = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name, namespace: "default", uid, annotations },
      spec: { nodeName: node, containers: [{ name: "main", image: "app", resources }] },
      status: {},
    } as unknown as Pod;
    this.kubelets.running.add(key);
    return createEndpoint(name, uid, node, this.nodes.numberOf(node));
  }

  /** The signal to stop is sent to the pod. */
  signal(name: string): void {
    for (const listener of this.kubelets.onStop) listener(this.record(name));
  }

  /** The pod's containers end. */
  endPod(name: string): void {
    this.kubelets.running.delete(`default/${name}`);
    for (const listener of this.kubelets.onEnd) listener(this.record(name));
  }

  /** A machine dies, and the pods on it. */
  killNode(node: string, pods: readonly string[]): void {
    this.kubelets.unreachable.add(node);
    for (const pod of pods) this.endPod(pod);
  }

  record(name: string): KeyRecord<Pod> {
    const record = this.state.records.get(`default/${name}`);
    if (record === undefined) throw new Error(`no pod ${name}`);
    return record;
  }

  /** A call that has not begun, of the first edge. */
  call(endpoint: Endpoint, workUs: Micros): Call {
    const edge = this.state.edges[0] as Edge;
    const call = new Call(edge, edge.sent++, -1, 0, 0, undefined, workUs, this.kernel.nowUs);
    call.endpoint = endpoint;
    return call;
  }

  /** A call reaches the endpoint at that time. */
  arrive(atUs: Micros, endpoint: Endpoint, workUs: Micros, isNew = true): Call {
    const call = this.call(endpoint, workUs);
    this.kernel.at(atUs, this.#arrive, call, isNew);
    return call;
  }

  /** The same for a call of another edge. */
  arriveOver(edge: Edge, atUs: Micros, endpoint: Endpoint, workUs: Micros, isNew: boolean): void {
    const number = 100 + edge.sent++;
    const call = new Call(edge, number, -1, 0, 0, undefined, workUs, this.kernel.nowUs);
    call.endpoint = endpoint;
    this.kernel.at(atUs, this.#arrive, call, isNew);
  }

  /** Runs to that time, also when nothing happens until then; without one, until nothing is left. */
  run(untilUs?: Micros): void {
    if (untilUs !== undefined) this.kernel.at(untilUs, this.#passed, undefined, undefined);
    this.kernel.run(untilUs ?? Number.MAX_SAFE_INTEGER);
  }

  /** Endings so far: number, what, time in whole microseconds. */
  get log(): string[] {
    return this.endings.map(({ number, what, atUs }) => `${number} ${what} at ${atUs}`);
  }
}

const PLAIN_POLICY: CallPolicy = {
  timeoutUs: 0,
  attemptTimeoutUs: 0,
  connectTimeoutUs: 0,
  attempts: 1,
  backoffUs: 0,
  backoffMaxUs: 0,
  retryBudget: 0,
  connections: 0,
  isExclusive: false,
  isDatagram: false,
  balancer: "node",
};

export function createEdge(number: number, isBackground: boolean): Edge {
  return new Edge({
    number,
    name: `test-${number}`,
    caller: 0,
    target: { number: 0, service: "default/web", port: "", hash: 1 },
    policy: PLAIN_POLICY,
    hash: 1,
    isBackground,
    isExternal: false,
  });
}

function createEndpoint(name: string, podUid: string, nodeName: string, node: number): Endpoint {
  return {
    address: name,
    slot: 0,
    podKey: `default/${name}`,
    podName: name,
    podUid,
    nodeName,
    node,
    zone: "",
    isReady: true,
    isServing: true,
    isTerminating: false,
    weight: 1,
  };
}
