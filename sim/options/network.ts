/** The network of pods and Services. */
export interface NetworkOptions {
  /** How a proxy chooses among the endpoints: `random` as kube-proxy's default mode iptables, or `round-robin` as ipvs rr. */
  readonly balancer: string;
  /** Between two pods on one node, within the cluster, one way. Our assumption. */
  readonly podToPodSameNode: string;
  readonly podToPod: string;
  /** Lag of a kube-proxy behind the EndpointSlice change that it was told of. Our assumption (iptables minSyncPeriod 1 s). */
  readonly proxySync: string;
}

export const defaultNetwork: NetworkOptions = {
  balancer: "random",
  podToPodSameNode: "constant(30us)",
  podToPod: "lognormal(p50=200us, p99=1ms)",
  proxySync: "lognormal(p50=300ms, p99=1500ms)",
};
