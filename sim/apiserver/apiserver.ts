/**
 * The API server: the stages that a request goes through, each of which takes virtual time.
 *
 *   arrive    network; the balancer's choice of a server; then flow control: a seat, a place in a
 *             queue, or 429
 *   start     authentication, authorisation, decoding; for a write also admission and validation;
 *             for a read the watch cache
 *   propose   a write goes to etcd, and waits until it is committed
 *   finish    the verb takes effect, at once and whole, and the seat is given back
 *   answer    network back to the client
 */
import {
  generatedName,
  type KeyRecord,
  type Kind,
  kindNamed,
  type Manifest,
  withFields,
} from "../api/index.ts";
import type { Etcd } from "../etcd/index.ts";
import { type HandlerId, HopLatency, type Kernel, type Micros } from "../kernel/index.ts";
import { AdmissionChain, type AdmissionSettings } from "./admission/index.ts";
import { AggregatedApis } from "./aggregated-apis.ts";
import { type ServiceAllocatorSettings, ServiceAllocators } from "./allocation/index.ts";
import type { WriteContext } from "./answers.ts";
import { ApiCall, type GetOptions, type ListItem, type WatchBody } from "./api-call.ts";
import { refusesBody } from "./body-size.ts";
import {
  createFlowControl,
  type FlowControl,
  type FlowControlSettings,
} from "./flow-control/index.ts";
import { PodsByNode } from "./pods-by-node.ts";
import { get, list } from "./reads.ts";
import { type Lateness, RequestDeadline } from "./request-deadline.ts";
import { RequestStages, type StageLatency } from "./request-stages.ts";
import { Servers } from "./servers.ts";
import { WatchHub, type WatchOpener } from "./watch-hub.ts";
import { removeCollection, write } from "./writes/index.ts";

/** The part of the options that concerns the API server (see sim/options.ts for the defaults). */
export interface ApiServerSettings {
  readonly kernel: Kernel;
  readonly etcd: Etcd;
  readonly latency: StageLatency & {
    readonly apiNetwork: string;
    readonly quotaUpdate: string;
    readonly watchDelivery: string;
  };
  /** Replicas behind the balancer, 1 or more. */
  readonly limits: {
    readonly replicas: number;
  } & FlowControlSettings &
    ServiceAllocatorSettings &
    Pick<AdmissionSettings, "disableAdmissionPlugins" | "webhooks">;
}

interface ApiServerState {
  /** How many names were generated from each generateName, by kind and base. */
  readonly generated: Map<string, number>;
}

export class ApiServer {
  state: ApiServerState;
  readonly watches: WatchHub;
  readonly etcd: Etcd;
  /** Other servers behind this one; register their kinds when wiring. */
  readonly aggregated = new AggregatedApis();
  readonly #kernel: Kernel;
  readonly #admission: AdmissionChain;
  readonly #services: ServiceAllocators;
  readonly #servers: Servers;
  /** By server. */
  readonly #flowControls: readonly FlowControl[];
  /** What tells clients of one name apart, by client. */
  readonly #identities = new Map<number, string>();
  readonly #networkThere: HopLatency;
  readonly #networkBack: HopLatency;
  readonly #stages: RequestStages;
  readonly #deadline: RequestDeadline;
  readonly #arrive: HandlerId<ApiCall>;
  readonly #finish: HandlerId<ApiCall>;
  readonly #propose: HandlerId<ApiCall>;
  readonly #podsByNode: PodsByNode;
  /** Where answers go: set once by the client room. */
  #answer: HandlerId<ApiCall> | undefined;

