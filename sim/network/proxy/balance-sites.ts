/**
 * BalanceSites: the places that choose endpoints, each made when it is first asked for, and the
 * balancer of each: all proxies have one, a client brings its own.
 *
 * Hot: all of it is asked once per connection. Constant work, no allocation for a known site.
 */
import type { Kernel } from "../../kernel/index.ts";
import type { Balancer } from "./balancer.ts";
import { type SiteKind, SiteState } from "./site-state.ts";
import type { TargetHistory } from "./target-history.ts";

const NO_MEMORY: object = Object.freeze({});

export class BalanceSites {
  /** How many there are. The sites themselves belong to their target's history. */
  state = { count: 0 };
  readonly #ofProxies: Balancer;
  readonly #named: ((name: string) => Balancer) | undefined;
  /** Of clients' sites, by number, which means another site in another state; found again when asked. */
  #ofClients: (Balancer | undefined)[] = [];
  #ofClientsState: object | undefined;

  /** `named`: the balancer of a client's site by its name, for a run that goes on as a fork. */
  constructor(
    kernel: Kernel,
    ofProxies: Balancer,
    named: ((name: string) => Balancer) | undefined,
  ) {
    this.#ofProxies = ofProxies;
    this.#named = named;
    kernel.keep("network/balance-sites", this);
  }

  ofProxy(history: TargetHistory, node: number, isExternal: boolean): SiteState {
    const sites = isExternal ? history.externalSites : history.proxySites;
    return sites[node] ?? this.#addProxy(history, sites, node, isExternal);
  }

  ofClient(history: TargetHistory, node: number, name: string, balancer: Balancer): SiteState {
    const site = history.clientSites.get(name)?.[node + 1];
    if (site === undefined) return this.#addClient(history, node, name, balancer);
    this.#clients()[site.number] ??= balancer;
    return site;
  }

  balancerOf(site: SiteState): Balancer {
    if (site.kind !== "client") return this.#ofProxies;
    const known = this.#clients();
    const balancer = known[site.number] ?? this.#named?.(site.balancer);
    if (balancer === undefined) throw new Error(`site ${site.number}: no ${site.balancer}`);
    known[site.number] = balancer;
    return balancer;
  }

  #clients(): (Balancer | undefined)[] {
    if (this.#ofClientsState !== this.state) {
      this.#ofClientsState = this.state;
      this.#ofClients = [];
    }
    return this.#ofClients;
  }

  #addProxy(
    history: TargetHistory,
    sites: (SiteState | undefined)[],
    node: number,
    isExternal: boolean,
  ): SiteState {
    const site = this.#make(history, node, isExternal ? "external" : "proxy", this.#ofProxies);
    while (sites.length <= node) sites.push(undefined);
    sites[node] = site;
    return site;
  }

  #addClient(history: TargetHistory, node: number, name: string, balancer: Balancer): SiteState {
    let sites = history.clientSites.get(name);
    if (sites === undefined) {
      sites = [];
      history.clientSites.set(name, sites);
    }
    const site = this.#make(history, node, "client", balancer);
    while (sites.length <= node + 1) sites.push(undefined);
    sites[node + 1] = site;
    this.#clients()[site.number] = balancer;
    return site;
  }

  #make(history: TargetHistory, node: number, kind: SiteKind, balancer: Balancer): SiteState {
    return new SiteState({
      number: this.state.count++,
      history,
      node,
      kind,
      balancer: balancer.name,
      hasHooks: balancer.opened !== undefined || balancer.closed !== undefined,
      memory: balancer.createMemory?.() ?? NO_MEMORY,
    });
  }
}
