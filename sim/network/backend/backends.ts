/**
 * Backends: the pods' side of calls. Each pod serves a few requests at one time and keeps the others
 * waiting in the order in which they came (FCFS); how fast it works is in core-sharing.ts.
 *
 *   reached -> (waits) -> worked on -> worked (-> waits for others' answers) -> released
 *
 * What a pod does in the end, from what its kubelet does (PodLiveness):
 *   preStop hook    it serves as before
 *   SIGTERM         `drain`: no new connections; what it has, and what comes on open connections, is
 *                   served until the containers end, as servers with HTTP keep-alive do (our
 *                   assumption; how long the containers take does not depend on it).
 *                   `drop`: the program ends at once.
 *   end             what waits or is served there is reset; nothing is heard of it if its machine died.
 *
 * Hot: `receive`, `release` and what they call, once for each request.
 */
import { type CallOutcome, KeyRecord, type Pod } from "../../api/index.ts";
import { InputError, type Kernel, type Micros } from "../../kernel/index.ts";
import type { Call, ServerEnd } from "../call/index.ts";
import { type Endpoint, OutsideHost } from "../proxy/index.ts";
import type { NetworkNodes } from "../topology/index.ts";
import { byBeginning } from "./call-order.ts";
import { CoreSharing } from "./core-sharing.ts";
import type { BackendHost, PodBackends } from "./pod-backends.ts";
import type { PodLiveness, RecordFinder } from "./pod-liveness.ts";
import { PodServer, UNITS_PER_CORE } from "./pod-server.ts";
import { cpuLimitCores, cpuShares, limitsOfPod, type ServerLimits } from "./server-limits.ts";

export interface BackendOptions {
  /** What servers do at the signal to stop: `drain` or `drop`. */
  readonly stoppingServers: string;
  /** Whether pods of one node contend for its cores, and their CPU limits hold. */
  readonly cpuContention: boolean;
}

export interface BackendSettings {
  readonly kernel: Kernel;
  readonly liveness: PodLiveness;
  readonly records: RecordFinder;
  readonly nodes: NetworkNodes;
  readonly limits: ServerLimits;
  readonly options: BackendOptions;
  /** How far back `requestsInService` will be asked. By default 2 minutes. */
  readonly workHistoryUs?: Micros;
}

/** Twice the default resolution of custom metrics: see metrics-pipeline.ts. */
const WORK_HISTORY_US = 120_000_000;

interface BackendsState {
  /** Of running pods that requests have reached. */
  readonly servers: Map<KeyRecord<Pod>, PodServer>;
  /** When running pods got the signal to stop. */
  readonly stopping: Map<KeyRecord<Pod>, Micros>;
  /** Hosts outside the cluster, by the ExternalName Service and the host. */
  readonly outside: Map<string, PodServer>;
}

const ANY_NUMBER = { concurrency: 0, queueLimit: -1 };

export class Backends implements PodBackends {
  state: BackendsState = { servers: new Map(), stopping: new Map(), outside: new Map() };
  readonly #kernel: Kernel;
  readonly #liveness: PodLiveness;
  readonly #records: RecordFinder;
  readonly #nodes: NetworkNodes;
  readonly #limits: ServerLimits;
  readonly #contends: boolean;
  readonly #drains: boolean;
  readonly #cores: CoreSharing;
  #host: BackendHost | undefined;
  readonly #onServerEnded: ((record: KeyRecord<Pod>, nodeName: string) => void)[] = [];
  /** Servers found for endpoints, and the state that they belong to: saves looking for them by name. */
  #found = new WeakMap<Endpoint, PodServer>();
  #foundIn: BackendsState;

