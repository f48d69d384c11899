/** What each step of the control plane and of a node costs in virtual time. */
export interface LatencyOptions {
  /** One way between any client and the API server. Our assumption: one rack hop. */
  readonly apiNetwork: string;
  /** Telling who sends a request: a client certificate or a token that is known. Our assumption. */
  readonly apiAuthentication: string;
  /** Telling whether the sender may do that: RBAC rules in memory. Our assumption. */
  readonly apiAuthorization: string;
  /** Decoding and defaulting of one request. Our assumption. */
  readonly apiHandling: string;
  /** Admission plugins that may change an object, of one write. Our assumption. */
  readonly apiMutatingAdmission: string;
  /** Validation, and admission plugins that may refuse an object, of one write. Our assumption. */
  readonly apiValidatingAdmission: string;
  /** A quota's usage is written before what is charged to it. Our assumption: as long as any write to etcd. */
  readonly quotaUpdate: string;
  /** Reading one object, or a list, from the watch cache. Our assumption. */
  readonly apiRead: string;
  /** etcd: one fsync of a member's log. etcd's hardware page: on SSD below 1 ms; its FAQ: p99 below 10 ms. */
  readonly etcdFsync: string;
  /** etcd: one way between two members. Our assumption: one rack hop. */
  readonly etcdPeerNetwork: string;
  /** etcd: what each write adds to its batch. Fitted to etcd's performance page: 1,000 clients, 22 ms. */
  readonly etcdEntry: string;
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
  /** A component of the control plane that has died: until its process runs again. Our assumption: the kubelet's first back-off of 10 s and some. */
  readonly processRestart: string;
  /** A storage driver: making or deleting one volume. Our assumption, in the range of cloud disks. */
  readonly volumeProvision: string;
  /** kubelet: from seeing a pod until its sandbox and network exist. Scale fitted to the median start-up of 0.90 s at 100 nodes, 10 % full (kubernetes.io blog, September 2015); p99 / p50 is our assumption. */
  readonly podSandbox: string;
  /** kubelet: creating and starting one container whose image is present. Our assumption. */
  readonly containerStart: string;
  /** kubelet: a container that is told to stop needs this long. Our assumption. */
  readonly containerStop: string;
  /** Registry round trips before the first byte of an image. Our assumption. */
  readonly imagePullOverhead: string;
}

export const defaultLatency: LatencyOptions = {
  apiNetwork: "lognormal(p50=250us, p99=1ms)",
  apiAuthentication: "lognormal(p50=50us, p99=400us)",
  apiAuthorization: "lognormal(p50=50us, p99=400us)",
  apiHandling: "lognormal(p50=190us, p99=1300us)",
  apiMutatingAdmission: "lognormal(p50=150us, p99=1ms)",
  apiValidatingAdmission: "lognormal(p50=150us, p99=1ms)",
  quotaUpdate: "lognormal(p50=1600us, p99=10ms)",
  apiRead: "lognormal(p50=200us, p99=2ms)",
  etcdFsync: "lognormal(p50=900us, p99=8ms)",
  etcdPeerNetwork: "lognormal(p50=250us, p99=1ms)",
  etcdEntry: "constant(20us)",
  watchDelivery: "lognormal(p50=2ms, p99=20ms)",
  schedulingBase: "constant(100us)",
  schedulingPerNodeFilteredNs: 900,
  schedulingPerNodeScoredNs: 1200,
  schedulingPerNodeDryRunNs: 9000,
  controllerSync: "lognormal(p50=200us, p99=2ms)",
  processRestart: "uniform(10s, 15s)",
  volumeProvision: "lognormal(p50=3s, p99=15s)",
  podSandbox: "lognormal(p50=700ms, p99=2100ms)",
  containerStart: "lognormal(p50=150ms, p99=500ms)",
  containerStop: "lognormal(p50=100ms, p99=1s)",
  imagePullOverhead: "lognormal(p50=300ms, p99=2s)",
};
