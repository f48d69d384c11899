/**
 * Network: what lies between a request's client and its pod, wired into one: nodes and hops, the
 * kube-proxies, names, the calls with the pods' side of them, the services' models, the ingress
 * controller, and the traffic.
 */
import type { Manifest, Trace } from "../api/index.ts";
import type { ClientHub, InformerHub } from "../client/index.ts";
import type { Kernel, Micros } from "../kernel/index.ts";
import type { DnsOptions, IngressOptions, NetworkOptions } from "../options/index.ts";
import {
  Backends,
  type PodLiveness,
  type RecordFinder,
  type ServerLimits,
} from "./backend/index.ts";
import { Calls } from "./calls/index.ts";
import { DNS_SERVICE, Dns, DnsServer, dnsManifests } from "./dns/index.ts";
import { INGRESS_SERVICE, IngressController, ingressManifests } from "./ingress/index.ts";
import { type Balancer, KubeProxies } from "./proxy/index.ts";
import { type ServiceModelSettings, ServiceModels } from "./services/index.ts";
import { Hops, NetworkNodes } from "./topology/index.ts";
import { Traffic, type TrafficSettings } from "./traffic/index.ts";

export interface NetworkSettings {
  readonly kernel: Kernel;
  readonly trace: Trace;
  readonly clients: ClientHub;
  readonly informers: InformerHub;
  readonly options: NetworkOptions;
  readonly dns: DnsOptions;
  readonly ingress: IngressOptions;
  /** The balancers by name; the proxies' own is `proxyBalancer`. */
  readonly balancerNamed: (name: string) => Balancer;
  readonly proxyBalancer: Balancer;
  readonly liveness: PodLiveness;
  readonly records: RecordFinder;
  /** How far back `requestsInService` will be asked. */
  readonly workHistoryUs: Micros;
}

export interface Network {
  /** Begins to list and watch. Once. */
  start(): void;
  /** Tells the tracepoints what the proxies have done until now; for the end of a run. */
  settle(): void;
  /** A node has joined: its kube-proxy runs. `zone`: topology.kubernetes.io/zone, or "". */
  addNode(name: string, zone: string, cores: number): void;
  /** What the pods behind Services do, by `namespace/name`. Before the traffic. Throws InputError. */
  setServiceModels(models: Readonly<Record<string, ServiceModelSettings>>): void;
  /** Sends requests to a Service. Before the start or during the run. Throws InputError. */
  addTraffic(settings: TrafficSettings): void;
  /** The add-ons' objects, which the cluster begins with. */
  manifests(): Manifest[];
  /**
   * Requests that a pod served at one time, on average; undefined: it is behind no Service that is
   * sent any. See PodWork of the metrics.
   */
  requestsInService(key: string, fromUs: Micros, toUs: Micros): number | undefined;
}

/** Wires the network of one cluster. Throws InputError for options that cannot be read. */
export function createNetwork(settings: NetworkSettings): Network {
  const { kernel, trace, clients, informers, options, dns, liveness, records } = settings;
  const { balancerNamed, proxyBalancer, workHistoryUs } = settings;
  const nodes = new NetworkNodes(kernel);
  const hops = new Hops(kernel.seed, nodes, options);
  const watch = { kernel, trace, clients, informers };
  const routing = new KubeProxies({
    ...watch,
    nodes,
    records,
    reach: liveness,
    options,
    balancer: proxyBalancer,
    balancerNamed,
  });
  const { tcpHandshake } = options;
  const engine = new Calls({ kernel, trace, routing, nodes, hops, tcpHandshake, balancerNamed });
  const names = createNames(settings, engine, routing, nodes);
  const ingress = createIngress(settings, engine, routing);
  const models = new ServiceModels({ kernel, engine, routing });
  const limits: ServerLimits = {
    limitsOf: (service) =>
      names?.limitsOf(service) ?? ingress?.limitsOf(service) ?? models.limitsOf(service),
  };
  const backends = new Backends({
    kernel,
    liveness,
    records,
    nodes,
    limits,
    options,
    workHistoryUs,
  });
  backends.setHost(engine);
  engine.connect(backends, names?.resolver);
  backends.onServerEnded((record, nodeName) => {
    const node = nodes.numberOf(nodeName);
    engine.clientEnded(node, record.hash);
    names?.resolver.clientEnded(node, record.hash);
    names?.server.podEnded(record);
  });
  const traffic = new Traffic({ kernel, engine, routing, nodes, entry: ingress?.controller });
  return {
    start() {
      routing.start();
      names?.start();
      ingress?.controller.start();
    },
    settle: () => routing.settle(),
    addNode: (name, zone, cores) => nodes.add(name, zone, cores),
    setServiceModels: (of) => models.set(of),
    addTraffic: (source) => traffic.add(source),
    manifests: () => [...dnsManifests(dns), ...ingressManifests(settings.ingress)],
    requestsInService: (key, fromUs, toUs) =>
      backends.requestsInService(key, fromUs, toUs) ?? (routing.isTargeted(key) ? 0 : undefined),
  };
}

interface Names {
  readonly resolver: Dns;
  readonly server: DnsServer;
  start(): void;
  limitsOf: ServerLimits["limitsOf"];
}

/** The name servers and resolvers; undefined: the cluster has no DNS. */
function createNames(
  { clients, dns, informers, kernel, trace }: NetworkSettings,
  engine: Calls,
  routing: KubeProxies,
  nodes: NetworkNodes,
): Names | undefined {
  if (dns.mode === "none") return undefined;
  const server = new DnsServer({ kernel, clients, informers, routing, options: dns });
  engine.addBehaviour(server);
  const resolver = new Dns({ kernel, trace, engine, routing, nodes, options: dns });
  const limits = { concurrency: dns.concurrency, queueLimit: -1, cpu: 1 };
  return {
    resolver,
    server,
    start: () => server.start(),
    limitsOf: (service) => (service === DNS_SERVICE ? limits : undefined),
  };
}

interface IngressPart {
  readonly controller: IngressController;
  limitsOf: ServerLimits["limitsOf"];
}

/** The ingress controller; undefined: the cluster has none. */
function createIngress(
  { balancerNamed, clients, informers, ingress: options, kernel }: NetworkSettings,
  engine: Calls,
  routing: KubeProxies,
): IngressPart | undefined {
  if (options.mode === "none") return undefined;
  const watch = { kernel, clients, informers };
  const controller = new IngressController({ ...watch, engine, routing, balancerNamed, options });
  const limits = { concurrency: options.concurrency, queueLimit: -1, cpu: 1 };
  return {
    controller,
    limitsOf: (service) => (service === INGRESS_SERVICE ? limits : undefined),
  };
}
