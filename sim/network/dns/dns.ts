/**
 * Dns: the resolvers of all clients. A client asks for the names of its search list one after the
 * other (A and AAAA at once) until one exists; caches of its own, of its node and of the name
 * server save it the way. Queries are calls like any other: through the proxy to a pod.
 */
import type { NameLookupFact, Trace } from "../../api/index.ts";
import { type HandlerId, HopLatency, type Kernel } from "../../kernel/index.ts";
import type { DnsOptions } from "../../options/index.ts";
import {
  type Call,
  type Caller,
  type CallPolicy,
  clientKey,
  DatagramFlow,
  type Edge,
} from "../call/index.ts";
import type { CallEngine, NameResolver } from "../calls/index.ts";
import type { ServiceRouting } from "../proxy/index.ts";
import type { NetworkNodes } from "../topology/index.ts";
import { DNS_PORT, DNS_SERVICE } from "./dns-addon.ts";
import {
  cacheOf,
  type NameAnswer,
  type NameCache,
  type NameCaches,
  remember,
  remembered,
  sweepCaches,
} from "./name-cache.ts";
import { NameLookup, NameQuery, queryOf } from "./name-query.ts";
import { namesAskedFor } from "./search-list.ts";

export interface DnsSettings {
  readonly kernel: Kernel;
  readonly trace: Trace;
  readonly engine: CallEngine;
  readonly routing: ServiceRouting;
  readonly nodes: NetworkNodes;
  readonly options: DnsOptions;
}

interface DnsState {
  /** By `clientKey`, and by the number of the node. */
  readonly clients: NameCaches;
  readonly nodes: NameCaches;
  /** Clients' caches at which empty ones are swept out. */
  sweepClientsAt: number;
  edge: Edge | undefined;
  /** For calls that do not keep the run alive: nor do their queries. */
  backgroundEdge: Edge | undefined;
}

const SECOND_US = 1_000_000;
/** Namespace of clients that are no pods of a Service. */
const CLIENT_NAMESPACE = "default";

export class Dns implements NameResolver, Caller {
  state: DnsState = {
    clients: new Map(),
    nodes: new Map(),
    sweepClientsAt: 0,
    edge: undefined,
    backgroundEdge: undefined,
  };
  readonly #kernel: Kernel;
  readonly #trace: Trace;
  readonly #engine: CallEngine;
  readonly #routing: ServiceRouting;
  readonly #nodes: NetworkNodes;
  readonly #options: DnsOptions;
  readonly #caller;
  readonly #nodeCache: HopLatency;
  readonly #asked: HandlerId<NameLookup>;
  /** By form of the question; made anew when asked. */
  readonly #names = new Map<string, readonly string[]>();

  constructor({ engine, kernel, nodes, options, routing, trace }: DnsSettings) {
    this.#kernel = kernel;
    this.#trace = trace;
    this.#engine = engine;
    this.#routing = routing;
    this.#nodes = nodes;
    this.#options = options;
    this.#caller = engine.addCaller(this);
    this.#nodeCache = new HopLatency(kernel.seed, options.nodeCacheLatency, "dns.nodeCacheLatency");
    this.#asked = kernel.handler("network/node-cache", (lookup) => this.#askNodeCache(lookup));
    kernel.keep("network/dns", this);
  }

  /** Names of Services are for pods: who calls from outside knows the address; so do resolvers. */
  resolve(call: Call): boolean {
    const { clientHash, edge, node } = call;
    const isToldByApi = edge.policy.balancer !== "node"; // it watches EndpointSlices
    if (edge.isExternal || node < 0 || isToldByApi || edge.caller === this.#caller) return true;
    const { nowUs } = this.#kernel;
    const names = this.#namesOf(call);
    const lookup = new NameLookup(call, names, nowUs);
    const own = this.#known(
      this.state.clients.get(clientKey(node, clientHash)),
      names.at(-1) ?? "",
    );
    if (own !== undefined) {
      lookup.answer = own;
      take(call, own);
      this.#tell(lookup, "ok", "client");
      return true;
    }
    this.#ask(lookup);
    return false;
  }

  /** A client has ended, and what it remembered with it. */
  clientEnded(node: number, clientHash: number): void {
    this.state.clients.delete(clientKey(node, clientHash));
  }

  /** A query has been answered, or given up. */
  ended(call: Call): void {
    const query = queryOf(call);
    if (query === undefined) return;
    const { lookup } = query;
    lookup.pending--;
    if (call.outcome !== "ok") lookup.hasFailed = true;
    else if (query.answer !== undefined) lookup.answer = query.answer;
    if (lookup.pending > 0) return;
    if (lookup.hasFailed) return this.#end(lookup, "name-timeout", "none");
    if (lookup.answer !== undefined) this.#keepOnNode(lookup, lookup.answer);
    this.#take(lookup, "server");
  }

  #ask(lookup: NameLookup): void {
    if (this.#options.mode !== "node-local") return this.#send(lookup);
    const { edge, hash, number } = lookup.call;
    const delayUs = this.#nodeCache.us(hash + lookup.at, number);
    const dueUs = this.#kernel.nowUs + delayUs;
    if (edge.isBackground) this.#kernel.background(dueUs, this.#asked, lookup, undefined);
    else this.#kernel.at(dueUs, this.#asked, lookup, undefined);
  }

