/**
 * ServiceRouting: how connections to Services find their endpoints. The contract between the
 * proxies, which know, and the calls, which ask. `KubeProxies` implements it.
 *
 * Hot: `choose`, `opened` and `closed` are called once per connection, or once per request.
 */
import type { Micros } from "../../kernel/index.ts";
import type { BalanceRequest, Balancer } from "./balancer.ts";
import type { Endpoint, EndpointSet } from "./endpoint.ts";
import type { NameLead } from "./external-name.ts";

/** One port of one Service. Its number: see `ServiceRouting.target`. */
export interface Target {
  readonly number: number;
  /** `namespace/name` of the Service. */
  readonly service: string;
  /** Name or number of the Service's port; "": its first. */
  readonly port: string;
  /** 32-bit hash of both, for draws. */
  readonly hash: number;
}

/**
 * A place that chooses endpoints of one target: the proxy of a node, or a client that chooses for
 * itself. It has the balancer's memory, and the version of the Service that it has come to know.
 * Plain data but for what its number says: belongs to the run's state.
 */
export interface BalanceSite {
  readonly number: number;
  readonly target: Target;
  /** Number of the node that it is on; -1: outside. */
  readonly node: number;
  readonly kind: "proxy" | "external" | "client";
}

export interface ServiceRouting {
  /**
   * Follows the Service (existing or not) from now on. The same object when asked again.
   * Throws InputError when `service` is not `namespace/name`.
   */
  target(service: string, port: string): Target;
  /** The proxy of a node. `isExternal`: for connections that come from outside through that node (externalTrafficPolicy). */
  proxySite(target: Target, node: number, isExternal: boolean): BalanceSite;
  /**
   * A client that watches EndpointSlices by itself (an ingress controller, a client-side balancer,
   * a client of a headless Service): `name` tells apart those of one node and target.
   */
  clientSite(target: Target, node: number, name: string, balancer: Balancer): BalanceSite;
  /** What the site would choose from now. */
  endpoints(site: BalanceSite): EndpointSet | undefined;
  /** The endpoint for a new connection; undefined: it knows none, so that the connection is refused at once. */
  choose(site: BalanceSite, request: BalanceRequest): Endpoint | undefined;
  opened(site: BalanceSite, endpoint: Endpoint): void;
  closed(site: BalanceSite, endpoint: Endpoint, latencyUs: Micros, isOk: boolean): void;
  /** What the first packet of a connection costs in the node's rules, us; 0 for clients' sites. */
  lookupUs(site: BalanceSite, hash: number, number: number): Micros;
  /**
   * Whether the site's rules still lead datagrams of known sockets to the endpoint: it serves, though
   * it may be terminating. kube-proxy deletes the tracked UDP entries of all others.
   */
  isServing(site: BalanceSite, endpoint: Endpoint): boolean;
  /** Where the name of an ExternalName Service leads now; undefined: it is none. See followName. */
  lead(target: Target): NameLead | undefined;
  /** The port of the Service that a lead is to, for who calls this target: see Target.port. */
  leadPort(target: Target): string;
  /**
   * The node through which a connection from outside enters: of a NodePort any that exists, dead or
   * not; of a LoadBalancer one of its healthy ones (see EntryNodes), with externalTrafficPolicy Local
   * one with a ready endpoint of its own. -1: none, or the Service is not reachable from outside.
   */
  entryNode(target: Target, uniform: number): number;
  /** Whether the Service is headless, as far as a client on that node can know now. */
  isHeadless(target: Target, node: number): boolean;
}
