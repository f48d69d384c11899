/** The ingress controller: ingress-nginx, as a Deployment behind a Service of type LoadBalancer. */
export interface IngressOptions {
  /** `none`: the cluster has none, Ingress objects do nothing. `nginx`: ingress-nginx. */
  readonly mode: "none" | "nginx";
  /** Pods that the cluster begins with, unless its manifests have the controller's Service. */
  readonly replicas: number;
  /** How nginx chooses among the endpoints of a Service: a balancer's name. */
  readonly balancer: string;
  /** CPU time that the controller takes for a request. Our assumption. */
  readonly serviceTime: string;
  /** Requests on their way through one pod: the ConfigMap's max-worker-connections. */
  readonly concurrency: number;
  /** proxy-connect-timeout, proxy-read-timeout. */
  readonly proxyConnectTimeoutSeconds: number;
  readonly proxyReadTimeoutSeconds: number;
  /** proxy-next-upstream-tries, the first included; after `error` and `timeout` only (proxy-next-upstream). */
  readonly proxyNextUpstreamTries: number;
  /** upstream-keepalive-connections: above 0 each pod keeps a connection open to each endpoint. */
  readonly upstreamKeepaliveConnections: number;
  /** --sync-rate-limit: looks at changed Ingresses at most so often in a second. */
  readonly syncRateLimit: number;
  /** From a sync that finds another configuration until nginx' workers serve by it. Our assumption. */
  readonly reload: string;
}

export const defaultIngress: IngressOptions = {
  mode: "none",
  replicas: 1,
  balancer: "round-robin",
  serviceTime: "lognormal(p50=100us, p99=500us)",
  concurrency: 16_384,
  proxyConnectTimeoutSeconds: 5,
  proxyReadTimeoutSeconds: 60,
  proxyNextUpstreamTries: 3,
  upstreamKeepaliveConnections: 320,
  syncRateLimit: 0.3,
  reload: "constant(1s)",
};
