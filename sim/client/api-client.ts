/**
 * ApiClient: one clientset with its own rate limit (client-go: rest.Config QPS and Burst).
 *
 * A component sends requests and names a callback, by number, that gets the answer with a plain
 * context. A 429 is tried again after its Retry-After of 1 s, up to ten times, as client-go does.
 */
import type { ApiObject, KeyRecord, Manifest, Trace } from "../api/index.ts";
import {
  ApiCall,
  type ApiServer,
  type BindingBody,
  type DeleteOptions,
  type RequestBody,
  type Selection,
  type Subresource,
  type Verb,
  type WatchBody,
} from "../apiserver/index.ts";
import { type HandlerId, hashString, type Kernel } from "../kernel/index.ts";
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

/** client-go rest/request.go: a request is tried at most ten times more after a 429. */
const MAX_RETRIES = 10;
const RETRY_AFTER_US = 1_000_000;

/** What can be done to a named object; the place is the index of KeyRecord.requestCounts. */
const OPERATIONS: readonly string[] = [
  "create",
  "create/binding",
  "patch/status",
  "update/status",
  "delete",
  "patch",
  "update",
  "get",
];
const OPERATION_HASHES = OPERATIONS.map(hashString);

interface ClientHubState {
  /** By client number. */
  readonly buckets: TokenBucket[];
  /** Requests of each client so far: numbers the draws of those that name no object. */
  readonly requestCounts: number[];
}

/** All clientsets of a cluster, and the table of their callbacks. */
export class ClientHub {
  state: ClientHubState = { buckets: [], requestCounts: [] };
  readonly #kernel: Kernel;
  readonly #trace: Trace;
  readonly #server: ApiServer;
  readonly #limits: Readonly<Record<string, RateLimit>>;
  readonly #callbacks: ((call: ApiCall, context: never) => void)[] = [];
  readonly #retry: HandlerId<ApiCall>;

  /** `limits` by clientset name; `default` for those that are not named. */
  constructor(
    kernel: Kernel,
    trace: Trace,
    server: ApiServer,
    limits: Readonly<Record<string, RateLimit>>,
  ) {
    this.#kernel = kernel;
    this.#trace = trace;
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

  /** A running number for requests that name no object. */
  nextRequest(client: number): number {
    const number = (this.state.requestCounts[client] ?? 0) + 1;
    this.state.requestCounts[client] = number;
    return number;
  }

  #onAnswer(call: ApiCall): void {
    const { apiRequest } = this.#trace;
    if (apiRequest.on) {
      apiRequest.emit({
        client: call.clientName,
        verb: call.verb,
        kind: call.kind,
        subresource: call.subresource,
        code: call.code,
        issuedUs: call.issuedUs,
        sentUs: call.sentUs,
        arrivedUs: call.arrivedUs,
        startedUs: call.startedUs,
        handledUs: call.handledUs,
        answeredUs: this.#kernel.nowUs,
      });
    }
    if (call.code === 429 && call.attempt <= MAX_RETRIES) {
      call.attempt++;
      this.#kernel.after(RETRY_AFTER_US, this.#retry, call, undefined);
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

  /** Registers a callback for answers to this component's requests. Call it when wiring. */
  callback<Context>(run: (call: ApiCall, context: Context) => void): CallbackId<Context> {
    return this.#hub.callback(run);
  }

  /** Creates an object; returns its key, which exists once the answer says so. */
  create<C>(kind: string, manifest: Manifest, callback: CallbackId<C>, context: C): KeyRecord {
    const namespace = manifest.metadata?.namespace ?? "";
    const record = this.#server.recordForCreate(kind, namespace, manifest);
    this.#send("create", kind, "", record, manifest, callback, context);
    return record;
  }

  /** Replaces an object (or its status); 409 when it has changed since `object` was read. */
  update<C>(
    record: KeyRecord,
    object: ApiObject,
    subresource: "" | "status",
    callback: CallbackId<C>,
    context: C,
  ): void {
    this.#send("update", record.kind, subresource, record, object, callback, context);
  }

  /** Merges `patch` into an object; its conditions replace those of the same type. */
  patch<C>(
    record: KeyRecord,
    patch: Manifest,
    subresource: "" | "status",
    callback: CallbackId<C>,
    context: C,
  ): void {
    this.#send("patch", record.kind, subresource, record, patch, callback, context);
  }

  /** POST pods/binding; 409 when the pod is bound already, or is no longer the one with that uid. */
  bind<C>(record: KeyRecord, body: BindingBody, callback: CallbackId<C>, context: C): void {
    this.#send("create", "Pod", "binding", record, body, callback, context);
  }

  delete<C>(record: KeyRecord, options: DeleteOptions, callback: CallbackId<C>, context: C): void {
    this.#send("delete", record.kind, "", record, options, callback, context);
  }

  get<C>(record: KeyRecord, callback: CallbackId<C>, context: C): void {
    this.#send("get", record.kind, "", record, undefined, callback, context);
  }

  list<C>(kind: string, selection: Selection, callback: CallbackId<C>, context: C): void {
    this.#send("list", kind, "", undefined, selection, callback, context);
  }

  watch<C>(kind: string, body: WatchBody, callback: CallbackId<C>, context: C): void {
    this.#send("watch", kind, "", undefined, body, callback, context);
  }

  #send(
    verb: Verb,
    kind: string,
    subresource: Subresource,
    record: KeyRecord | undefined,
    body: RequestBody,
    callback: CallbackId<never>,
    context: unknown,
  ): void {
    const draw = this.#nextDraw(verb, subresource, record);
    this.#hub.send(
      new ApiCall({
        client: this.id,
        clientName: this.name,
        verb,
        kind,
        subresource,
        record,
        body,
        callback,
        context,
        drawHash: draw.hash,
        drawNumber: draw.number,
        issuedUs: this.#kernel.nowUs,
      }),
    );
  }

  /**
   * Which draws a request takes: those of the n-th such operation on its object, so that a policy
   * that makes one more status update does not change the luck of the binding.
   */
  #nextDraw(
    verb: Verb,
    subresource: Subresource,
    record: KeyRecord | undefined,
  ): { readonly hash: number; readonly number: number } {
    if (record === undefined) {
      return { hash: this.#hash, number: this.#hub.nextRequest(this.id) };
    }
    const operation = OPERATIONS.indexOf(subresource === "" ? verb : `${verb}/${subresource}`);
    const hash = OPERATION_HASHES[operation];
    if (hash === undefined) throw new Error(`unknown operation ${verb} ${subresource}`);
    const number = (record.requestCounts[operation] ?? 0) + 1;
    record.requestCounts[operation] = number;
    return { hash: record.hash ^ hash, number };
  }
}
