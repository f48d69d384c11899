/**
 * Network: what lies between a request's client and its pod: the kube-proxies of all nodes, the
 * traffic that asks them, and the pods' queues.
 */
import type { Trace } from "../api/index.ts";
import type { ClientHub, InformerHub } from "../client/index.ts";
import type { Kernel } from "../kernel/index.ts";
import type { NetworkOptions } from "../options/index.ts";
import type { Balancer } from "./balancer.ts";
import { KubeProxyFleet } from "./kube-proxy-fleet.ts";
import type { PodLiveness, RecordFinder } from "./pod-liveness.ts";
import { Traffic } from "./traffic.ts";
import type { TrafficSettings } from "./traffic-settings.ts";

export interface NetworkSettings {
  readonly kernel: Kernel;
  readonly trace: Trace;
  readonly clients: ClientHub;
  readonly informers: InformerHub;
  readonly options: NetworkOptions;
  readonly balancer: Balancer;
  readonly liveness: PodLiveness;
  readonly records: RecordFinder;
}

export interface Network {
  /** Begins to list and watch. Once. */
  start(): void;
  /** A node has joined: its kube-proxy runs. `zone`: topology.kubernetes.io/zone, or "". */
  addNode(name: string, zone: string): void;
  /** Sends requests to a Service. Before the start or during the run. Throws InputError. */
  addTraffic(settings: TrafficSettings): void;
}

/** Wires the network of one cluster. Throws InputError for latencies that cannot be read. */
export function createNetwork(settings: NetworkSettings): Network {
  const { kernel, trace, clients, informers, options, balancer, liveness, records } = settings;
  const { proxySync, podToPodSameNode, podToPod } = options;
  const fleet = new KubeProxyFleet({ kernel, clients, informers, proxySync, balancer });
  const latency = { podToPodSameNode, podToPod };
  const traffic = new Traffic({ kernel, trace, fleet, liveness, records, ...latency });
  return {
    start: () => fleet.start(),
    addNode: (name, zone) => fleet.addNode(name, zone),
    addTraffic: (source) => traffic.add(source),
  };
}
