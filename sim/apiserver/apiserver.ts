/**
 * The API server: the stages that a request goes through, each of which takes virtual time.
 *
 *   arrive    network; then a seat among the requests in flight, or a place in the queue, or 429
 *   start     authentication, authorisation, decoding; for a write also admission, validation and
 *             etcd's commit; for a read the watch cache
 *   handle    the verb takes effect, at once and whole, and the seat is given back
 *   answer    network back to the client
 */
import { generatedName, type KeyRecord, kindNamed, type Manifest, type Pod } from "../api/index.ts";
import type { Etcd } from "../etcd/index.ts";
import { type HandlerId, HopLatency, type Kernel, type Micros } from "../kernel/index.ts";
import type { ApiCall, ListItem, Selection, WatchBody } from "./api-call.ts";
import { bind } from "./binding.ts";
import { remove } from "./deletion.ts";
import { admit, createInFlightState, type InFlightState, release } from "./in-flight-limit.ts";
import { WatchHub } from "./watch-hub.ts";
import { create, patch, update } from "./writes.ts";

/** The part of the options that concerns the API server (see sim/options.ts for the defaults). */
export interface ApiServerSettings {
  readonly kernel: Kernel;
  readonly etcd: Etcd;
  readonly latency: {
    readonly apiNetwork: string;
    readonly apiHandling: string;
    readonly apiAdmission: string;
    readonly apiRead: string;
    readonly watchDelivery: string;
  };
  readonly limits: {
    readonly maxRequestsInflight: number;
    readonly maxMutatingRequestsInflight: number;
    readonly queueLengthLimit: number;
  };
}

interface ApiServerState {
  readonly inFlight: InFlightState;
  /** How many names were generated from each generateName, by kind and base. */
  readonly generated: Map<string, number>;
}

export class ApiServer {
  state: ApiServerState;
  readonly watches: WatchHub;
  readonly etcd: Etcd;
  readonly #kernel: Kernel;
  readonly #queueLengthLimit: number;
  readonly #networkThere: HopLatency;
  readonly #networkBack: HopLatency;
  readonly #handling: HopLatency;
  readonly #admission: HopLatency;
  readonly #reading: HopLatency;
  readonly #arrive: HandlerId<ApiCall>;
  readonly #handle: HandlerId<ApiCall>;
  /** Where answers go: set once by the client room. */
  #answer: HandlerId<ApiCall> | undefined;

  constructor({ kernel, etcd, latency, limits }: ApiServerSettings) {
    this.#kernel = kernel;
    this.etcd = etcd;
    this.#queueLengthLimit = limits.queueLengthLimit;
    const { apiNetwork, apiHandling, apiAdmission, apiRead } = latency;
    const { seed } = kernel;
    this.#networkThere = new HopLatency(seed, apiNetwork, "latency.apiNetwork", "api/there");
    this.#networkBack = new HopLatency(seed, apiNetwork, "latency.apiNetwork", "api/back");
    this.#handling = new HopLatency(seed, apiHandling, "latency.apiHandling");
    this.#admission = new HopLatency(seed, apiAdmission, "latency.apiAdmission");
    this.#reading = new HopLatency(seed, apiRead, "latency.apiRead");
    this.state = {
      inFlight: createInFlightState(limits.maxRequestsInflight, limits.maxMutatingRequestsInflight),
      generated: new Map(),
    };
    this.watches = new WatchHub(kernel, etcd, latency.watchDelivery);
    this.#arrive = kernel.handler("apiserver/arrive", (call) => this.#onArrive(call));
    this.#handle = kernel.handler("apiserver/handle", (call) => this.#onHandle(call));
    kernel.keep("apiserver", this);
  }

  /** Registers the handler that answers are delivered to. */
  answersTo(handler: HandlerId<ApiCall>): void {
    this.#answer = handler;
  }

  /** Puts a request on the wire at `sentUs` (its client's rate limiter lets it go then). */
  send(call: ApiCall, sentUs: Micros): void {
    call.sentUs = sentUs;
    const delayUs = this.#networkThere.us(call.drawHash, call.drawNumber);
    this.#kernel.at(sentUs + delayUs, this.#arrive, call, undefined);
  }

