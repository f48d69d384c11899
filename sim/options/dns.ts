/** Cluster DNS: the name servers and the clients' resolvers. */
export interface DnsOptions {
  /**
   * `none`: clients know all addresses, at no cost. `cluster`: they ask the pods behind Service
   * kube-system/kube-dns. `node-local`: they ask a cache on their own node, and that the pods.
   */
  readonly mode: "none" | "cluster" | "node-local";
  /** CoreDNS pods that the cluster begins with, unless its manifests have the Service kube-dns. */
  readonly replicas: number;
  /** How clients write names: `short` (web, or web.shop), `qualified` (web.shop.svc.cluster.local), or `absolute` (with a dot at the end). */
  readonly names: "short" | "qualified" | "absolute";
  /** Names with fewer dots are tried with the search domains first (resolv.conf ndots). */
  readonly ndots: number;
  /** Both A and AAAA are asked for, and both awaited (glibc's getaddrinfo). */
  readonly queriesPerName: number;
  /** How long a client itself remembers an answer; 0: not at all, as glibc and Go. */
  readonly clientCacheSeconds: number;
  /** How long the node's cache remembers names that exist, and those that do not. */
  readonly nodeCacheSeconds: number;
  readonly nodeNegativeCacheSeconds: number;
  /** Round trip to the node's cache. */
  readonly nodeCacheLatency: string;
  /** TTL of the records, which is also how long a name server keeps an answer, negative ones too. */
  readonly ttlSeconds: number;
  /** CPU time that a name server takes for a query. */
  readonly serviceTime: string;
  /** Queries that a name server's pod works on at one time. */
  readonly concurrency: number;
  /** resolv.conf timeout and attempts. */
  readonly timeoutSeconds: number;
  readonly attempts: number;
}

export const defaultDns: DnsOptions = {
  mode: "none",
  replicas: 2,
  names: "short",
  ndots: 5,
  queriesPerName: 2,
  clientCacheSeconds: 0,
  nodeCacheSeconds: 30,
  nodeNegativeCacheSeconds: 5,
  nodeCacheLatency: "constant(100us)",
  ttlSeconds: 30,
  serviceTime: "lognormal(p50=50us, p99=500us)",
  concurrency: 1000,
  timeoutSeconds: 5,
  attempts: 2,
};
