/** A control plane with a network, hand-written slices and pods that a test starts and stops. */

import type {
  EndpointSlice,
  KeyRecord,
  Manifest,
  Pod,
  ServiceRequestFact,
} from "../sim/api/index.ts";
import type { Micros } from "../sim/kernel/index.ts";
import type { PodLiveness } from "../sim/network/backend/index.ts";
import {
  type Balancer,
  createNetwork,
  defaultClient,
  type Network,
  type TrafficSettings,
} from "../sim/network/index.ts";
import {
  defaultClusterOptions,
  type LatencyOptions,
  type NetworkOptions,
} from "../sim/options/index.ts";
import { ControlPlane } from "./control-plane.ts";

export const SERVICE = "default/web";
export const SECOND = 1_000_000;

const TINY = "constant(1us)";

export const plainTraffic: TrafficSettings = {
  name: "",
  service: SERVICE,
  port: "",
  ingress: undefined,
  from: "each-node",
  arrivals: "constant(10ms)",
  clients: 0,
  thinkTime: "",
  serviceTime: "constant(1ms)",
  addresses: 1,
  keys: 0,
  keySkew: 0,
  client: defaultClient,
  startUs: 0,
  requests: 100,
};

/** With so many connections that stay open. */
export function kept(connections: number): Pick<TrafficSettings, "client"> {
  return { client: { ...defaultClient, connections } };
}

/** Takes the first endpoint: shows what a proxy knows. */
export const firstEndpoint: Balancer = { name: "first", choose: () => 0 };

/** Pods that run because a test says so. */
class FakeKubelets implements PodLiveness {
  readonly running = new Set<KeyRecord<Pod>>();
  readonly listeners: ((record: KeyRecord<Pod>) => void)[] = [];

  isRunning(record: KeyRecord<Pod>): boolean {
    return this.running.has(record);
  }

  onEnded(listener: (record: KeyRecord<Pod>) => void): void {
    this.listeners.push(listener);
  }

  readonly isAnyUnreachable = false;

  isUnreachable(): boolean {
    return false;
  }

  onStopping(): void {} // these pods are never told to stop
}

interface FixtureSettings {
  readonly seed?: string;
  readonly balancer?: Balancer;
  readonly nodes?: readonly string[];
  readonly network?: Partial<NetworkOptions>;
  /** Of each node; by default 4. */
  readonly cores?: number;
  /** Of clients that choose by themselves, by its name; absent: `balancer`, whatever the name. */
  readonly balancerNamed?: (name: string) => Balancer;
}

export class NetworkFixture {
  readonly plane: ControlPlane;
  readonly network: Network;
  readonly facts: ServiceRequestFact[] = [];
  readonly #kubelets = new FakeKubelets();

  constructor(settings: FixtureSettings) {
    const { seed = "1", balancer = firstEndpoint, nodes = ["n1"], network } = settings;
    const { balancerNamed = () => balancer, cores = 4 } = settings;
    const { schedulingPerNodeFilteredNs, schedulingPerNodeScoredNs, ...times } =
      defaultClusterOptions.latency;
    const tiny = Object.fromEntries(Object.keys(times).map((name) => [name, TINY]));
    const latency = { ...defaultClusterOptions.latency, ...tiny } as LatencyOptions;
    this.plane = new ControlPlane(seed, { latency, clients: { default: { qps: 0, burst: 0 } } });
    const { kernel, trace, clients, informers, etcd } = this.plane;
    const hops = { podToPodSameNode: TINY, podToPod: TINY, podToPodOtherZone: TINY };
    const plain = { syncModel: "lag", proxySync: TINY, tcpHandshake: false, iptablesLookup: TINY };
    this.network = createNetwork({
      kernel,
      trace,
      clients,
      informers,
      options: { ...defaultClusterOptions.network, ...hops, ...plain, ...network },
      dns: defaultClusterOptions.dns,
      ingress: defaultClusterOptions.ingress,
      proxyBalancer: balancer,
      balancerNamed,
      liveness: this.#kubelets,
      records: etcd,
      workHistoryUs: 120 * SECOND,
    });
    for (const node of nodes) this.network.addNode(node, "", cores);
    trace.serviceRequest.subscribe((fact) => this.facts.push(fact));
  }

  /** Stores a Service as it was before the run. */
  addService(spec: object = {}, name = "web"): void {
    const metadata = { name, namespace: "default" };
    this.plane.store({ kind: "Service", metadata, spec: { ports: [{ port: 80 }], ...spec } });
  }

  /** Stores a Service, its slice and its running pods, all on n1, as they were before the run. */
  serve(podNames: readonly string[], spec: object = {}, name = "web"): void {
    this.addService(spec, name);
    for (const pod of podNames) this.startPod(pod);
    this.plane.store(sliceManifest(`${name}-1`, podNames.map(endpoint), name));
  }

  /** Stores a pod whose containers run. */
  startPod(name: string, annotations: Record<string, string> = {}): void {
    this.plane.store({
      kind: "Pod",
      metadata: { name, namespace: "default", annotations },
      spec: { nodeName: "n1", containers: [{ name: "main", image: "app" }] },
    });
    this.#kubelets.running.add(this.pod(name));
  }

  /** Ends the pod's containers now; the API still has it. */
  stopPod(name: string): void {
    const record = this.pod(name);
    if (this.#kubelets.running.delete(record))
      for (const listener of this.#kubelets.listeners) listener(record);
  }

  isRunning(name: string): boolean {
    const record = this.plane.etcd.find("Pod", `default/${name}`);
    return record !== undefined && this.#kubelets.isRunning(record as KeyRecord<Pod>);
  }

  /** Sends a new list of endpoints to the API. */
  setEndpoints(endpoints: readonly SliceEndpoint[]): void {
    const record = this.plane.etcd.find("EndpointSlice", "default/web-1");
    if (record === undefined) throw new Error("serve() first");
    this.plane.client.patch(record, { endpoints }, "", this.plane.done, undefined);
  }

  run(untilUs: Micros): void {
    this.plane.kernel.run(untilUs);
  }

  /** Facts so far, counted by what `of` says of them. */
  count(of: (fact: ServiceRequestFact) => string): Record<string, number> {
    const counts = new Map<string, number>();
    for (const fact of this.facts) counts.set(of(fact), (counts.get(of(fact)) ?? 0) + 1);
    return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  pod(name: string): KeyRecord<Pod> {
    const record = this.plane.etcd.find("Pod", `default/${name}`);
    if (record === undefined) throw new Error(`no pod ${name}`);
    return record as KeyRecord<Pod>;
  }
}

export type SliceEndpoint = EndpointSlice["endpoints"][number];

/** The endpoint of a pod on n1; its address is made from the name's number: p7 has 10.0.0.7. */
export function endpoint(name: string): SliceEndpoint {
  return {
    addresses: [`10.0.0.${name.replace(/\D/g, "")}`],
    conditions: { ready: true, serving: true, terminating: false },
    nodeName: "n1",
    targetRef: { kind: "Pod", namespace: "default", name },
  };
}

export function sliceManifest(
  name: string,
  endpoints: readonly SliceEndpoint[],
  service = "web",
): Manifest {
  const labels = { "kubernetes.io/service-name": service };
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name, namespace: "default", labels },
    addressType: "IPv4",
    endpoints,
    ports: [{ port: 80 }],
  };
}
