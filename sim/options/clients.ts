/** The rate limit of each clientset. */
/** A client's rate limit: client-go's token bucket. `qps` 0 means no limit. */
export interface ClientLimit {
  readonly qps: number;
  readonly burst: number;
}

export const defaultClients: Readonly<Record<string, ClientLimit>> = {
  default: { qps: 5, burst: 10 }, // client-go rest.DefaultQPS, DefaultBurst
  "kube-scheduler": { qps: 50, burst: 100 }, // KubeSchedulerConfiguration clientConnection
  "kube-controller-manager": { qps: 20, burst: 30 }, // --kube-api-qps, --kube-api-burst: for each of its clientsets
  "deployment-controller": { qps: 20, burst: 30 },
  "replicaset-controller": { qps: 20, burst: 30 },
  "statefulset-controller": { qps: 20, burst: 30 },
  "daemon-set-controller": { qps: 20, burst: 30 },
  "job-controller": { qps: 20, burst: 30 },
  "cronjob-controller": { qps: 20, burst: 30 },
  "ttl-after-finished-controller": { qps: 20, burst: 30 },
  "endpointslice-controller": { qps: 20, burst: 30 },
  "node-lifecycle-controller": { qps: 20, burst: 30 },
  "taint-eviction-controller": { qps: 20, burst: 30 },
  "pod-garbage-collector": { qps: 20, burst: 30 },
  "disruption-controller": { qps: 20, burst: 30 },
  "persistent-volume-binder": { qps: 20, burst: 30 },
  "ephemeral-volume-controller": { qps: 20, burst: 30 },
  "horizontal-pod-autoscaler": { qps: 20, burst: 30 },
  "resourcequota-controller": { qps: 20, burst: 30 },
  "service-account-controller": { qps: 20, burst: 30 },
  "generic-garbage-collector": { qps: 40, burst: 30 }, // startGarbageCollectorController: twice the qps, two calls per deletion
  "namespace-controller": { qps: 400, burst: 3000 }, // startNamespaceController: 20 times the qps, 100 times the burst
  "csi-provisioner": { qps: 5, burst: 10 }, // external-provisioner --kube-api-qps, --kube-api-burst
  "kube-scheduler-events": { qps: 50, burst: 100 }, // the same configuration, a clientset of its own
  kubelet: { qps: 50, burst: 100 }, // KubeletConfiguration kubeAPIQPS, kubeAPIBurst
  "kubelet-events": { qps: 0, burst: 0 }, // eventRecordQPS 50 for each node: never reached here
  workload: { qps: 0, burst: 0 }, // many users: no common limit
};

/** Clients that have no limit of their own by default: they take that of `default`. */
const UNLISTED = [
  "coredns",
  "ingress-nginx",
  "kube-proxy",
  "leader-election",
  "service-controller",
];

/** The names that a limit can be given to. */
export const clientNames: readonly string[] = [...Object.keys(defaultClients), ...UNLISTED];
