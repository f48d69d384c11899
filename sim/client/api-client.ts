/**
 * ApiClient: one clientset with its own rate limit (client-go: rest.Config QPS and Burst).
 *
 * A component sends requests and names a callback, by number, that gets the answer with a plain
 * context. An answer with Retry-After (429 of flow control) is tried again after that time, up to
 * ten times, as client-go does (rest/with_retry.go); without it, as most of eviction's 429, it is not.
 */
import type { ApiObject, KeyRecord, Manifest, Trace } from "../api/index.ts";
import {
  ApiCall,
  type ApiServer,
  type BindingBody,
  type CallOptions,
  type DeleteCollectionBody,
  type DeleteOptions,
  type EvictionBody,
  type GetOptions,
  type RequestBody,
  type ScaleBody,
  type Selection,
  type WatchBody,
} from "../apiserver/index.ts";
import { type HandlerId, hashString, type Kernel } from "../kernel/index.ts";
import {
  BIND,
  CREATE,
  DELETE,
  DELETE_COLLECTION,
  EVICT,
  GET,
  GET_SCALE,
  LIST,
  type Operation,
  PATCH,
  PATCH_STATUS,
  UPDATE_SCALE,
  UPDATES,
  WATCH,
} from "./operations.ts";
import { TokenBucket } from "./token-bucket.ts";

/** Number of a callback; `Context` is what the request gave along. */
export type CallbackId<Context = unknown> = number & {
  readonly __context?: (context: Context) => void;
};

/** A client's rate limit; `qps` 0 means none. */
export interface RateLimit {
  readonly qps: number;
  readonly burst: number;
}

/** client-go rest/request.go: a request is tried at most ten times more after a Retry-After. */
const MAX_RETRIES = 10;

const NO_OPTIONS: CallOptions = {};

interface ClientHubState {
  /** By client number. */
  readonly buckets: TokenBucket[];
  /** Requests of each client so far: numbers the draws of those that name no object. */
  readonly requestCounts: number[];
  /** How often each client's process has died: answers to an earlier one find nobody. */
  readonly lives: number[];
}

/** All clientsets of a cluster, and the table of their callbacks. */
export class ClientHub {
  state: ClientHubState = { buckets: [], requestCounts: [], lives: [] };
  readonly #kernel: Kernel;
  readonly trace: Trace;
  readonly #server: ApiServer;
  readonly #limits: Readonly<Record<string, RateLimit>>;
  readonly #callbacks: ((call: ApiCall, context: never) => void)[] = [];
  readonly #retry: HandlerId<ApiCall>;
  /** The process that each client belongs to. */
  readonly #processes: (string | undefined)[] = [];

  /** `limits` by clientset name; `default` for those that are not named. */
  constructor(
    kernel: Kernel,
    trace: Trace,
    server: ApiServer,
    limits: Readonly<Record<string, RateLimit>>,
  ) {
    this.#kernel = kernel;
    this.trace = trace;
    this.#server = server;
    this.#limits = limits;
    server.answersTo(kernel.handler("client/answer", (call: ApiCall) => this.#onAnswer(call)));
    this.#retry = kernel.handler("client/retry", (call) => this.send(call));
    kernel.keep("client/hub", this);
  }

  /**
   * A new clientset, with the rate limit of its name. `identity` tells the clients of one name
   * apart (the kubelets) where random draws belong to the client.
   */
  client(name: string, identity: string = name): ApiClient {
    const limit = this.#limits[name] ?? this.#limits["default"] ?? { qps: 0, burst: 0 };
    const id = this.state.buckets.push(new TokenBucket(limit.qps, limit.burst)) - 1;
    this.state.requestCounts.push(0);
    this.state.lives.push(0);
    if (identity !== name) this.#server.introduce(id, identity);
    this.#processes.push(this.#kernel.processInBuilding);
    return new ApiClient(
      this,
      this.#kernel,
      this.#server,
      id,
      name,
      hashString(`client/${identity}`),
    );
  }

  /** Registers what is called with an answer and the context of its request. */
  callback<Context>(run: (call: ApiCall, context: Context) => void): CallbackId<Context> {
    return (this.#callbacks.push(run as (call: ApiCall, context: never) => void) -
      1) as CallbackId<Context>;
  }

  /** Lets the request go as soon as its client's limit allows. */
  send(call: ApiCall): void {
    const bucket = this.state.buckets[call.client];
    if (bucket === undefined) throw new Error(`unknown client ${call.client}`);
    this.#server.send(call, bucket.take(this.#kernel.nowUs));
  }

  /**
   * The process has died: what it has not sent stays unsent, what it awaits finds nobody, and its
   * watches end. A new one begins with full token buckets.
   */
  disconnect(process: string): void {
    const { buckets, lives } = this.state;
    for (const [client, owner] of this.#processes.entries()) {
      if (owner !== process) continue;
      lives[client] = this.lifeOf(client) + 1;
      buckets[client]?.refill();
      this.#server.disconnect(client);
    }
    this.#kernel.cancelWhere(
      ({ handler, a }) => handler === this.#retry && this.#isStale(a as ApiCall),
    );
  }

  /** The number of the client's present process, from 0. */
  lifeOf(client: number): number {
    return this.state.lives[client] ?? 0;
  }

  #isStale(call: ApiCall): boolean {
    return call.life !== this.lifeOf(call.client);
  }

