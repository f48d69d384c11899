/**
 * Every setting of a simulated cluster, with its default and the default's source. The experiment
 * file and the command line set these; nothing below `cli/` invents a number of its own.
 *
 * Times are distributions in their configuration form (see kernel/distribution.ts).
 */

/** A client's rate limit: client-go's token bucket. `qps` 0 means no limit. */
export interface ClientLimit {
  readonly qps: number;
  readonly burst: number;
}

export interface ClusterOptions {
  /** Seed of the run. */
  readonly seed: string;
  readonly latency: LatencyOptions;
  /** By clientset name; a name that is missing gets `default`. */
  readonly clients: Readonly<Record<string, ClientLimit>>;
  readonly apiserver: ApiServerOptions;
  readonly etcd: EtcdOptions;
  readonly scheduler: SchedulerOptions;
  readonly kubelet: KubeletOptions;
  readonly network: NetworkOptions;
  /** Write Event objects (Scheduled, FailedScheduling, Pulled, ...) through the API. */
  readonly events: boolean;
}

export interface LatencyOptions {
  /** One way between any client and the API server. Our assumption: one rack hop. */
  readonly apiNetwork: string;
  /** Authentication, authorisation, decoding, defaulting of one request. Our assumption. */
  readonly apiHandling: string;
  /** Admission and validation of one write. Our assumption. */
  readonly apiAdmission: string;
  /** Reading one object, or a list, from the watch cache. Our assumption. */
  readonly apiRead: string;
  /** etcd: fsync of the log and quorum round trip. etcd docs: fdatasync on SSD below 1 ms; 1.6 ms for a lone client's write. */
  readonly etcdCommit: string;
  /** Commit until a watcher gets the event. etcd's api_guarantees: within about 10 ms; Kubernetes 1.2: tens of ms. */
  readonly watchDelivery: string;
  /** Fixed cost of one scheduling cycle. Fitted to kube-scheduler 1.30.6: 1.0 / 1.3 / 1.6 ms with adaptive sampling at 1,000 / 5,000 / 10,000 nodes. */
  readonly schedulingBase: string;
  /** Per node filtered and per node scored, in nanoseconds; sum 2.1 us per node: 2.1 / 10.4 ms at 1,000 / 5,000 nodes. The split is our assumption. */
  readonly schedulingPerNodeFilteredNs: number;
  readonly schedulingPerNodeScoredNs: number;
  /** Per node on which preemption is tried out, in nanoseconds. Our assumption: ten filterings (each victim is weighed by all filters). */
  readonly schedulingPerNodeDryRunNs: number;
  /** One reconcile of a controller, apart from its API calls. Our assumption. */
  readonly controllerSync: string;
  /** A storage driver: making or deleting one volume. Our assumption, in the range of cloud disks. */
  readonly volumeProvision: string;
  /** kubelet: from seeing a pod until its sandbox and network exist. Our assumption, in the range of the SLO measurements. */
  readonly podSandbox: string;
  /** kubelet: creating and starting one container whose image is present. Our assumption. */
  readonly containerStart: string;
  /** kubelet: a container that is told to stop needs this long. Our assumption. */
  readonly containerStop: string;
  /** Registry round trips before the first byte of an image. Our assumption. */
  readonly imagePullOverhead: string;
}

export interface ApiServerOptions {
  /** kube-apiserver --max-requests-inflight, --max-mutating-requests-inflight (defaults 400 and 200). */
  readonly maxRequestsInflight: number;
  readonly maxMutatingRequestsInflight: number;
  /** Requests that may wait for a seat, per kind of seat; beyond that 429 with Retry-After 1 s. Our assumption. */
  readonly queueLengthLimit: number;
}

export interface EtcdOptions {
  /** Changes kept per kind for watchers that resume; older ones are compacted (410 Gone). */
  readonly historyPerKind: number;
}

export interface SchedulerOptions {
  /** How the nodes of a cycle are evaluated. `verify` runs both and compares. Results are equal. */
  readonly evaluation: "full" | "incremental" | "verify";
  /** Among equal totals: a seeded draw, or the lowest node name. */
  readonly ties: "seeded" | "lowest-name";
  /** podInitialBackoffSeconds and podMaxBackoffSeconds (defaults 1 and 10), and the flush of unschedulable pods (5 min), in seconds. */
  readonly podInitialBackoffSeconds: number;
  readonly podMaxBackoffSeconds: number;
  readonly podMaxInUnschedulablePodsSeconds: number;
  /** Feature gate SchedulerQueueingHints: plugins say per pod whether an event may help (default false in 1.30). */
  readonly queueingHints: boolean;
}

