/** etcd: its members, how it commits, and how much it keeps. */
export interface EtcdOptions {
  /**
   * Members that agree on the log, mostly 1, 3 or 5; etcd takes an even number, too, and advises
   * against it. kubeadm's highly available topology has three.
   */
  readonly members: number;
  /** Whether the leader writes what has come in while its disk was busy as one batch; false: no write waits for another. */
  readonly batching: boolean;
  /** --election-timeout, in milliseconds (etcd default 1000). */
  readonly electionTimeoutMilliseconds: number;
  /** kube-apiserver --etcd-compaction-interval, in seconds (default 5m0s); 0: never. */
  readonly compactionIntervalSeconds: number;
  /** --quota-backend-bytes (etcd default 2 GiB); 0: no quota, and sizes are not estimated. */
  readonly quotaBackendBytes: number;
  /** Changes kept per kind for watchers that resume; older ones get 410 Gone. Our assumption, as the watch cache's. */
  readonly historyPerKind: number;
}

export const defaultEtcd: EtcdOptions = {
  members: 3,
  batching: true,
  electionTimeoutMilliseconds: 1000,
  compactionIntervalSeconds: 300,
  quotaBackendBytes: 2_147_483_648,
  historyPerKind: 4096,
};
