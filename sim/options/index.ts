/**
 * Every setting of a simulated cluster, with its default and the default's source. The experiment
 * file and the command line set these; nothing below `cli/` invents a number of its own.
 *
 * Times are distributions in their configuration form (see kernel/distribution.ts).
 */
import { type ApiServerOptions, defaultApiServer, type WebhookOptions } from "./apiserver.ts";
import { type ClientLimit, clientNames, defaultClients } from "./clients.ts";
import { type ControllerManagerOptions, defaultControllerManager } from "./controller-manager.ts";
import { type DnsOptions, defaultDns } from "./dns.ts";
import { defaultEtcd, type EtcdOptions } from "./etcd.ts";
import { defaultIngress, type IngressOptions } from "./ingress.ts";
import { defaultKubelet, type KubeletOptions } from "./kubelet.ts";
import { defaultLatency, type LatencyOptions } from "./latency.ts";
import { defaultLeaderElection, type LeaderElectionOptions } from "./leader-election.ts";
import { defaultMetrics, type MetricsOptions } from "./metrics.ts";
import { defaultNetwork, type NetworkOptions } from "./network.ts";
import { defaultScheduler, type SchedulerOptions } from "./scheduler.ts";

export type {
  ApiServerOptions,
  ClientLimit,
  ControllerManagerOptions,
  DnsOptions,
  EtcdOptions,
  IngressOptions,
  KubeletOptions,
  LatencyOptions,
  LeaderElectionOptions,
  MetricsOptions,
  NetworkOptions,
  SchedulerOptions,
  WebhookOptions,
};

export { clientNames };

export interface ClusterOptions {
  /** Seed of the run. */
  readonly seed: string;
  readonly latency: LatencyOptions;
  /** By clientset name; a name that is missing gets `default`. */
  readonly clients: Readonly<Record<string, ClientLimit>>;
  readonly apiserver: ApiServerOptions;
  readonly etcd: EtcdOptions;
  readonly controllerManager: ControllerManagerOptions;
  /** Of kube-controller-manager and of kube-scheduler. */
  readonly leaderElection: LeaderElectionOptions;
  readonly scheduler: SchedulerOptions;
  readonly kubelet: KubeletOptions;
  readonly network: NetworkOptions;
  readonly dns: DnsOptions;
  readonly ingress: IngressOptions;
  readonly metrics: MetricsOptions;
  /** Write Event objects (Scheduled, FailedScheduling, Pulled, ...) through the API. */
  readonly events: boolean;
}

export const defaultClusterOptions: ClusterOptions = {
  seed: "1",
  latency: defaultLatency,
  clients: defaultClients,
  apiserver: defaultApiServer,
  etcd: defaultEtcd,
  controllerManager: defaultControllerManager,
  leaderElection: defaultLeaderElection,
  scheduler: defaultScheduler,
  kubelet: defaultKubelet,
  network: defaultNetwork,
  dns: defaultDns,
  ingress: defaultIngress,
  metrics: defaultMetrics,
  events: false,
};