  /** A running number for requests that name no object. */
  nextRequest(client: number): number {
    const number = (this.state.requestCounts[client] ?? 0) + 1;
    this.state.requestCounts[client] = number;
    return number;
  }

  #onAnswer(call: ApiCall): void {
    const { apiRequest } = this.trace;
    if (apiRequest.on) {
      apiRequest.emit({
        client: call.clientName,
        verb: call.verb,
        kind: call.kind,
        subresource: call.subresource,
        flowSchema: call.flowSchema,
        priorityLevel: call.priorityLevel,
        code: call.code,
        record: call.record,
        attempt: call.attempt,
        issuedUs: call.issuedUs,
        sentUs: call.sentUs,
        arrivedUs: call.arrivedUs,
        startedUs: call.startedUs,
        proposedUs: call.proposedUs,
        handledUs: call.handledUs,
        answeredUs: this.#kernel.nowUs,
      });
    }
    if (this.#isStale(call)) return; // whoever asked has died meanwhile
    if (call.retryAfterSeconds > 0 && call.attempt <= MAX_RETRIES) {
      const delayUs = call.retryAfterSeconds * 1_000_000;
      call.attempt++;
      call.retryAfterSeconds = 0;
      call.reason = ""; // what it says in the end is the last answer
      call.message = "";
      this.#kernel.after(delayUs, this.#retry, call, undefined);
      return;
    }
    const callback = this.#callbacks[call.callback];
    if (callback === undefined) throw new Error(`unknown callback ${call.callback}`);
    callback(call, call.context as never);
  }
}

export class ApiClient {
  readonly id: number;
  readonly name: string;
  readonly #hub: ClientHub;
  readonly #kernel: Kernel;
  readonly #server: ApiServer;
  readonly #hash: number;

  constructor(
    hub: ClientHub,
    kernel: Kernel,
    server: ApiServer,
    id: number,
    name: string,
    identityHash: number,
  ) {
    this.#hub = hub;
    this.#kernel = kernel;
    this.#server = server;
    this.id = id;
    this.name = name;
    this.#hash = identityHash;
  }

  /** What is observed of the cluster. */
  get trace(): Trace {
    return this.#hub.trace;
  }

  /**
   * The same clientset acting as a user (kubectl --as): authenticated, and nothing more. It holds
   * nothing of its own, so it may be made at any time.
   */
  as(user: string): ApiClient {
    const identity = `user/${user}`;
    return new ApiClient(
      this.#hub,
      this.#kernel,
      this.#server,
      this.id,
      identity,
      hashString(`client/${identity}`),
    );
  }

  /** Registers a callback for answers to this component's requests. Call it when wiring. */
  callback<Context>(run: (call: ApiCall, context: Context) => void): CallbackId<Context> {
    return this.#hub.callback(run);
  }

  /** The record of a key that a request can name; the object need not exist. */
  record(kind: string, namespace: string, name: string): KeyRecord {
    return this.#server.etcd.record(kind, namespace, name);
  }

  /** Creates an object; returns its key, which exists once the answer says so. */
  create<C>(
    kind: string,
    manifest: Manifest,
    callback: CallbackId<C>,
    context: C,
    options: CallOptions = NO_OPTIONS,
  ): KeyRecord {
    const namespace = manifest.metadata?.namespace ?? "";
    const record = this.#server.recordForCreate(kind, namespace, manifest);
    this.#send(CREATE, kind, record, manifest, callback, context, options);
    return record;
  }

