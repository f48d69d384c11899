/** The API server: its replicas and limits, and what it admits. */

/** A webhook that is asked before a write is stored, as a model: its time and its verdicts. */
export interface WebhookOptions {
  /** `policy.example.com` */
  readonly name: string;
  /** `mutating` ones are called one after the other, `validating` ones all at once. */
  readonly type: "mutating" | "validating";
  /** Kinds that it is asked about (`Pod`), `*` for all; subresources never. */
  readonly kinds: readonly string[];
  /** Default CREATE alone. */
  readonly operations?: readonly ("CREATE" | "UPDATE" | "DELETE")[];
  /** Namespaces that it is asked about; absent: all. */
  readonly namespaces?: readonly string[];
  /** How long it takes to answer, a distribution. */
  readonly latency: string;
  /** A longer answer counts as a failure: default 10, as in admissionregistration.k8s.io/v1. */
  readonly timeoutSeconds?: number;
  /** What a failure means: the request fails (default), or goes on. */
  readonly failurePolicy?: "Fail" | "Ignore";
  /** Share of requests that it denies, 0 to 1; default 0. */
  readonly rejectionRate?: number;
  /** What it says then. */
  readonly message?: string;
}

export interface ApiServerOptions {
  /** API servers behind a balancer. Default one, as kubeadm init makes. */
  readonly replicas: number;
  /** kube-apiserver --max-requests-inflight, --max-mutating-requests-inflight (defaults 400 and 200). */
  readonly maxRequestsInflight: number;
  readonly maxMutatingRequestsInflight: number;
  /**
   * API Priority and Fairness, as in kube-apiserver since 1.20: the two limits above are summed up
   * and divided among the priority levels. Off: reads and writes have a limit each, without a queue.
   */
  readonly priorityAndFairness: boolean;
  /** kube-apiserver --request-timeout (60 s): no request takes longer, and none waits a quarter of it in a queue. */
  readonly requestTimeoutSeconds: number;
  /** kube-apiserver --disable-admission-plugins: those of the modelled ones that are off. */
  readonly disableAdmissionPlugins: readonly string[];
  /** Admission webhooks that are configured in the cluster. */
  readonly webhooks: readonly WebhookOptions[];
  /** kube-apiserver --service-cluster-ip-range; kubeadm's default. IPv4. */
  readonly serviceClusterIpRange: string;
  /** kube-apiserver --service-node-port-range. */
  readonly serviceNodePortRange: string;
  /** Services may say `trafficDistribution`: --feature-gates=ServiceTrafficDistribution=true, alpha in v1.30. */
  readonly serviceTrafficDistribution: boolean;
}

export const defaultApiServer: ApiServerOptions = {
  replicas: 1,
  maxRequestsInflight: 400,
  maxMutatingRequestsInflight: 200,
  priorityAndFairness: true,
  requestTimeoutSeconds: 60,
  disableAdmissionPlugins: [],
  webhooks: [],
  serviceClusterIpRange: "10.96.0.0/12",
  serviceNodePortRange: "30000-32767",
  serviceTrafficDistribution: false,
};
