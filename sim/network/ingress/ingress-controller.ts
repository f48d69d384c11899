/**
 * IngressController: what the pods of ingress-nginx do with requests: find the Service that the
 * rules name, send the request on to one of its endpoints, and give the answer back.
 *
 *   client -> Service ingress-nginx-controller -> its pod -> endpoint of the backend -> back
 *
 * No rule: `no-route` (404). The backend fails, or has no endpoints: `upstream-failure` (502, 503,
 * 504); an error of the backend's own is passed on. A request that its client has given up is not
 * sent on.
 *
 * Hot: `workUs` and `worked` are called once per request; the rules are looked up once per edge and
 * configuration.
 */
import type { Ingress } from "../../api/index.ts";
import { Draws, HopLatency, hashString, InputError, type Micros } from "../../kernel/index.ts";
import type { IngressOptions } from "../../options/index.ts";
import type { Call, Caller, CallerId, Edge } from "../call/index.ts";
import type { CallEngine, ServiceBehaviour } from "../calls/index.ts";
import type { Balancer, ServiceRouting, Target } from "../proxy/index.ts";
import { canaryVerdict } from "./canary-verdict.ts";
import { INGRESS_PORT, INGRESS_SERVICE } from "./ingress-addon.ts";
import {
  classOf,
  IngressConfiguration,
  type IngressConfigurationSettings,
} from "./ingress-configuration.ts";
import type { IngressEntry, IngressRequest } from "./ingress-entry.ts";
import { findUpstream, ingressRules, type Upstream } from "./ingress-rules.ts";
import { checkIngressOptions, upstreamPolicy } from "./upstream-policy.ts";

export interface IngressControllerSettings extends IngressConfigurationSettings {
  readonly engine: CallEngine;
  readonly routing: ServiceRouting;
  /** A balancer by its name; throws InputError for an unknown one. */
  readonly balancerNamed: (name: string) => Balancer;
}

interface IngressState {
  /** By target, balancer and kind. */
  readonly edges: Map<string, Edge>;
  /** What the calls of an edge ask for, by its number. */
  readonly requests: (IngressRequest | undefined)[];
}

/** By what the endpoint of a request is chosen, where it is by a hash. */
type HashBy = "nothing" | "client" | "key" | number;

/** The way to one Service: `HashBy` as a number is the hash of a cookie that the request has. */
interface Leg {
  readonly edge: Edge;
  readonly balancer: Balancer;
  readonly hashBy: HashBy;
}

/** Where the requests of one edge go, until the configuration is another one. */
interface Route {
  readonly stable: Leg;
  readonly canary: Leg | undefined;
  /** Share of the requests that go to the canary, 0 .. 1. */
  readonly share: number;
  /** All requests of a client go to one side (affinity-canary-behavior: sticky). */
  readonly isSticky: boolean;
}

/** nginx' `hash ... consistent` and sticky sessions: a ring (lua-resty-chash, ketama). */
const CONSISTENT = "ring-hash";
const BY_ADDRESS: ReadonlySet<string> = new Set(["$remote_addr", "$binary_remote_addr"]);