  /** Replaces an object (or its status, or a namespace's finalizers); 409 when it has changed since `object` was read. */
  update<C>(
    record: KeyRecord,
    object: ApiObject,
    subresource: "" | "status" | "finalize",
    callback: CallbackId<C>,
    context: C,
    options: CallOptions = NO_OPTIONS,
  ): void {
    this.#send(UPDATES[subresource], record.kind, record, object, callback, context, options);
  }

  /** Patches an object, by default with a strategic merge patch. A JSON patch is a list. */
  patch<C>(
    record: KeyRecord,
    patch: Manifest | readonly object[],
    subresource: "" | "status",
    callback: CallbackId<C>,
    context: C,
    options: CallOptions = NO_OPTIONS,
  ): void {
    const what = subresource === "" ? PATCH : PATCH_STATUS;
    this.#send(what, record.kind, record, patch, callback, context, options);
  }

  /** POST pods/eviction: a deletion that a PodDisruptionBudget may refuse with 429. */
  evict<C>(record: KeyRecord, body: EvictionBody, callback: CallbackId<C>, context: C): void {
    this.#send(EVICT, "Pod", record, body, callback, context);
  }

  /** GET the scale subresource; the answer's object is an autoscaling/v1 Scale. */
  getScale<C>(record: KeyRecord, callback: CallbackId<C>, context: C): void {
    this.#send(GET_SCALE, record.kind, record, undefined, callback, context);
  }

  /** PUT the scale subresource: sets spec.replicas. */
  updateScale<C>(record: KeyRecord, body: ScaleBody, callback: CallbackId<C>, context: C): void {
    this.#send(UPDATE_SCALE, record.kind, record, body, callback, context);
  }

  /** Deletes all objects of a kind in a namespace; the answer's items are what was there. */
  deleteCollection<C>(
    kind: string,
    body: DeleteCollectionBody,
    callback: CallbackId<C>,
    context: C,
  ): void {
    this.#send(DELETE_COLLECTION, kind, undefined, body, callback, context);
  }

  /** POST pods/binding; 409 when the pod is bound already, or is no longer the one with that uid. */
  bind<C>(record: KeyRecord, body: BindingBody, callback: CallbackId<C>, context: C): void {
    this.#send(BIND, "Pod", record, body, callback, context);
  }

  delete<C>(record: KeyRecord, options: DeleteOptions, callback: CallbackId<C>, context: C): void {
    this.#send(DELETE, record.kind, record, options, callback, context);
  }

  get<C>(record: KeyRecord, callback: CallbackId<C>, context: C, options?: GetOptions): void {
    this.#send(GET, record.kind, record, options, callback, context);
  }

  list<C>(kind: string, selection: Selection, callback: CallbackId<C>, context: C): void {
    this.#send(LIST, kind, undefined, selection, callback, context);
  }

  /** What this client has of a kind that it has watched since before the run: see ApiServer. */
  synced(kind: string, body: Omit<WatchBody, "revision">): ReturnType<ApiServer["synced"]> {
    return this.#server.synced({ kind, client: this.id, clientName: this.name }, body);
  }

  watch<C>(kind: string, body: WatchBody, callback: CallbackId<C>, context: C): void {
    this.#send(WATCH, kind, undefined, body, callback, context);
  }

  /**
   * The draws that a request takes are those of the n-th such operation on its object, so that a
   * policy that makes one more status update does not change the luck of the binding.
   */
  #send(
    what: Operation,
    kind: string,
    record: KeyRecord | undefined,
    body: RequestBody,
    callback: CallbackId<never>,
    context: unknown,
    options: CallOptions = NO_OPTIONS,
  ): void {
    const { place } = what;
    let drawHash = this.#hash;
    let drawNumber: number;
    if (record === undefined) drawNumber = this.#hub.nextRequest(this.id);
    else {
      drawHash = record.hash ^ what.hash;
      drawNumber = (record.requestCounts[place] ?? 0) + 1;
      record.requestCounts[place] = drawNumber;
    }
    this.#hub.send(
      new ApiCall(
        this.id,
        this.name,
        this.#hub.lifeOf(this.id),
        what.verb,
        kind,
        what.subresource,
        record,
        body,
        options,
        callback,
        context,
        drawHash,
        drawNumber,
        this.#kernel.nowUs,
      ),
    );
  }
}