  #askNodeCache(lookup: NameLookup): void {
    const cache = this.state.nodes.get(lookup.call.node);
    lookup.answer = this.#known(cache, lookup.names[lookup.at] ?? "");
    if (lookup.answer === undefined) this.#send(lookup);
    else this.#take(lookup, "node");
  }

  #send(lookup: NameLookup): void {
    const { queriesPerName } = this.#options;
    const { call, names } = lookup;
    const edge = this.#edge(call.edge.isBackground);
    const name = names[lookup.at] ?? "";
    lookup.pending = queriesPerName;
    lookup.hasFailed = false;
    lookup.answer = undefined;
    lookup.queries += queriesPerName;
    lookup.flow = new DatagramFlow();
    const { flow } = lookup;
    for (let i = 0; i < queriesPerName; i++) {
      const { clientHash, node } = call;
      const note = new NameQuery(lookup, name);
      const number = (Math.imul(call.number, 256) + lookup.queries - i) >>> 0;
      this.#engine.begin(edge, { node, clientHash, keyHash: 0, parent: call, note, number, flow });
    }
  }

  /** The answer about one name is there. */
  #take(lookup: NameLookup, cache: NameLookupFact["cache"]): void {
    const { answer, call } = lookup;
    if (answer?.exists === true) {
      take(call, answer);
      this.#keepAtClient(lookup, answer);
      return this.#end(lookup, "ok", cache);
    }
    lookup.at++;
    if (lookup.at >= lookup.names.length) return this.#end(lookup, "name-unknown", cache);
    this.#ask(lookup);
  }

  #end(
    lookup: NameLookup,
    outcome: NameLookupFact["outcome"],
    cache: NameLookupFact["cache"],
  ): void {
    this.#tell(lookup, outcome, cache);
    this.#engine.resolved(lookup.call, outcome);
  }

  #tell(
    { call, names, queries, startUs }: NameLookup,
    outcome: NameLookupFact["outcome"],
    cache: NameLookupFact["cache"],
  ): void {
    const { nameLookup } = this.#trace;
    if (!nameLookup.on) return;
    const name = names.at(-1) ?? "";
    const node = this.#nodes.nameOf(call.node);
    nameLookup.emit({ name, node, startUs, endUs: this.#kernel.nowUs, queries, outcome, cache });
  }

  #known(cache: NameCache | undefined, name: string): NameAnswer | undefined {
    return cache === undefined ? undefined : remembered(cache, name, this.#kernel.nowUs);
  }

  #keepAtClient({ call, names }: NameLookup, answer: NameAnswer): void {
    const seconds = this.#options.clientCacheSeconds;
    if (seconds === 0) return;
    const { nowUs } = this.#kernel;
    const untilUs = nowUs + seconds * SECOND_US;
    const { state } = this;
    state.sweepClientsAt = sweepCaches(state.clients, state.sweepClientsAt, nowUs);
    const cache = cacheOf(state.clients, clientKey(call.node, call.clientHash));
    remember(cache, names.at(-1) ?? "", { ...answer, untilUs }, nowUs);
  }

  #keepOnNode({ at, call, names }: NameLookup, answer: NameAnswer): void {
    const { mode, nodeCacheSeconds, nodeNegativeCacheSeconds } = this.#options;
    if (mode !== "node-local") return;
    const { nowUs } = this.#kernel;
    const seconds = answer.exists ? nodeCacheSeconds : nodeNegativeCacheSeconds;
    const untilUs = Math.min(answer.untilUs, nowUs + seconds * SECOND_US);
    const cache = cacheOf(this.state.nodes, call.node);
    remember(cache, names[at] ?? "", { ...answer, untilUs }, nowUs);
  }

  #namesOf({ edge, parent }: Call): readonly string[] {
    const { names: form, ndots } = this.#options;
    const { service } = edge.target;
    const namespace = parent?.edge.target.service.split("/")[0] ?? CLIENT_NAMESPACE;
    const question = `${service} ${namespace}`;
    let names = this.#names.get(question);
    if (names === undefined) {
      names = namesAskedFor(service, namespace, form, ndots);
      this.#names.set(question, names);
    }
    return names;
  }

  #edge(isBackground: boolean): Edge {
    const { state } = this;
    if (!isBackground) {
      state.edge ??= this.#newEdge(false);
      return state.edge;
    }
    state.backgroundEdge ??= this.#newEdge(true);
    return state.backgroundEdge;
  }

  #newEdge(isBackground: boolean): Edge {
    return this.#engine.edge({
      name: "resolver",
      caller: this.#caller,
      target: this.#routing.target(DNS_SERVICE, DNS_PORT),
      policy: queryPolicy(this.#options),
      drawName: `Resolver/${DNS_SERVICE}${isBackground ? "/background" : ""}`,
      isBackground,
      isExternal: false,
    });
  }
}

/** A datagram, sent again when no answer comes (resolv.conf timeout and attempts). */
function queryPolicy({ attempts, timeoutSeconds }: DnsOptions): CallPolicy {
  return {
    timeoutUs: 0,
    attemptTimeoutUs: timeoutSeconds * SECOND_US,
    connectTimeoutUs: timeoutSeconds * SECOND_US,
    attempts,
    backoffUs: 0,
    backoffMaxUs: 0,
    retryBudget: 0,
    connections: 0,
    isExclusive: false,
    isDatagram: true,
    balancer: "node",
  };
}

/** The client goes by the answer from now on. */
function take(call: Call, { lead, records }: NameAnswer): void {
  call.records = records;
  call.lead = lead;
}
