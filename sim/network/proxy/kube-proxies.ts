/**
 * KubeProxies: the kube-proxies of all nodes, and clients that watch EndpointSlices by themselves, as
 * one component. What each of them knows now (see ProxyKnowledge) is worked out when a connection asks.
 *
 * Versions are kept of the Services that connections go to (`target`).
 *
 * Hot: `choose`, `opened` and `closed`, once per connection: no look-up by text, no work that grows
 * with the endpoints, apart from the balancer's.
 */
import type { Trace } from "../../api/index.ts";
import type { ClientHub, InformerHub } from "../../client/index.ts";
import { hashString, InputError, type Kernel, type Micros } from "../../kernel/index.ts";
import type { NetworkOptions } from "../../options/index.ts";
import type { NetworkNodes } from "../topology/index.ts";
import { BalanceSites } from "./balance-sites.ts";
import type { BalanceRequest, Balancer } from "./balancer.ts";
import type { Endpoint, EndpointSet } from "./endpoint.ts";
import { EntryNodes, type NodeReach } from "./entry-nodes.ts";
import { followName, type NameLead } from "./external-name.ts";
import { ProxyKnowledge } from "./proxy-knowledge.ts";
import { LOOKUP_SERVICES, type ProxyMode, proxyMode } from "./proxy-mode.ts";
import type { RouteSet } from "./route-set.ts";
import type { ServiceRouting, Target } from "./service-routing.ts";
import { type ServiceChange, ServiceWatch } from "./service-watch.ts";
import { affineEndpoint, keepAffinity } from "./session-affinity.ts";
import type { SiteState } from "./site-state.ts";
import type { RecordFinder } from "./slice-endpoints.ts";
import { allOf, hasPod, localNodesOf, TargetHistory } from "./target-history.ts";

export interface KubeProxiesSettings {
  readonly kernel: Kernel;
  readonly trace: Trace;
  readonly clients: ClientHub;
  readonly informers: InformerHub;
  readonly nodes: NetworkNodes;
  readonly records: RecordFinder;
  readonly reach: NodeReach;
  readonly options: NetworkOptions;
  /** The proxies' balancer: see `balancerNameOf`. */
  readonly balancer: Balancer;
  /** The balancer of a client's site by its name, for a run that goes on as a fork. */
  readonly balancerNamed?: (name: string) => Balancer;
}

interface ProxiesState {
  /** By number of the target. */
  readonly histories: TargetHistory[];
  /** By `namespace/name port`; and those of a Service. */
  readonly byPort: Map<string, TargetHistory>;
  readonly byService: Map<string, TargetHistory[]>;
}

export class KubeProxies implements ServiceRouting {
  state: ProxiesState = { histories: [], byPort: new Map(), byService: new Map() };
  readonly #kernel: Kernel;
  readonly #nodes: NetworkNodes;
  readonly #records: RecordFinder;
  readonly #sites: BalanceSites;
  readonly #mode: ProxyMode;
  readonly #knowledge: ProxyKnowledge;
  readonly #watch: ServiceWatch;
  readonly #entries: EntryNodes;

  constructor(settings: KubeProxiesSettings) {
    const { kernel, trace, clients, informers, nodes, records, reach, options } = settings;
    this.#kernel = kernel;
    this.#nodes = nodes;
    this.#records = records;
    this.#sites = new BalanceSites(kernel, settings.balancer, settings.balancerNamed);
    this.#mode = proxyMode(kernel.seed, options);
    this.#knowledge = new ProxyKnowledge({ kernel, trace, nodes, options, mode: this.#mode });
    this.#watch = new ServiceWatch(clients, informers, (change) => this.#onChange(change));
    this.#entries = new EntryNodes({ kernel, nodes, records, reach, options });
    kernel.keep("network/kube-proxies", this);
  }

  /** Begins: what is there now is in the rules of all nodes that have joined. */
  start(): void {
    this.#watch.start();
    this.#knowledge.start();
    for (const history of this.state.histories) this.#publish(history, 0);
  }