  /** The record that a create is about; a name is generated where only a prefix is given. */
  recordForCreate(kind: string, namespace: string, manifest: Manifest): KeyRecord {
    const name = manifest.metadata?.name;
    if (name !== undefined && name !== "") return this.etcd.record(kind, namespace, name);
    const prefix = manifest.metadata?.generateName ?? "";
    const base = `${kind}/${namespace}/${prefix}`;
    for (;;) {
      const number = this.state.generated.get(base) ?? 0;
      this.state.generated.set(base, number + 1);
      const record = this.etcd.record(kind, namespace, generatedName(prefix, base, number));
      if (record.stored === undefined) return record;
    }
  }

  #onArrive(call: ApiCall): void {
    call.arrivedUs = this.#kernel.nowUs;
    switch (admit(this.state.inFlight, call, this.#queueLengthLimit)) {
      case "start":
        return this.#start(call);
      case "wait":
        return;
      case "refuse":
        call.startedUs = this.#kernel.nowUs;
        call.fail(
          429,
          "TooManyRequests",
          "the server has received too many requests and has asked us to try again later",
        );
        return this.#reply(call);
    }
  }

  #start(call: ApiCall): void {
    call.startedUs = this.#kernel.nowUs;
    const { drawHash, drawNumber } = call;
    let delayUs = this.#handling.us(drawHash, drawNumber);
    if (call.mutates) {
      delayUs += this.#admission.us(drawHash, drawNumber);
      delayUs += this.etcd.commitDelayUs(drawHash, drawNumber);
    } else {
      delayUs += this.#reading.us(drawHash, drawNumber);
    }
    this.#kernel.after(delayUs, this.#handle, call, undefined);
  }

  #onHandle(call: ApiCall): void {
    this.#resolve(call);
    if (call.mutates) this.#write(call);
    else this.#read(call);
    const next = release(this.state.inFlight, call);
    if (next !== undefined) this.#start(next);
    this.#reply(call);
  }

  /** A request names a key: it is about whatever has that key now, created meanwhile or not. */
  #resolve(call: ApiCall): void {
    const { record } = call;
    if (record === undefined || record.stored !== undefined) return;
    call.record = this.etcd.find(record.kind, record.key) ?? record;
  }

  #reply(call: ApiCall): void {
    call.handledUs = this.#kernel.nowUs;
    if (this.#answer === undefined) throw new Error("no client is connected to the API server");
    const delayUs = this.#networkBack.us(call.drawHash, call.drawNumber);
    this.#kernel.after(delayUs, this.#answer, call, undefined);
  }

  #write(call: ApiCall): void {
    const record = call.record;
    if (record === undefined) throw new Error(`a ${call.verb} of ${call.kind} names no object`);
    const kind = kindNamed(call.kind);
    const context = { etcd: this.etcd, call, kind, record, nowUs: this.#kernel.nowUs };
    if (call.subresource === "binding") return bind(context);
    switch (call.verb) {
      case "create":
        return create(context);
      case "update":
        return update(context);
      case "patch":
        return patch(context);
      default:
        return remove(context);
    }
  }

  #read(call: ApiCall): void {
    if (call.verb === "get") return this.#get(call);
    if (call.verb === "list") return this.#list(call);
    const opened = this.watches.open(call.kind, call.clientName, call.body as WatchBody);
    if (opened === "compacted")
      return call.fail(410, "Expired", "too old resource version: it has been compacted");
    call.revision = opened;
    call.succeed(200, undefined);
  }

  #get(call: ApiCall): void {
    const object = call.record?.stored;
    if (object !== undefined) return call.succeed(200, object);
    const { resource } = kindNamed(call.kind);
    call.fail(404, "NotFound", `${resource} "${call.record?.name}" not found`);
  }

  #list(call: ApiCall): void {
    const { nodeName } = call.body as Selection;
    const items: ListItem[] = [];
    for (const record of this.etcd.list(call.kind)) {
      const object = record.stored;
      if (object === undefined) continue;
      if (nodeName !== undefined && (object as Pod).spec.nodeName !== nodeName) continue;
      items.push({ record, object });
    }
    call.items = items;
    call.revision = this.etcd.revision;
    call.succeed(200, undefined);
  }
}
