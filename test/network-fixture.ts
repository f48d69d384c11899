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
  type DnsOptions,
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

  readonly unreachable = new Set<string>();
  readonly stopListeners: ((record: KeyRecord<Pod>) => void)[] = [];

  get isAnyUnreachable(): boolean {
    return this.unreachable.size > 0;
  }

  isUnreachable(nodeName: string): boolean {
    return this.unreachable.has(nodeName);
  }

  onStopping(listener: (record: KeyRecord<Pod>) => void): void {
    this.stopListeners.push(listener);
  }
}

interface FixtureSettings {
  readonly seed?: string;
  readonly balancer?: Balancer;
  readonly nodes?: readonly string[];
  readonly network?: Partial<NetworkOptions>;
  /** With another mode than `none`, see `serveNames`. */
  readonly dns?: Partial<DnsOptions>;
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
    const { seed = "1", balancer = firstEndpoint, nodes = ["n1"], network, dns } = settings;
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
      dns: { ...defaultClusterOptions.dns, ...dns },
      ingress: defaultClusterOptions.ingress,
      proxyBalancer: balancer,
      balancerNamed,
      liveness: this.#kubelets,
      records: etcd,
      workHistoryUs: 120 * SECOND,
    });
    for (const name of nodes) {
      this.plane.store({ kind: "Node", metadata: { name, namespace: "" } });
      this.network.addNode(name, "", cores);
    }
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
    this.plane.store(
      sliceManifest(
        `${name}-1`,
        podNames.map((pod) => endpoint(pod)),
        name,
      ),
    );
  }

  /** Stores a pod whose containers run. */
  startPod(name: string, annotations: Record<string, string> = {}, namespace = "default"): void {
    this.plane.store({
      kind: "Pod",
      metadata: { name, namespace, annotations },
      spec: { nodeName: "n1", containers: [{ name: "main", image: "app" }] },
    });
    this.#kubelets.running.add(this.pod(name, namespace));
  }

  /** Stores Service kube-system/kube-dns with these pods, which answer in 100 us. */
  serveNames(podNames: readonly string[]): void {
    const ports = [{ name: "dns", port: 53, protocol: "UDP" }];
    const metadata = { name: "kube-dns", namespace: "kube-system" };
    this.plane.store({ kind: "Service", metadata, spec: { ports, clusterIP: "10.96.0.10" } });
    for (const pod of podNames) this.startPod(pod, {}, "kube-system");
    const slice = sliceManifest(
      "kube-dns-1",
      podNames.map((name) => endpoint(name, "kube-system")),
      "kube-dns",
    );
    this.plane.store({
      ...slice,
      metadata: { ...slice.metadata, namespace: "kube-system" },
      ports,
    });
  }

  /** The node's packets are lost from now on. */
  cutOff(node: string): void {
    this.#kubelets.unreachable.add(node);
  }

  /** The signal to stop is sent to the pod's containers, which go on for now. */
  signalPod(name: string, namespace = "default"): void {
    for (const listener of this.#kubelets.stopListeners) listener(this.pod(name, namespace));
  }

  /** Ends the pod's containers now; the API still has it. */
  stopPod(name: string, namespace = "default"): void {
    const record = this.pod(name, namespace);
    if (this.#kubelets.running.delete(record))
      for (const listener of this.#kubelets.listeners) listener(record);
  }

  /** The pod's containers run again. */
  restartPod(name: string, namespace = "default"): void {
    this.#kubelets.running.add(this.pod(name, namespace));
  }

  /** The only slice of a Service. */
  sliceOf(service: string, endpoints: readonly SliceEndpoint[]): Manifest {
    return sliceManifest(`${service}-1`, endpoints, service);
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

  pod(name: string, namespace = "default"): KeyRecord<Pod> {
    const record = this.plane.etcd.find("Pod", `${namespace}/${name}`);
    if (record === undefined) throw new Error(`no pod ${name}`);
    return record as KeyRecord<Pod>;
  }
}

export type SliceEndpoint = EndpointSlice["endpoints"][number];

/** The endpoint of a pod on n1; its address is made from the name's number: p7 has 10.0.0.7. */
export function endpoint(name: string, namespace = "default"): SliceEndpoint {
  return {
    addresses: [`10.0.0.${name.replace(/\D/g, "")}`],
    conditions: { ready: true, serving: true, terminating: false },
    nodeName: "n1",
    targetRef: { kind: "Pod", namespace, name },
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