  target(service: string, port: string): Target {
    const { byPort, byService, histories } = this.state;
    const name = `${service} ${port}`;
    const known = byPort.get(name);
    if (known !== undefined) return known.target;
    if (!/^[^/ ]+\/[^/ ]+$/.test(service)) {
      throw new InputError(`got Service "${service}", want namespace/name of a Service.`);
    }
    const hash = hashString(`Service/${name}`);
    const history = new TargetHistory({ number: histories.length, service, port, hash });
    histories.push(history);
    byPort.set(name, history);
    const siblings = byService.get(service);
    if (siblings === undefined) byService.set(service, [history]);
    else siblings.push(history);
    // What was there before is taken as known.
    if (this.#knowledge.isStarted) this.#publish(history, 0);
    return history.target;
  }

  proxySite(target: Target, node: number, isExternal: boolean): SiteState {
    return this.#sites.ofProxy(this.#history(target), node, isExternal);
  }

  clientSite(target: Target, node: number, name: string, balancer: Balancer): SiteState {
    return this.#sites.ofClient(this.#history(target), node, name, balancer);
  }

  endpoints(site: SiteState): EndpointSet | undefined {
    return this.#setOf(site);
  }

  choose(site: SiteState, request: BalanceRequest): Endpoint | undefined {
    const set = this.#setOf(site);
    if (set === undefined) return undefined;
    const isAffine = set.affinityUs > 0 && site.kind !== "client";
    if (isAffine && site.affinities !== undefined) {
      const kept = affineEndpoint(site, set, request.clientHash, request.nowUs);
      if (kept !== undefined) return kept;
    }
    const balancer = this.#sites.balancerOf(site);
    if (site.told !== set) {
      site.told = set;
      balancer.changed?.(site.memory, set);
    }
    const choice = balancer.choose(set, request, site.memory);
    const endpoint = set.endpoints[choice];
    if (endpoint === undefined)
      return choice === -1 ? undefined : refuseChoice(balancer, choice, set);
    if (isAffine) keepAffinity(site, set, request.clientHash, endpoint, request.nowUs);
    return endpoint;
  }

  opened(site: SiteState, endpoint: Endpoint): void {
    if (site.hasHooks) this.#sites.balancerOf(site).opened?.(site.memory, endpoint);
  }

  closed(site: SiteState, endpoint: Endpoint, latencyUs: Micros, isOk: boolean): void {
    if (!site.hasHooks) return;
    const { nowUs } = this.#kernel;
    this.#sites.balancerOf(site).closed?.(site.memory, endpoint, latencyUs, isOk, nowUs);
  }

  lookupUs(site: SiteState, hash: number, number: number): Micros {
    if (site.kind === "client") return 0;
    const us = this.#mode.lookup.us(hash, number);
    if (!this.#mode.isLookupLinear) return us;
    return Math.round((us * this.#knowledge.ports) / LOOKUP_SERVICES);
  }

  entryNode(target: Target, uniform: number): number {
    const version = this.#history(target).newest;
    const spec = version?.service?.spec;
    if (version === undefined || spec === undefined) return -1;
    const { externalIPs = [], externalTrafficPolicy, type } = spec;
    const isBalanced = type === "LoadBalancer";
    if (!isBalanced && type !== "NodePort" && externalIPs.length === 0) return -1;
    if (!isBalanced) return this.#entries.any(uniform);
    if (externalTrafficPolicy !== "Local") return this.#entries.balanced(uniform);
    return this.#entries.balancedAmong(localNodesOf(version, this.#nodes), uniform);
  }

  isServing(site: SiteState, { address, slot }: Endpoint): boolean {
    const set = this.#setOf(site);
    if (set?.find(slot, address) !== undefined) return true;
    const version = site.history.versions.findLast(({ seq }) => seq === site.seq);
    if (version === undefined) return false;
    return allOf(version, this.#nodes).some((each) => each.address === address && each.isServing);
  }

  lead(target: Target): NameLead | undefined {
    if (this.#history(target).newest?.service?.spec.type !== "ExternalName") return undefined;
    return followName(target.service, (key) => this.#watch.service(key));
  }

  leadPort(target: Target): string {
    const ports = this.#history(target).newest?.service?.spec.ports ?? [];
    const port = target.port === "" ? ports[0] : ports.find(({ name }) => name === target.port);
    return port === undefined ? target.port : String(port.port);
  }

  isHeadless(target: Target, _node: number): boolean {
    return this.#history(target).newest?.service?.spec.clusterIP === "None";
  }

  /** Whether the pod (`namespace/name`) is behind a Service that calls are made to, ready or not. */
  isTargeted(podKey: string): boolean {
    return this.state.histories.some(
      ({ newest }) => newest !== undefined && hasPod(newest, podKey),
    );
  }

  /**
   * Lives through all nodes' syncs until now, and tells the tracepoint of them; for the end of a run
   * that is observed.
   */
  settle(): void {
    this.#knowledge.settle();
  }

  #history({ number }: Target): TargetHistory {
    const history = this.state.histories[number];
    if (history === undefined) throw new Error(`unknown target ${number}`);
    return history;
  }

  #setOf(site: SiteState): RouteSet | undefined {
    return site.seq === site.history.newestSeq ? site.set : this.#refresh(site);
  }

  /** Looks whether a newer version has reached the site. */
  #refresh(site: SiteState): RouteSet | undefined {
    const { history, kind, node } = site;
    const version = history.versions[this.#knowledge.newestFor(site)];
    if (version !== undefined) {
      site.seq = version.seq;
      site.set = sameOr(site.set, history.setFor(version, kind, node, this.#nodes));
    }
    return site.set;
  }

  #onChange({ key, ports, endpoints, isNews, triggerUs }: ServiceChange): void {
    const { nowUs } = this.#kernel;
    const histories = this.state.byService.get(key);
    const isWanted = isNews || histories !== undefined;
    const triggeredUs = triggerUs <= nowUs ? triggerUs : nowUs; // also where it is not stated
    const seq = this.#knowledge.record(key, ports, endpoints, isWanted, triggeredUs);
    if (seq === 0 || histories === undefined) return;
    for (const history of histories) {
      this.#publish(history, seq);
      if (history.isLong) history.prune(this.#knowledge.oldestNeeded(history));
    }
  }

  #publish(history: TargetHistory, seq: number): void {
    const { service: key } = history.target;
    const service = this.#watch.service(key);
    const slices = this.#watch.slices(key);
    if (seq === 0 && service === undefined && slices.length === 0) return;
    const reader = { nodes: this.#nodes, records: this.#records };
    history.publish(seq, this.#kernel.nowUs, service, slices, reader);
  }
}

/** The set that the site has, where the new one is no news to it. */
function sameOr(old: RouteSet | undefined, set: RouteSet | undefined): RouteSet | undefined {
  if (old === undefined || set === undefined || old === set) return set;
  return old.isSame(set.service, set.endpoints, set.affinityUs) ? old : set;
}

function refuseChoice({ name }: Balancer, choice: number, set: EndpointSet): never {
  throw new InputError(
    `Balancer "${name}" chose endpoint ${choice} of Service ${set.service.key}: ` +
      `want a whole number, 0 .. ${set.endpoints.length - 1} (-1: none of them).`,
  );
}