export class IngressController implements ServiceBehaviour, Caller, IngressEntry {
  state: IngressState = { edges: new Map(), requests: [] };
  readonly #engine: CallEngine;
  readonly #routing: ServiceRouting;
  readonly #options: IngressOptions;
  readonly #balancerNamed: (name: string) => Balancer;
  readonly #caller: CallerId;
  readonly #configuration: IngressConfiguration;
  readonly #serviceTime: HopLatency;
  readonly #canaries: Draws;
  /** By the client's edge, null: there is none. Made from the configuration that stands beside it. */
  #routes: (Route | null)[] = [];
  #routesOf: readonly Ingress[] | undefined;
  /** Handed to the engine, which copies it. */
  readonly #client = {
    node: -1,
    clientHash: 0,
    keyHash: 0,
    parent: undefined as Call | undefined,
    note: undefined as unknown,
    number: 0,
  };

  /** Registers itself with the engine. Throws InputError for options that cannot be. */
  constructor(settings: IngressControllerSettings) {
    const { balancerNamed, engine, kernel, options, routing } = settings;
    checkIngressOptions(options);
    balancerNamed(options.balancer);
    this.#engine = engine;
    this.#routing = routing;
    this.#options = options;
    this.#balancerNamed = balancerNamed;
    this.#caller = engine.addCaller(this);
    engine.addBehaviour(this);
    this.#configuration = new IngressConfiguration(settings);
    this.#serviceTime = new HopLatency(kernel.seed, options.serviceTime, "ingress.serviceTime");
    this.#canaries = new Draws(kernel.seed, "ingress/canary");
    kernel.keep("network/ingress", this);
  }

  /** Begins to watch, in step with the API server. */
  start(): void {
    this.#configuration.start();
  }

  edgeFor({ host, path }: IngressRequest): { target: Target; isExternal: boolean } {
    if (!path.startsWith("/"))
      throw new InputError(
        `traffic to ${host}${path}: ingress: path: got "${path}", want one that begins with /.`,
      );
    return { target: this.#routing.target(INGRESS_SERVICE, INGRESS_PORT), isExternal: true };
  }

  asks({ number }: Edge, request: IngressRequest): void {
    const { requests } = this.state;
    while (requests.length < number) requests.push(undefined);
    requests[number] = request;
  }

  serves(service: string): boolean {
    return service === INGRESS_SERVICE;
  }

  workUs({ edge, number }: Call): Micros {
    return this.#serviceTime.us(edge.hash, number);
  }

  worked(call: Call): boolean {
    if (call.isOver) return false; // the client has closed its connection (499)
    const route = this.#routeOf(call.edge);
    if (route === null) {
      call.outcome = "no-route";
      return false;
    }
    // Held by one, so that an upstream call that ends at once is not answered from within this one.
    call.pendingCalls = 2;
    this.#begin(call, this.#legOf(call, route));
    call.pendingCalls--;
    return call.pendingCalls > 0;
  }

  /** The backend has answered, or failed to. */
  ended({ outcome, parent }: Call): void {
    if (parent === undefined) throw new Error("an upstream call without a parent");
    const answer = outcome === "ok" || outcome === "error" ? outcome : "upstream-failure";
    parent.pendingCalls--;
    if (parent.pendingCalls > 0) parent.outcome = answer;
    else if (parent.server === undefined || parent.server.endedUs < 0)
      this.#engine.respond(parent, answer);
  }

  #begin(call: Call, { edge, hashBy }: Leg): void {
    const client = this.#client;
    const pod = call.server?.record.hash ?? 0;
    client.node = call.endpoint?.node ?? -1;
    client.clientHash = pod;
    client.keyHash =
      typeof hashBy === "number" ? hashBy : hashBy === "client" ? call.clientHash : call.keyHash;
    client.parent = call;
    client.note = call.note;
    client.number = call.number;
    this.#engine.begin(edge, client);
    client.parent = undefined;
  }

  /** A canary without endpoints is passed over; its draw is the request's, or the client's. */
  #legOf(call: Call, { canary, isSticky, share, stable }: Route): Leg {
    if (canary === undefined || share === 0) return stable;
    const { clientHash, edge, number } = call;
    const isDrawn =
      share >= 1 || this.#canaries.uniform(edge.hash, isSticky ? clientHash : number) < share;
    if (!isDrawn) return stable;
    // nginx asks first whether the stable side is there at all: 503 if not.
    return this.#hasEndpoints(call, stable) && this.#hasEndpoints(call, canary) ? canary : stable;
  }

  #hasEndpoints({ endpoint }: Call, { balancer, edge }: Leg): boolean {
    const site = this.#routing.clientSite(
      edge.target,
      endpoint?.node ?? -1,
      edge.siteName,
      balancer,
    );
    return (this.#routing.endpoints(site)?.endpoints.length ?? 0) > 0;
  }

  #routeOf(edge: Edge): Route | null {
    const { served } = this.#configuration;
    if (this.#routesOf !== served) {
      this.#routesOf = served;
      this.#routes = [];
    }
    const known = this.#routes[edge.number];
    if (known !== undefined) return known;
    const route = this.#makeRoute(edge, served);
    this.#routes[edge.number] = route;
    return route;
  }

  #makeRoute({ isBackground, number }: Edge, served: readonly Ingress[]): Route | null {
    const request = this.state.requests[number];
    if (request === undefined) return null; // asks for no host: nginx' default server
    const { host, ingressClass, path } = request;
    const ours = served.filter((each) => ingressClass === "" || classOf(each) === ingressClass);
    const upstream = findUpstream(ingressRules(ours), host, path);
    if (upstream === undefined) return null;
    const stable = this.#leg(upstream, request, isBackground);
    const isSticky = upstream.annotations.cookie !== "";
    if (upstream.canary === undefined) return { stable, canary: undefined, share: 0, isSticky };
    const { rule, upstream: other } = upstream.canary;
    const verdict = canaryVerdict(rule, request);
    const share =
      verdict === "weight" ? rule.weight / rule.weightTotal : verdict === "canary" ? 1 : 0;
    return { stable, canary: this.#leg(other, request, isBackground), share, isSticky };
  }

  #leg(
    { annotations, port, service }: Upstream,
    request: IngressRequest,
    isBackground: boolean,
  ): Leg {
    const { cookie, hashBy, loadBalance } = annotations;
    const isHashed = cookie !== "" || hashBy !== "";
    const name = isHashed ? CONSISTENT : this.#balancerOf(loadBalance);
    const held = request.cookies[cookie];
    const byCookie: HashBy = held === undefined ? "client" : hashString(held);
    const byVariable: HashBy = BY_ADDRESS.has(hashBy) ? "client" : "key";
    return {
      edge: this.#edge(service, port, name, isBackground),
      balancer: this.#balancerNamed(name),
      hashBy: cookie !== "" ? byCookie : hashBy !== "" ? byVariable : "nothing",
    };
  }

  /** What nginx does not know it answers with round_robin (balancer.lua). */
  #balancerOf(loadBalance: string): string {
    if (loadBalance === "") return this.#options.balancer;
    return loadBalance === "ewma" ? "ewma" : "round-robin";
  }

  #edge(service: string, port: string, balancer: string, isBackground: boolean): Edge {
    const { edges } = this.state;
    const kind = isBackground ? "/background" : "";
    const drawName = `Upstream/${service}:${port}/${balancer}${kind}`;
    let edge = edges.get(drawName);
    if (edge === undefined) {
      edge = this.#engine.edge({
        name: INGRESS_SERVICE,
        caller: this.#caller,
        target: this.#routing.target(service, port),
        policy: upstreamPolicy(this.#options, balancer),
        // Not the balancer: a request's draws are the same under every policy.
        drawName: `Upstream/${service}:${port}${kind}`,
        isBackground,
        isExternal: false,
      });
      edges.set(drawName, edge);
    }
    return edge;
  }
}
