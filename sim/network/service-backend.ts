/**
 * ServiceBackends: the pods' side of requests. Each pod serves a few requests at a time, one by
 * default, and keeps the others waiting in the order in which they came (FCFS).
 *
 * A pod that does not run accepts nothing; when its containers end, the requests that wait or are
 * served there fail at that moment.
 */
import type { KeyRecord, Pod } from "../api/index.ts";
import { Fifo, type HandlerId, InputError, type Kernel, type Micros } from "../kernel/index.ts";
import type { Endpoint } from "./balancer.ts";
import type { PodLiveness, RecordFinder } from "./pod-liveness.ts";
import { type ServiceRequest, scheduleStep } from "./service-request.ts";

/**
 * Requests that a pod serves at one time: a whole number, 1 or more. Absent: 1. Our assumption: a
 * single-threaded server, so that the pod is a queue with one server.
 */
export const CONCURRENCY_ANNOTATION = "stowage.dev/concurrency";

/** The queue of one pod. */
export class PodServer {
  readonly record: KeyRecord<Pod>;
  readonly concurrency: number;
  readonly serving: ServiceRequest[] = [];
  readonly waiting = new Fifo<ServiceRequest>();
  /** When its containers ended; -1: they run. */
  endedUs: Micros = -1;

  constructor(record: KeyRecord<Pod>, concurrency: number) {
    this.record = record;
    this.concurrency = concurrency;
  }
}

interface BackendsState {
  /** Of running pods that requests have reached. */
  readonly servers: Map<KeyRecord<Pod>, PodServer>;
}

export interface BackendSettings {
  readonly kernel: Kernel;
  readonly liveness: PodLiveness;
  readonly records: RecordFinder;
  /** Called when a request leaves its pod, served or not: see its outcome. */
  readonly onTurned: (request: ServiceRequest) => void;
}

export class ServiceBackends {
  state: BackendsState = { servers: new Map() };
  readonly #kernel: Kernel;
  readonly #liveness: PodLiveness;
  readonly #records: RecordFinder;
  readonly #onTurned: (request: ServiceRequest) => void;
  readonly #served: HandlerId<ServiceRequest, PodServer>;

  constructor({ kernel, liveness, records, onTurned }: BackendSettings) {
    this.#kernel = kernel;
    this.#liveness = liveness;
    this.#records = records;
    this.#onTurned = onTurned;
    this.#served = kernel.handler("network/served", (request, pod) => this.#onServed(request, pod));
    liveness.onEnded((record) => this.#onPodEnded(record));
    kernel.keep("network/backends", this);
  }

  /** A request reaches its endpoint. Returns the pod's server; undefined: nobody listens there. */
  receive(request: ServiceRequest): PodServer | undefined {
    request.reachedUs = this.#kernel.nowUs;
    const server = this.#serverAt(request.endpoint);
    if (server === undefined) this.#refuse(request);
    else if (server.serving.length < server.concurrency) this.#serve(server, request);
    else server.waiting.push(request);
    return server;
  }

  #serverAt(endpoint: Endpoint): PodServer | undefined {
    const record = this.#records.find("Pod", endpoint.podKey) as KeyRecord<Pod> | undefined;
    if (record === undefined || !this.#liveness.isRunning(record)) return undefined;
    // A pod that took the name of one that is gone has another address.
    if (endpoint.podUid !== "" && record.stored?.metadata.uid !== endpoint.podUid) return undefined;
    let server = this.state.servers.get(record);
    if (server === undefined) {
      server = new PodServer(record, concurrencyOf(record));
      this.state.servers.set(record, server);
    }
    return server;
  }

  #serve(server: PodServer, request: ServiceRequest): void {
    request.beganUs = this.#kernel.nowUs;
    server.serving.push(request);
    request.timer = scheduleStep(this.#kernel, request.workUs, this.#served, request, server);
  }

  #onServed(request: ServiceRequest, server: PodServer): void {
    server.serving.splice(server.serving.indexOf(request), 1);
    const next = server.waiting.shift();
    if (next !== undefined) this.#serve(server, next);
    this.#turn(request);
  }

  #onPodEnded(record: KeyRecord<Pod>): void {
    const server = this.state.servers.get(record);
    if (server === undefined) return;
    this.state.servers.delete(record);
    server.endedUs = this.#kernel.nowUs;
    for (const request of server.serving) this.#refuse(request);
    server.serving.length = 0;
    for (let next = server.waiting.shift(); next !== undefined; next = server.waiting.shift()) {
      this.#refuse(next);
    }
  }

  #refuse(request: ServiceRequest): void {
    if (request.timer !== undefined) this.#kernel.cancel(request.timer);
    request.outcome = "connection-refused";
    this.#turn(request);
  }

  #turn(request: ServiceRequest): void {
    request.timer = undefined;
    request.turnedUs = this.#kernel.nowUs;
    this.#onTurned(request);
  }
}

/** Throws InputError when the pod's annotation cannot be read. */
function concurrencyOf({ key, stored }: KeyRecord<Pod>): number {
  const text = stored?.metadata.annotations?.[CONCURRENCY_ANNOTATION];
  if (text === undefined) return 1;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InputError(
    `pod ${key}: annotation ${CONCURRENCY_ANNOTATION}: got "${text}", ` +
      "want how many requests it serves at one time, a whole number, 1 or more.",
  );
}