  constructor({ kernel, etcd, latency, limits }: ApiServerSettings) {
    this.#kernel = kernel;
    this.etcd = etcd;
    const { quotaUpdate } = latency;
    this.#admission = new AdmissionChain({ ...limits, etcd, seed: kernel.seed, quotaUpdate });
    this.#services = new ServiceAllocators(kernel, etcd, limits);
    this.#servers = new Servers(kernel, limits.replicas);
    const host = {
      start: (call: ApiCall) => this.#start(call),
      refuse: (call: ApiCall, message: string, retryAfterSeconds: number) =>
        this.#refuse(call, message, retryAfterSeconds),
      watchCount: (kind: string) => this.watches.watchCount(kind),
      identityOf: ({ client, clientName }: ApiCall) =>
        this.#identities.get(client) ?? `${clientName}/${client}`,
    };
    this.#flowControls = Array.from({ length: limits.replicas }, (_, i) =>
      createFlowControl(kernel, `apiserver/${i}`, etcd, limits, host),
    );
    const { apiNetwork } = latency;
    const { seed } = kernel;
    this.#networkThere = new HopLatency(seed, apiNetwork, "latency.apiNetwork", "api/there");
    this.#networkBack = new HopLatency(seed, apiNetwork, "latency.apiNetwork", "api/back");
    this.#podsByNode = new PodsByNode(etcd);
    this.#stages = new RequestStages(seed, latency);
    this.#deadline = new RequestDeadline(kernel, limits.requestTimeoutSeconds, (call, lateness) =>
      this.#giveUp(call, lateness),
    );
    this.state = { generated: new Map() };
    this.watches = new WatchHub(kernel, etcd, latency.watchDelivery);
    this.#arrive = kernel.handler("apiserver/arrive", (call) => this.#onArrive(call));
    this.#finish = kernel.handler("apiserver/finish", (call) => this.#onFinish(call));
    this.#propose = kernel.handler("apiserver/propose", (call) => this.#onPropose(call));
    etcd.quorum.onApplied((call, error) => this.#onApplied(call as ApiCall, error));
    kernel.keep("apiserver", this);
  }

  /** Registers the handler that answers are delivered to. */
  answersTo(handler: HandlerId<ApiCall>): void {
    this.#answer = handler;
  }

  /** Tells who a client is, where its name does not (see ClientHub.client). When wiring. */
  introduce(client: number, identity: string): void {
    this.#identities.set(client, identity);
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

  /**
   * What a client has that has listed a kind and watched it since before the run: its list, and an
   * open watch. Takes no request and no time; only before the run begins.
   */
  synced(
    opener: Omit<WatchOpener, "server">,
    body: Omit<WatchBody, "revision">,
  ): { readonly items: readonly ListItem[]; readonly revision: number; readonly watch: number } {
    const { etcd } = this;
    const { revision } = etcd;
    const items: ListItem[] = [];
    const { nodeName } = body;
    for (const record of nodeName === undefined
      ? etcd.list(opener.kind)
      : this.#podsByNode.of(nodeName))
      if (record.stored !== undefined) items.push({ record, object: record.stored });
    const server = Math.max(0, this.#servers.of(opener.client));
    const by = { kind: opener.kind, client: opener.client, clientName: opener.clientName, server };
    const watch = this.watches.open(
      by,
      withFields<Partial<WatchBody>>(body, { revision }) as WatchBody,
    );
    if (watch === "compacted") throw new Error("the latest revision is compacted");
    return { items, revision, watch };
  }

  /** The client's process has died: nobody waits for its answers, and its watches end. */
  disconnect(client: number): void {
    this.#kernel.cancelWhere(({ handler, a }) => {
      if (handler !== this.#arrive || (a as ApiCall).client !== client) return false;
      (a as ApiCall).isAbandoned = true; // if it is on the wire it arrives, and is carried out
      return (a as ApiCall).sentUs > this.#kernel.nowUs;
    });
    for (const { calls } of this.#servers.state.servers)
      for (const call of calls) if (call.client === client) call.isAbandoned = true;
    this.watches.closeAll((watcher) => watcher.client === client, undefined);
  }

  /** A server dies: its requests and watches are lost, its clients connect to another one. */
  stopServer(server: number): void {
    const state = this.#servers.at(server);
    state.isUp = false;
    this.#kernel.cancelWhere(({ handler, a }) => {
      const isStage = handler === this.#finish || handler === this.#propose;
      return isStage && (a as ApiCall).server === server;
    });
    this.#flowControl(server).reset();
    for (const call of state.calls.splice(0)) this.#lose(call, "connection lost: EOF");
    this.watches.closeAll((watcher) => watcher.server === server, 0);
  }

  /** A server that was stopped is back, with nothing to do. */
  startServer(server: number): void {
    this.#servers.at(server).isUp = true;
  }

  /** Makes a server's stages take `factor` times as long. */
  slowServer(server: number, factor: number): void {
    this.#servers.at(server).slowness = factor;
  }

  /** Whether any server would take a request now. */
  get isReachable(): boolean {
    return this.#servers.isAnyUp;
  }

  get replicas(): number {
    return this.#flowControls.length;
  }

  #onArrive(call: ApiCall): void {
    call.arrivedUs = this.#kernel.nowUs;
    const server = this.#servers.of(call.client);
    if (server < 0) return this.#lose(call, "connect: connection refused");
    this.#servers.enter(call, server);
    this.#flowControl(server).arrive(call);
  }

  #refuse(call: ApiCall, message: string, retryAfterSeconds: number): void {
    call.startedUs = this.#kernel.nowUs;
    call.fail(429, "TooManyRequests", message);
    call.retryAfterSeconds = retryAfterSeconds;
    this.#reply(call);
  }

  /** Answers a request whose connection is gone: no status, only an error. Its effect is uncertain. */
  #lose(call: ApiCall, message: string): void {
    this.#answerApart(call, 0, "", message);
  }

  /** An answer that is not the request itself, which may still be under way. */
  #answerApart(call: ApiCall, code: number, reason: string, message: string): void {
    const answer = ApiCall.of(call);
    answer.attempt = call.attempt;
    answer.sentUs = call.sentUs;
    answer.arrivedUs = call.arrivedUs;
    answer.handledUs = this.#kernel.nowUs;
    const hasStarted = call.startedUs >= call.arrivedUs; // else it waited until now
    answer.startedUs = hasStarted ? call.startedUs : answer.handledUs;
    answer.flowSchema = call.flowSchema;
    answer.priorityLevel = call.priorityLevel;
    answer.fail(code, reason, message);
    if (!call.isAbandoned) this.#send(answer);
    call.isAbandoned = true;
    call.server = -1;
  }

  #start(call: ApiCall): void {
    call.startedUs = this.#kernel.nowUs;
    let delayUs = this.#stages.us(call);
    if (call.mutates) delayUs += this.#admission.delayUs(call);
    const { slowness } = this.#servers.at(call.server);
    if (slowness !== 1) delayUs = Math.ceil(delayUs * slowness);
    if (this.#deadline.isMissed(call, delayUs)) return this.#deadline.end(call);
    this.#kernel.after(delayUs, call.mutates ? this.#propose : this.#finish, call, undefined);
  }

  #onPropose(call: ApiCall): void {
    if (refusesBody(call)) return this.#release(call);
    const { quorum } = this.etcd;
    if (quorum.isSlow) this.#deadline.limit(call, quorum.requestTimeoutUs);
    quorum.propose(call);
  }

  /** Answers a request whose time is over. Whatever etcd makes of it later, nobody waits for that. */
  #giveUp(call: ApiCall, { code, reason, message }: Lateness): void {
    this.#flowControl(call.server).finish(call);
    this.#servers.leave(call);
    this.#answerApart(call, code, reason, message);
  }

  #onApplied(call: ApiCall, error: string): void {
    if (error !== "") {
      call.fail(500, "", error);
      if (call.server >= 0) this.#release(call);
    } else this.#onFinish(call);
  }

  #onFinish(call: ApiCall): void {
    if (readsLatest(call) && !this.etcd.quorum.isLed) return this.#awaitLeader(call);
    this.#resolve(call);
    if (call.mutates) this.#write(call);
    else this.#read(call);
    if (call.server >= 0) this.#release(call);
  }

  #awaitLeader(call: ApiCall): void {
    const { quorum } = this.etcd;
    this.#deadline.limit(call, quorum.requestTimeoutUs);
    quorum.awaitLeader(call);
  }

  #flowControl(server: number): FlowControl {
    const control = this.#flowControls[server];
    if (control === undefined) throw new Error(`there is no API server ${server}`);
    return control;
  }

  /** Gives the seat back and answers. */
  #release(call: ApiCall): void {
    this.#flowControl(call.server).finish(call);
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
    this.#servers.leave(call);
    if (!call.isAbandoned) this.#send(call);
  }

  #send(call: ApiCall): void {
    if (this.#answer === undefined) throw new Error("no client is connected to the API server");
    const delayUs = this.#networkBack.us(call.drawHash, call.drawNumber);
    this.#kernel.after(delayUs, this.#answer, call, undefined);
  }

  #write(call: ApiCall): void {
    if (call.verb === "deletecollection") return this.#deleteCollection(call);
    const record = call.record;
    if (record === undefined) throw new Error(`a ${call.verb} of ${call.kind} names no object`);
    write(this.#writing(call, kindNamed(call.kind), record));
  }

  #deleteCollection(call: ApiCall): void {
    removeCollection(call, this.etcd, (each, kind, record) => this.#writing(each, kind, record));
  }

  /** What a write works with; hot: written out, since each result of a spread has a shape of its own. */
  #writing(call: ApiCall, kind: Kind, record: KeyRecord): WriteContext {
    const { nowUs } = this.#kernel;
    const admission = this.#admission;
    const services = this.#services;
    return { etcd: this.etcd, admission, services, call, kind, record, nowUs };
  }

  #read(call: ApiCall): void {
    if (call.verb === "get") return get(call, this.etcd);
    if (call.verb === "list") {
      if (this.aggregated.list(call, this.etcd.revision)) return;
      return list(call, this.etcd, this.#podsByNode);
    }
    if (call.isAbandoned) return; // nobody would read it
    const opened = this.watches.open(call, call.body as WatchBody);
    if (opened === "compacted")
      return call.fail(410, "Expired", "too old resource version: it has been compacted");
    call.revision = opened;
    call.succeed(200, undefined);
  }
}

/** Whether a read asks for the latest state, which takes etcd's leader, and not for the watch cache. */
function readsLatest({ verb, body }: ApiCall): boolean {
  if (verb !== "get" && verb !== "list") return false;
  return ((body as GetOptions | undefined)?.resourceVersion ?? "") === "";
}
