/** The network of pods and Services. Spans are distributions or durations in their text form. */
export interface NetworkOptions {
  /** How the proxies choose among the endpoints: a balancer's name; "": as the proxy mode does by itself. */
  readonly balancer: string;
  /** kube-proxy --proxy-mode: `iptables` (the default of v1.30), `ipvs` or `nftables`. */
  readonly proxyMode: string;
  /** kube-proxy --ipvs-scheduler: rr, wrr, lc, wlc, sh, dh, sed or nq. */
  readonly ipvsScheduler: string;
  /** Between two pods on one node, within a zone, across zones, one way; and from outside to a node. Our assumption. */
  readonly podToPodSameNode: string;
  readonly podToPod: string;
  readonly podToPodOtherZone: string;
  readonly outsideToNode: string;
  /**
   * A load balancer's health checks of the nodes (kube-proxy's healthz): time between two, and how many
   * in a row must fail; one that passes makes the node healthy again. Defaults: cloud-provider-gcp.
   */
  readonly healthCheckInterval: string;
  readonly healthCheckThreshold: number;
  /** A new connection costs a round trip before its first request (TCP). */
  readonly tcpHandshake: boolean;
  /** How nodes come to know of changes: `rules` (each proxy writes its rules), or `lag` (proxySync). */
  readonly syncModel: string;
  /** syncModel lag: lag of a kube-proxy behind the change that it was told of. Our assumption. */
  readonly proxySync: string;
  /** How much later than the first watch a node's own watch tells of a change. Our assumption: as latency.watchDelivery. */
  readonly proxyWatch: string;
  /** KubeProxyConfiguration minSyncPeriod; "": the mode's own, 1 s for iptables and nftables, 0 for ipvs. */
  readonly minSyncPeriod: string;
  /** KubeProxyConfiguration ipvs.syncPeriod: time after which ipvs syncs without any change. */
  readonly syncPeriod: string;
  /** Time after which a sync of iptables or nftables is full (proxyutil.FullSyncPeriod). */
  readonly fullSyncPeriod: string;
  /** iptables and nftables write the rules of changed Services only (KEP-3453; nftables since v1.32). */
  readonly partialSync: boolean;
  /** A sync in mode iptables: in any case, for each Service port, for each rule written. */
  readonly iptablesSyncBaseUs: number;
  readonly iptablesSyncPerServiceUs: number;
  readonly iptablesSyncPerRuleUs: number;
  readonly ipvsSyncBaseUs: number;
  readonly ipvsSyncPerServiceUs: number;
  readonly ipvsSyncPerRuleUs: number;
  readonly nftablesSyncBaseUs: number;
  readonly nftablesSyncPerServiceUs: number;
  readonly nftablesSyncPerRuleUs: number;
  /** A connection's first packet in iptables with 10,000 Service ports; linear in their number. */
  readonly iptablesLookup: string;
  /** The same in ipvs and nftables, whatever their number. */
  readonly mapLookup: string;
  /** What a server does at the signal to stop: `drain` serves what it has, `drop` ends at once. Our assumption. */
  readonly stoppingServers: string;
  /** Requests share the cores of their node by cpu.shares, and CPU limits hold (pkg/kubelet/cm/helpers_linux.go). */
  readonly cpuContention: boolean;
}

export const defaultNetwork: NetworkOptions = {
  balancer: "",
  proxyMode: "iptables",
  ipvsScheduler: "rr",
  podToPodSameNode: "constant(30us)",
  podToPod: "lognormal(p50=200us, p99=1ms)",
  podToPodOtherZone: "lognormal(p50=600us, p99=3ms)",
  outsideToNode: "lognormal(p50=5ms, p99=30ms)",
  healthCheckInterval: "8s",
  healthCheckThreshold: 3,
  tcpHandshake: true,
  syncModel: "rules",
  proxySync: "lognormal(p50=300ms, p99=1500ms)",
  proxyWatch: "lognormal(p50=2ms, p99=20ms)",
  minSyncPeriod: "",
  syncPeriod: "30s",
  fullSyncPeriod: "1h",
  partialSync: true,
  iptablesSyncBaseUs: 2000,
  iptablesSyncPerServiceUs: 5,
  iptablesSyncPerRuleUs: 60,
  ipvsSyncBaseUs: 2000,
  ipvsSyncPerServiceUs: 0,
  ipvsSyncPerRuleUs: 50,
  nftablesSyncBaseUs: 2000,
  nftablesSyncPerServiceUs: 5,
  nftablesSyncPerRuleUs: 290,
  iptablesLookup: "lognormal(p50=70us, p99=238us)",
  mapLookup: "constant(1us)",
  stoppingServers: "drain",
  cpuContention: true,
};
