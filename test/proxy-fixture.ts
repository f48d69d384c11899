/** Kube-proxies on a control plane, with Services, slices and nodes that a test writes by hand. */
import type { EndpointSlice, Manifest, ProxySyncFact } from "../sim/api/index.ts";
import type { HandlerId, Micros } from "../sim/kernel/index.ts";
import {
  type BalanceRequest,
  type Balancer,
  type BalanceSite,
  defineBalancer,
  KubeProxies,
  type NodeReach,
  type ServiceRouting,
} from "../sim/network/proxy/index.ts";
import { NetworkNodes } from "../sim/network/topology/index.ts";
import {
  defaultClusterOptions,
  type LatencyOptions,
  type NetworkOptions,
} from "../sim/options/index.ts";
import { ControlPlane } from "./control-plane.ts";

export const SECOND = 1_000_000;
const TINY = "constant(1us)";

/** Takes the first endpoint: shows what a proxy knows. */
export const firstOf: Balancer = { name: "first", choose: () => 0 };

/** Takes them in turn. */
export const inTurn: Balancer = defineBalancer<{ next: number }>({
  name: "in-turn",
  createMemory: () => ({ next: 0 }),
  choose: ({ endpoints }, _request, memory) => memory.next++ % endpoints.length,
});

/** Costs in round numbers: 10 ms for a sync, 1 ms for a rule. */
export const roundCosts: Partial<NetworkOptions> = {
  proxyWatch: TINY,
  iptablesSyncBaseUs: 10_000,
  iptablesSyncPerServiceUs: 0,
  iptablesSyncPerRuleUs: 1_000,
};

export type SliceEndpoint = EndpointSlice["endpoints"][number];

export interface ProxyFixtureSettings {
  readonly balancer?: Balancer;
  readonly network?: Partial<NetworkOptions>;
  readonly isObserved?: boolean;
}

export class ProxyFixture {
  readonly plane: ControlPlane;
  readonly nodes: NetworkNodes;
  readonly proxies: KubeProxies;
  readonly routing: ServiceRouting;
  readonly #reached: HandlerId;
  readonly facts: ProxySyncFact[] = [];
  /** Names of nodes that packets do not reach. */
  readonly unreachable = new Set<string>();
  readonly reach: NodeReach;

  constructor({ balancer = firstOf, network = {}, isObserved = false }: ProxyFixtureSettings = {}) {
    const { schedulingPerNodeFilteredNs, schedulingPerNodeScoredNs, ...times } =
      defaultClusterOptions.latency;
    const tiny = Object.fromEntries(Object.keys(times).map((name) => [name, TINY]));
    const latency = { ...defaultClusterOptions.latency, ...tiny } as LatencyOptions;
    this.plane = new ControlPlane("1", { latency, clients: { default: { qps: 0, burst: 0 } } });
    const { kernel, trace, clients, informers, etcd } = this.plane;
    this.nodes = new NetworkNodes(kernel);
    const { unreachable } = this;
    this.reach = {
      isUnreachable: (name) => unreachable.has(name),
      get isAnyUnreachable() {
        return unreachable.size > 0;
      },
    };
    this.proxies = new KubeProxies({
      kernel,
      trace,
      clients,
      informers,
      nodes: this.nodes,
      records: etcd,
      reach: this.reach,
      options: { ...defaultClusterOptions.network, ...roundCosts, ...network },
      balancer,
    });
    this.routing = this.proxies;
    this.#reached = kernel.handler("test/reached", () => {});
    if (isObserved) trace.proxySync.subscribe((fact) => this.facts.push(fact));
  }

  /** A node joins, and the API has its object. */
  joinNode(name: string, zone = "", metadata: object = {}): void {
    this.plane.store({ kind: "Node", metadata: { name, namespace: "", ...metadata } });
    this.nodes.add(name, zone, 4);
  }

  /** Stores a Service with one slice, as they were before the run. */
  serve(name: string, endpoints: readonly SliceEndpoint[], spec: object = {}): void {
    this.plane.store({
      kind: "Service",
      metadata: { name, namespace: "default" },
      spec: { ports: [{ port: 80 }], ...spec },
    });
    this.plane.store(slice(name, endpoints));
  }

  /** Writes the Service's list of endpoints; the proxies' watches are told within 30 us. */
  setEndpoints(name: string, endpoints: readonly SliceEndpoint[], annotations: object = {}): void {
    const record = this.plane.etcd.find("EndpointSlice", `default/${name}-1`);
    if (record === undefined) throw new Error(`serve("${name}") first`);
    const change = { endpoints, metadata: { annotations } } as unknown as Manifest;
    this.plane.client.patch(record, change, "", this.plane.done, undefined);
  }

  /** Address that the site gives to a connection now; "none". */
  ask(site: BalanceSite, request: Partial<BalanceRequest> = {}): string {
    const whole: BalanceRequest = {
      sourceNode: site.node,
      sourceNodeName: "",
      sourceZone: "",
      clientHash: 1,
      keyHash: 0,
      uniform: 0.5,
      uniform2: 0.5,
      ...request,
      nowUs: this.plane.kernel.nowUs,
    };
    return this.routing.choose(site, whole)?.address ?? "none";
  }

  /** Goes on to this moment, whether or not anything happens until then. */
  run(untilUs: Micros): void {
    const { kernel } = this.plane;
    kernel.after(untilUs - kernel.nowUs, this.#reached, undefined, undefined);
    kernel.run(untilUs);
  }

  /** The first moment, to the millisecond, from now on at which the site gives this address. */
  when(site: BalanceSite, address: string, latestUs: Micros): Micros {
    while (this.plane.kernel.nowUs <= latestUs) {
      if (this.ask(site) === address) return this.plane.kernel.nowUs;
      this.run(this.plane.kernel.nowUs + 1_000);
    }
    return -1;
  }
}

export function ready(address: string, more: Partial<SliceEndpoint> = {}): SliceEndpoint {
  return {
    addresses: [address],
    conditions: { ready: true, serving: true, terminating: false },
    nodeName: "n1",
    ...more,
  };
}

export function slice(
  service: string,
  endpoints: readonly SliceEndpoint[],
  ports: readonly object[] = [{ port: 80 }],
  number = 1,
): Manifest {
  const labels = { "kubernetes.io/service-name": service };
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name: `${service}-${number}`, namespace: "default", labels },
    addressType: "IPv4",
    endpoints,
    ports,
  };
}
