/** A control plane with a network, hand-written slices and pods that a test starts and stops. */

import type {
  EndpointSlice,
  KeyRecord,
  Manifest,
  Pod,
  ServiceRequestFact,
} from "../sim/api/index.ts";
import type { Micros } from "../sim/kernel/index.ts";
import type { Balancer } from "../sim/network/balancer.ts";
import { createNetwork, type Network } from "../sim/network/network.ts";
import type { PodLiveness } from "../sim/network/pod-liveness.ts";
import type { TrafficSettings } from "../sim/network/traffic-settings.ts";
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
  service: SERVICE,
  from: "each-node",
  arrivals: "constant(10ms)",
  serviceTime: "constant(1ms)",
  connections: 0,
  startUs: 0,
  requests: 100,
};

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
}

interface FixtureSettings {
  readonly seed?: string;
  readonly balancer?: Balancer;
  readonly nodes?: readonly string[];
  readonly network?: Partial<NetworkOptions>;
}

export class NetworkFixture {
  readonly plane: ControlPlane;
  readonly network: Network;
  readonly facts: ServiceRequestFact[] = [];
  readonly #kubelets = new FakeKubelets();

  constructor({ seed = "1", balancer = firstEndpoint, nodes = ["n1"], network }: FixtureSettings) {
    const { schedulingPerNodeFilteredNs, schedulingPerNodeScoredNs, ...times } =
      defaultClusterOptions.latency;
    const tiny = Object.fromEntries(Object.keys(times).map((name) => [name, TINY]));
    const latency = { ...defaultClusterOptions.latency, ...tiny } as LatencyOptions;
    this.plane = new ControlPlane(seed, { latency, clients: { default: { qps: 0, burst: 0 } } });
    const { kernel, trace, clients, informers, etcd } = this.plane;
    const { balancer: name } = defaultClusterOptions.network;
    const hops = { balancer: name, podToPodSameNode: TINY, podToPod: TINY, proxySync: TINY };
    this.network = createNetwork({
      kernel,
      trace,
      clients,
      informers,
      options: { ...hops, ...network },
      balancer,
      liveness: this.#kubelets,
      records: etcd,
    });
    for (const node of nodes) this.network.addNode(node, "");
    trace.serviceRequest.subscribe((fact) => this.facts.push(fact));
  }

  /** Stores the Service as it was before the run. */
  addService(spec: object = {}): void {
    const metadata = { name: "web", namespace: "default" };
    this.plane.store({ kind: "Service", metadata, spec: { ports: [{ port: 80 }], ...spec } });
  }

  /** Stores the Service, its slice and its running pods, all on n1, as they were before the run. */
  serve(podNames: readonly string[], spec: object = {}): void {
    this.addService(spec);
    for (const name of podNames) this.startPod(name);
    this.plane.store(sliceManifest("web-1", podNames.map(endpoint)));
  }

  /** Stores a pod whose containers run. */
  startPod(name: string, annotations: Record<string, string> = {}): void {
    this.plane.store({
      kind: "Pod",
      metadata: { name, namespace: "default", annotations },
      spec: { containers: [{ name: "main", image: "app" }] },
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

export function sliceManifest(name: string, endpoints: readonly SliceEndpoint[]): Manifest {
  const labels = { "kubernetes.io/service-name": "web" };
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name, namespace: "default", labels },
    addressType: "IPv4",
    endpoints,
    ports: [{ port: 80 }],
  };
}