  /** Throws InputError for an option that is not known. */
  constructor(settings: BackendSettings) {
    const { kernel, liveness, records, nodes, limits, options } = settings;
    this.#kernel = kernel;
    this.#liveness = liveness;
    this.#records = records;
    this.#nodes = nodes;
    this.#limits = limits;
    this.#contends = options.cpuContention;
    this.#drains = isDraining(options.stoppingServers);
    this.#foundIn = this.state;
    this.#cores = new CoreSharing({
      kernel,
      nodes,
      historyUs: settings.workHistoryUs ?? WORK_HISTORY_US,
      onDone: (call) => this.#onDone(call),
    });
    liveness.onStopping((record) => this.#onStopping(record));
    liveness.onEnded((record) => this.#onEnded(record));
    kernel.keep("network/backends", this);
  }

  /** Sets who is told what becomes of calls. Once, when wiring. */
  setHost(host: BackendHost): void {
    this.#host = host;
  }

  /**
   * Calls `listener` after the containers of a pod that requests have reached have ended, with the
   * name of its node: what it was a client of is over, too. Register it when wiring.
   */
  onServerEnded(listener: (record: KeyRecord<Pod>, nodeName: string) => void): void {
    this.#onServerEnded.push(listener);
  }

  receive(call: Call, isNew: boolean): void {
    const { endpoint } = call;
    if (endpoint === undefined) throw new Error(`call ${call.number} reached no endpoint`);
    call.reachedUs = this.#kernel.nowUs;
    call.beganUs = -1;
    call.server = undefined;
    if (this.isCutOff(call)) return this.#hostOf().onLost(call);
    const server = this.#serverAt(endpoint, call.target.service);
    if (server === undefined || !accepts(server, call, isNew))
      return this.#turn(call, "connection-refused");
    call.server = server;
    if (server.calls.length < server.concurrency) {
      call.workUs = this.#hostOf().workUs(call);
      this.#serve(call, server);
    } else if (server.waiting.length < server.queueLimit) {
      call.workUs = this.#hostOf().workUs(call);
      server.waiting.push(call);
    } else this.#turn(call, "queue-full");
  }

  release(call: Call): void {
    const server = call.server as PodServer | undefined;
    if (server === undefined || server.endedUs >= 0) return;
    const { calls } = server;
    const { place } = call;
    const last = calls.pop();
    if (last === undefined || place < 0)
      throw new Error(`call ${call.number} of ${call.edge.name} has no place in ${server.uid}`);
    if (last !== call) {
      calls[place] = last;
      last.place = place;
    }
    call.place = -1;
    const next = server.waiting.shift();
    if (next !== undefined) this.#serve(next, server);
  }

  isCutOff(call: Call): boolean {
    const { connection, endpoint, node, site } = call;
    const liveness = this.#liveness;
    if (!liveness.isAnyUnreachable || endpoint === undefined) return false;
    const entry = node >= 0 ? node : ((site ?? connection?.site)?.node ?? -1);
    if (entry === endpoint.node && node >= 0) return false;
    const isEntryCut = entry >= 0 && liveness.isUnreachable(this.#nodes.nameOf(entry));
    if (!isEntryCut && !liveness.isUnreachable(endpoint.nodeName)) return false;
    call.lostNode = isEntryCut ? entry : endpoint.node;
    return true;
  }

  isClosed(server: ServerEnd, hopUs: Micros): boolean {
    const { stoppingUs, endedUs } = server;
    const isSilent = (server as PodServer).isSilent;
    const closedUs = stoppingUs >= 0 ? stoppingUs : isSilent ? -1 : endedUs;
    return closedUs >= 0 && this.#kernel.nowUs - closedUs >= hopUs;
  }

  /**
   * Cores that a running pod (`namespace/name`) used for requests, on average over the window, which
   * ends at most `workHistoryUs` ago; a request whose model takes no CPU counts for one core while
   * it is worked on. undefined: no request has reached its containers since they run. For PodWork
   * of the metrics pipeline.
   */
  requestsInService(key: string, fromUs: Micros, toUs: Micros): number | undefined {
    const record = this.#records.find("Pod", key) as KeyRecord<Pod> | undefined;
    if (record === undefined) return undefined;
    return this.state.servers.get(record)?.busy.average(fromUs, toUs);
  }

  #hostOf(): BackendHost {
    if (this.#host === undefined) throw new Error("nobody is told of calls: setHost was forgotten");
    return this.#host;
  }

  /** The server behind an address; undefined: nobody listens there. */
  #serverAt(endpoint: Endpoint, service: string): PodServer | undefined {
    if (this.#foundIn !== this.state) {
      this.#found = new WeakMap();
      this.#foundIn = this.state;
    }
    const found = this.#found.get(endpoint);
    if (found !== undefined && found.endedUs < 0) return found;
    const server =
      endpoint instanceof OutsideHost
        ? this.#outsideServer(endpoint)
        : this.#lookUp(endpoint, service);
    if (server !== undefined) this.#found.set(endpoint, server);
    return server;
  }

  #lookUp({ podKey, podUid }: Endpoint, service: string): PodServer | undefined {
    const record = this.#records.find("Pod", podKey) as KeyRecord<Pod> | undefined;
    if (record === undefined || !this.#liveness.isRunning(record)) return undefined;
    const uid = record.stored?.metadata.uid ?? "";
    // A pod that took the name of one that is gone has another address.
    if (podUid !== "" && podUid !== uid) return undefined;
    let server = this.state.servers.get(record);
    if (server === undefined) {
      server = this.#createServer(record, uid, service);
      this.state.servers.set(record, server);
    }
    return server.endedUs < 0 ? server : undefined;
  }

  /** A host outside: never short of CPUs, nor down, with any number of places unless its model says how many. */
  #outsideServer({ address, service }: OutsideHost): PodServer {
    const { outside } = this.state;
    const key = `${service} ${address}`;
    let server = outside.get(key);
    if (server === undefined) {
      const { concurrency, queueLimit } = this.#limits.limitsOf(service) ?? ANY_NUMBER;
      server = new PodServer({
        record: new KeyRecord<Pod>(-1, "Pod", "", address),
        uid: "",
        nodeName: "",
        concurrency: concurrency === 0 ? Number.POSITIVE_INFINITY : concurrency,
        queueLimit: queueLimit < 0 ? Number.POSITIVE_INFINITY : queueLimit,
        cpu: undefined,
        unit: 0,
        limit: Number.POSITIVE_INFINITY,
        weight: 1,
        nowUs: this.#kernel.nowUs,
      });
      outside.set(key, server);
    }
    return server;
  }

  #createServer(record: KeyRecord<Pod>, uid: string, service: string): PodServer {
    const pod = record.stored;
    const { concurrency, queueLimit, cpu } = limitsOfPod(record, service, this.#limits);
    const nodeName = pod?.spec.nodeName ?? "";
    const node = this.#nodes.numberOf(nodeName);
    const unit = cpu > 0 ? Math.max(1, Math.round(cpu * UNITS_PER_CORE)) : 0;
    const isContending = this.#contends && unit > 0;
    const server = new PodServer({
      record,
      uid,
      nodeName,
      concurrency,
      queueLimit: queueLimit < 0 ? Number.POSITIVE_INFINITY : queueLimit,
      cpu: isContending ? this.#cores.cpu(node) : undefined,
      unit,
      limit: cpuLimitCores(pod) * UNITS_PER_CORE,
      weight: cpuShares(pod),
      nowUs: this.#kernel.nowUs,
    });
    server.stoppingUs = this.state.stopping.get(record) ?? -1;
    if (!this.#drains) server.endedUs = server.stoppingUs;
    return server;
  }

  #serve(call: Call, server: PodServer): void {
    call.beganUs = this.#kernel.nowUs;
    call.place = server.calls.push(call) - 1;
    this.#cores.begin(call, server);
  }

  #onDone(call: Call): void {
    call.turnedUs = this.#kernel.nowUs;
    this.#hostOf().onWorked(call);
  }

  #onStopping(record: KeyRecord<Pod>): void {
    const { nowUs } = this.#kernel;
    this.state.stopping.set(record, nowUs);
    const server = this.state.servers.get(record);
    if (server === undefined) return;
    server.stoppingUs = nowUs;
    if (!this.#drains) this.#end(server);
  }

  #onEnded(record: KeyRecord<Pod>): void {
    this.state.stopping.delete(record);
    const server = this.state.servers.get(record);
    if (server === undefined) return;
    this.state.servers.delete(record);
    if (server.endedUs < 0) this.#end(server);
    for (const listener of this.#onServerEnded) listener(record, server.nodeName);
  }

  /** The program ends, whatever it has to do. */
  #end(server: PodServer): void {
    server.endedUs = this.#kernel.nowUs;
    server.isSilent = this.#liveness.isUnreachable(server.nodeName);
    this.#cores.stop(server);
    const left = [...server.calls].sort(byBeginning);
    server.calls.length = 0;
    for (let next = server.waiting.shift(); next !== undefined; next = server.waiting.shift())
      left.push(next);
    for (const call of left) call.place = -1;
    for (const call of left) {
      if (server.isSilent) this.#hostOf().onLost(call);
      else this.#turn(call, "connection-reset");
    }
  }

  /** Sends the call back unserved. */
  #turn(call: Call, outcome: CallOutcome): void {
    call.outcome = outcome;
    call.turnedUs = this.#kernel.nowUs;
    this.#hostOf().onTurned(call);
  }
}

/**
 * A pod that stops takes no new connections; datagrams, which know none, come to its open socket. A connection that was open to another run of its
 * program is none: its packets are refused.
 */
function accepts(server: PodServer, { connection, edge }: Call, isNew: boolean): boolean {
  if (edge.policy.isDatagram) return true;
  if (isNew) return server.stoppingUs < 0;
  const known = connection?.server;
  return known === undefined || known === server;
}

function isDraining(stoppingServers: string): boolean {
  if (stoppingServers === "drain") return true;
  if (stoppingServers === "drop") return false;
  throw new InputError(
    `network.stoppingServers: got "${stoppingServers}", want drain (servers finish what they have) ` +
      "or drop (they end at the signal).",
  );
}
