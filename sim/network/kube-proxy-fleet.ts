/**
 * KubeProxyFleet: the kube-proxies of all nodes as one component.
 *
 * Every proxy watches the same Services and EndpointSlices, so one pair of informers stands for
 * all. A proxy knows of a change when its own lag for it has passed (`network.proxySync`), and
 * what it knows is worked out when a connection asks. A proxy that must misbehave on its own will
 * have to leave the fleet; none does yet.
 *
 * History is kept of the Services that requests go to (`track`); what was there before that is
 * taken as known since the start of the run.
 *
 * Hot: `route` is called once per connection.
 */
import type { EndpointSlice, Service } from "../api/index.ts";
import {
  type ClientHub,
  InformerFactory,
  type InformerHub,
  type SharedInformer,
} from "../client/index.ts";
import { Draws, HopLatency, hashString, InputError, type Kernel } from "../kernel/index.ts";
import type { Balancer, Endpoint } from "./balancer.ts";
import { type ProxyEntry, ServiceHistory, type ServiceVersion } from "./service-history.ts";
import { ServiceRoutes } from "./service-routes.ts";

/** discovery.k8s.io/v1 LabelServiceName: the Service that a slice belongs to. */
const SERVICE_NAME_LABEL = "kubernetes.io/service-name";
/** Index of slices by the key of their Service, and of Services by their own. */
const BY_SERVICE = "service";

export interface FleetSettings {
  readonly kernel: Kernel;
  readonly clients: ClientHub;
  readonly informers: InformerHub;
  /** Lag of a proxy behind a change that it was told of: a distribution in its text form. */
  readonly proxySync: string;
  readonly balancer: Balancer;
}

/** A node as the network knows it. */
export interface NetworkNode {
  readonly name: string;
  /** topology.kubernetes.io/zone, or "". */
  readonly zone: string;
  readonly hash: number;
}

interface FleetState {
  /** In the order in which they joined: a node's number is its index. */
  readonly nodes: NetworkNode[];
  readonly numbers: Map<string, number>;
  /** Tracked Services by key. */
  readonly histories: Map<string, ServiceHistory>;
}

const NO_MEMORY: object = Object.freeze({});

export class KubeProxyFleet {
  state: FleetState = { nodes: [], numbers: new Map(), histories: new Map() };
  readonly #kernel: Kernel;
  readonly #balancer: Balancer;
  readonly #informers: InformerFactory;
  readonly #services: SharedInformer<Service>;
  readonly #slices: SharedInformer<EndpointSlice>;
  readonly #proxySync: HopLatency;
  readonly #choices: Draws;
  /** Made from a version when first asked for; can be made again. */
  readonly #routes = new WeakMap<ServiceVersion, ServiceRoutes>();