export interface KubeletOptions {
  /** kubelet serializeImagePulls (default true). */
  readonly serializeImagePulls: boolean;
  /** Pulls at one time when not serial; 0: no limit (kubelet maxParallelImagePulls). */
  readonly maxParallelImagePulls: number;
  /** Bytes per second from the registry to one node. Our assumption: 1 Gbit/s. */
  readonly imageBytesPerSecond: number;
  /** Size of an image that the workload does not state, in bytes. Our assumption; 0: present everywhere. */
  readonly defaultImageBytes: number;
}

export interface NetworkOptions {
  /** How a proxy chooses among the endpoints: `random` as kube-proxy's default mode iptables, or `round-robin` as ipvs rr. */
  readonly balancer: string;
  /** Between two pods on one node, within the cluster, one way. Our assumption. */
  readonly podToPodSameNode: string;
  readonly podToPod: string;
  /** Lag of a kube-proxy behind the EndpointSlice change that it was told of. Our assumption (iptables minSyncPeriod 1 s). */
  readonly proxySync: string;
}

export const defaultClusterOptions: ClusterOptions = {
  seed: "1",
  latency: {
    apiNetwork: "lognormal(p50=250us, p99=1ms)",
    apiHandling: "lognormal(p50=300us, p99=2ms)",
    apiAdmission: "lognormal(p50=300us, p99=2ms)",
    apiRead: "lognormal(p50=200us, p99=2ms)",
    etcdCommit: "lognormal(p50=1600us, p99=10ms)",
    watchDelivery: "lognormal(p50=2ms, p99=20ms)",
    schedulingBase: "constant(100us)",
    schedulingPerNodeFilteredNs: 900,
    schedulingPerNodeScoredNs: 1200,
    schedulingPerNodeDryRunNs: 9000,
    controllerSync: "lognormal(p50=200us, p99=2ms)",
    volumeProvision: "lognormal(p50=3s, p99=15s)",
    podSandbox: "lognormal(p50=300ms, p99=900ms)",
    containerStart: "lognormal(p50=150ms, p99=500ms)",
    containerStop: "lognormal(p50=100ms, p99=1s)",
    imagePullOverhead: "lognormal(p50=300ms, p99=2s)",
  },
  clients: {
    default: { qps: 5, burst: 10 }, // client-go rest.DefaultQPS, DefaultBurst
    "kube-scheduler": { qps: 50, burst: 100 }, // KubeSchedulerConfiguration clientConnection
    "kube-controller-manager": { qps: 20, burst: 30 }, // --kube-api-qps, --kube-api-burst: for each of its clientsets
    "deployment-controller": { qps: 20, burst: 30 },
    "replicaset-controller": { qps: 20, burst: 30 },
    "job-controller": { qps: 20, burst: 30 },
    "endpointslice-controller": { qps: 20, burst: 30 },
    "disruption-controller": { qps: 20, burst: 30 },
    "persistent-volume-binder": { qps: 20, burst: 30 },
    "ephemeral-volume-controller": { qps: 20, burst: 30 },
    "csi-provisioner": { qps: 5, burst: 10 }, // external-provisioner --kube-api-qps, --kube-api-burst
    "kube-scheduler-events": { qps: 50, burst: 100 }, // the same configuration, a clientset of its own
    kubelet: { qps: 50, burst: 100 }, // KubeletConfiguration kubeAPIQPS, kubeAPIBurst
    "kubelet-events": { qps: 0, burst: 0 }, // eventRecordQPS 50 for each node: never reached here
    workload: { qps: 0, burst: 0 }, // many users: no common limit
  },
  apiserver: {
    maxRequestsInflight: 400,
    maxMutatingRequestsInflight: 200,
    queueLengthLimit: 10_000,
  },
  etcd: { historyPerKind: 4096 },
  scheduler: {
    evaluation: "incremental",
    ties: "seeded",
    podInitialBackoffSeconds: 1,
    podMaxBackoffSeconds: 10,
    podMaxInUnschedulablePodsSeconds: 300,
    queueingHints: false,
  },
  kubelet: {
    serializeImagePulls: true,
    maxParallelImagePulls: 0,
    imageBytesPerSecond: 125_000_000,
    defaultImageBytes: 500_000_000,
  },
  network: {
    balancer: "random",
    podToPodSameNode: "constant(30us)",
    podToPod: "lognormal(p50=200us, p99=1ms)",
    proxySync: "lognormal(p50=300ms, p99=1500ms)",
  },
  events: false,
};
