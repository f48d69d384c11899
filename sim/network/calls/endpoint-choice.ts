/**
 * EndpointChoice: by which place's rules a call is sent where, and how far that is: through the proxy
 * of the client's node, through the node by which it comes in from outside, or as the client itself
 * chooses. Hot: once per connection.
 */
import { Draws, type Kernel, type Micros } from "../../kernel/index.ts";
import type { Call, DatagramFlow } from "../call/index.ts";
import {
  type BalanceRequest,
  type Balancer,
  type BalanceSite,
  type Endpoint,
  OutsideHost,
  type ServiceRouting,
} from "../proxy/index.ts";
import type { Hops, NetworkNodes } from "../topology/index.ts";

export interface EndpointChoiceSettings {
  readonly kernel: Kernel;
  readonly routing: ServiceRouting;
  readonly nodes: NetworkNodes;
  readonly hops: Hops;
  /** The balancer of clients that choose among the endpoints by themselves, by its name. */
  readonly balancerNamed: (name: string) => Balancer;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Tells the draws of a later attempt apart from those of the first. */
const ATTEMPT_SALT = 0x2545f491;
/** Tells the draw of the node by which a connection comes in apart from the others. */
const ENTRY_SALT = 0x5851f42d;
/** What a client of a headless Service does with the addresses that its name server gives. */
const ANY_ADDRESS: Balancer = {
  name: "any-address",
  choose: ({ endpoints }, { uniform }) => Math.floor(uniform * endpoints.length),
};

/** Names the draws of the call's attempt, together with its number. */
export function attemptHash({ attempt, hash }: Call): number {
  return hash + Math.imul(attempt - 1, ATTEMPT_SALT);
}

/** Names the places from which hosts outside the cluster are called. */
const OUTSIDE_SITE = "outside";

export class EndpointChoice {
  /** Hosts outside, by the ExternalName Service and the host. */
  state = { hosts: new Map<string, OutsideHost>() };
  readonly #kernel: Kernel;
  readonly #routing: ServiceRouting;
  readonly #nodes: NetworkNodes;
  readonly #hops: Hops;
  readonly #balancerNamed: (name: string) => Balancer;
  readonly #choices: Draws;
  readonly #request: Mutable<BalanceRequest> = {
    nowUs: 0,
    sourceNode: 0,
    sourceNodeName: "",
    sourceZone: "",
    clientHash: 0,
    keyHash: 0,
    uniform: 0,
    uniform2: 0,
  };

  constructor({ balancerNamed, hops, kernel, nodes, routing }: EndpointChoiceSettings) {
    this.#kernel = kernel;
    this.#routing = routing;
    this.#nodes = nodes;
    this.#hops = hops;
    this.#balancerNamed = balancerNamed;
    this.#choices = new Draws(kernel.seed, "network/balancer-choice");
    kernel.keep("network/endpoint-choice", this);
  }

  /**
   * Says whom the call is for in the end (call.target, call.lead), where its name may be that of an
   * ExternalName Service. False: the name leads nowhere.
   */
  follow(call: Call): boolean {
    const { target } = call.edge;
    if (call.lead === undefined) {
      const lead = this.#routing.lead(target);
      if (lead === undefined) return true;
      call.lead = lead;
    }
    const { host, service } = call.lead;
    if (service === target.service) return true;
    if (service !== "") call.target = this.#routing.target(service, this.#routing.leadPort(target));
    return service !== "" || host !== "";
  }

  /** Where the endpoint is chosen; undefined: nothing outside leads to the Service. */
  siteOf(call: Call): BalanceSite | undefined {
    const { edge, lead, node, number, target } = call;
    const { policy } = edge;
    const routing = this.#routing;
    if (lead !== undefined && lead.host !== "")
      return routing.clientSite(target, node, OUTSIDE_SITE, ANY_ADDRESS);
    if (edge.isExternal) {
      const uniform = this.#choices.uniform(attemptHash(call) ^ ENTRY_SALT, number);
      const entry = routing.entryNode(target, uniform);
      return entry < 0 ? undefined : routing.proxySite(target, entry, true);
    }
    if (policy.balancer !== "node") {
      return routing.clientSite(target, node, edge.siteName, this.#balancerNamed(policy.balancer));
    }
    return routing.isHeadless(target, node)
      ? routing.clientSite(target, node, "", ANY_ADDRESS)
      : routing.proxySite(target, node, false);
  }

  /** The endpoint that the site gives to the call; undefined: it knows none. */
  choose(site: BalanceSite, call: Call): Endpoint | undefined {
    if (call.lead !== undefined && call.lead.host !== "")
      return this.#outsideHost(call.edge.target.service, call.lead.host);
    const { clientHash, keyHash, node, number } = call;
    const request = this.#request;
    const { nodes } = this.#nodes.state;
    const place = nodes[node];
    const draws = this.#choices.source(attemptHash(call), number);
    request.nowUs = this.#kernel.nowUs;
    request.sourceNode = node;
    request.sourceNodeName = place === undefined ? "" : place.name;
    request.sourceZone = place === undefined ? "" : place.zone;
    request.clientHash = clientHash;
    request.keyHash = keyHash;
    request.uniform = draws.next();
    request.uniform2 = draws.next();
    const { records } = call; // what its name server said of a headless Service
    if (records !== undefined)
      return records.endpoints[Math.floor(request.uniform * records.endpoints.length)];
    return this.#routing.choose(site, request);
  }

  /** Whether connection tracking knows where the socket's datagrams go, and the rules let them. */
  isTracked(flow: DatagramFlow): boolean {
    const { endpoint, site } = flow;
    if (endpoint === undefined || site === undefined || flow.isOver(this.#kernel.nowUs))
      return false;
    return this.#routing.isServing(site, endpoint);
  }

  /** The socket's datagrams go where the rules lead now, until connection tracking forgets it. */
  begin(call: Call, flow: DatagramFlow): void {
    flow.site = this.siteOf(call);
    flow.endpoint = flow.site === undefined ? undefined : this.choose(flow.site, call);
    flow.isAnswered = false;
  }

  #outsideHost(service: string, host: string): OutsideHost {
    const { hosts } = this.state;
    const key = `${service} ${host}`;
    let found = hosts.get(key);
    if (found === undefined) {
      found = new OutsideHost(service, host);
      hosts.set(key, found);
    }
    return found;
  }

  /** One way from the client to the endpoint, from outside through the node of the site. */
  wayUs(call: Call, site: BalanceSite, endpoint: Endpoint, isHomeward: boolean): Micros {
    const from = call.node;
    const via = site.node;
    const to = endpoint.node;
    const hash = attemptHash(call);
    const number = 2 * call.number + (isHomeward ? 1 : 0);
    if (from >= 0 || via === to) return this.#hops.us(from, to, hash, number);
    const inwardUs = this.#hops.us(from, via, hash, number);
    return inwardUs + this.#hops.us(via, to, hash, number);
  }
}