  constructor(settings: FleetSettings) {
    const { kernel, clients, informers, proxySync, balancer } = settings;
    this.#kernel = kernel;
    this.#balancer = balancer;
    this.#informers = new InformerFactory(informers, clients.client("kube-proxy"));
    this.#services = this.#informers.informer<Service>("Service");
    this.#slices = this.#informers.informer<EndpointSlice>("EndpointSlice");
    this.#proxySync = new HopLatency(kernel.seed, proxySync, "network.proxySync");
    this.#choices = new Draws(kernel.seed, "network/balancer-choice");
    this.#services.indexer.addIndex(BY_SERVICE, keyOf);
    this.#slices.indexer.addIndex(BY_SERVICE, serviceOf);
    this.#services.addEventHandler({
      onAdd: ({ key }) => this.#onChange(key),
      onUpdate: ({ key }) => this.#onChange(key),
      onDelete: ({ key }) => this.#onChange(key),
    });
    this.#slices.addEventHandler({
      onAdd: (_record, slice) => this.#onChange(serviceOf(slice)),
      onUpdate: (_record, old, slice) => {
        if (serviceOf(old) !== serviceOf(slice)) this.#onChange(serviceOf(old));
        this.#onChange(serviceOf(slice));
      },
      onDelete: (_record, slice) => this.#onChange(serviceOf(slice)),
    });
    kernel.keep("network/kube-proxies", this);
  }

  /** Begins, in step with the API server: the proxies have watched since before the run. */
  start(): void {
    this.#informers.startSynced();
  }

  /** Adds the proxy of a node; nothing happens when the node has one. */
  addNode(name: string, zone: string): void {
    const { nodes, numbers } = this.state;
    if (numbers.has(name)) return;
    numbers.set(name, nodes.push({ name, zone, hash: hashString(`Node/${name}`) }) - 1);
  }

  get nodeCount(): number {
    return this.state.nodes.length;
  }

  /** The number of a node by name; -1: no such node has joined. */
  nodeNumber(name: string): number {
    return this.state.numbers.get(name) ?? -1;
  }

  node(number: number): NetworkNode {
    const node = this.state.nodes[number];
    if (node === undefined) throw new Error(`unknown node ${number} of ${this.nodeCount}`);
    return node;
  }

  /** Keeps the history of a Service (`namespace/name`, existing or not) from now on. */
  track(key: string): void {
    if (this.state.histories.has(key)) return;
    const history = new ServiceHistory(key, hashString(`Service/${key}`));
    this.state.histories.set(key, history);
    const service = this.#serviceNamed(key);
    const slices = this.#slicesOf(key);
    if (service !== undefined || slices.length > 0) history.publish(service, slices, 0);
  }

  /**
   * The endpoint that a node's proxy, or for a headless Service the client there, gives to a new
   * connection; undefined: it knows none. `hash` and `number` name the connection's draw.
   */
  route(key: string, node: number, hash: number, number: number): Endpoint | undefined {
    const history = this.state.histories.get(key);
    if (history === undefined) throw new Error(`Service ${key} is not tracked`);
    const entry = this.#entry(history, node);
    const version = history.seenBy(node, this.#kernel.nowUs, this.#lagOf);
    if (version === undefined) return undefined;
    const { name, zone } = this.node(node);
    const routes = this.#routesOf(history, version);
    const endpoints = routes.endpointsFor(name);
    if (endpoints.length === 0) return undefined;
    const uniform = this.#choices.uniform(hash, number);
    if (routes.service.isHeadless) return endpoints[Math.floor(uniform * endpoints.length)];
    const request = { sourceNode: name, sourceZone: zone, uniform };
    const choice = this.#balancer.choose(routes.service, endpoints, request, entry.memory);
    return endpoints[choice] ?? refuseChoice(this.#balancer, choice, endpoints, key);
  }

  #entry(history: ServiceHistory, node: number): ProxyEntry {
    let entry = history.entries.get(node);
    if (entry === undefined) {
      entry = { seen: 0, memory: this.#balancer.createMemory?.() ?? NO_MEMORY };
      history.entries.set(node, entry);
    }
    return entry;
  }

  #routesOf(history: ServiceHistory, version: ServiceVersion): ServiceRoutes {
    let routes = this.#routes.get(version);
    if (routes === undefined) {
      routes = new ServiceRoutes(history.key, version.service, version.slices);
      this.#routes.set(version, routes);
    }
    return routes;
  }

  #onChange(key: string | undefined): void {
    const history = key === undefined ? undefined : this.state.histories.get(key);
    if (history === undefined || key === undefined) return;
    const { nowUs } = this.#kernel;
    history.publish(this.#serviceNamed(key), this.#slicesOf(key), nowUs);
    history.prune(this.nodeCount, nowUs, this.#lagOf);
  }

  #serviceNamed(key: string): Service | undefined {
    const { indexer } = this.#services;
    const record = indexer.byIndex(BY_SERVICE, key)[0];
    return record === undefined ? undefined : indexer.get(record);
  }

  #slicesOf(key: string): EndpointSlice[] {
    const { indexer } = this.#slices;
    return indexer.byIndex(BY_SERVICE, key).flatMap((record) => indexer.get(record) ?? []);
  }

  readonly #lagOf = (history: ServiceHistory, version: ServiceVersion, node: number): number => {
    const pairHash = this.node(node).hash ^ Math.imul(history.hash, 0x9e3779b1);
    return this.#proxySync.us(pairHash, version.number);
  };
}

function keyOf({ metadata }: Service): string {
  return `${metadata.namespace}/${metadata.name}`;
}

function serviceOf({ metadata }: EndpointSlice): string | undefined {
  const name = metadata.labels?.[SERVICE_NAME_LABEL];
  return name === undefined ? undefined : `${metadata.namespace}/${name}`;
}

function refuseChoice(
  { name }: Balancer,
  choice: number,
  endpoints: readonly Endpoint[],
  key: string,
): never {
  throw new InputError(
    `Balancer "${name}" chose endpoint ${choice} of Service ${key}: ` +
      `want a whole number, 0 .. ${endpoints.length - 1}.`,
  );
}
