/** The kubelets. */
export interface KubeletOptions {
  /** kubelet serializeImagePulls (default true). */
  readonly serializeImagePulls: boolean;
  /** Pulls at one time when not serial; 0: no limit (kubelet maxParallelImagePulls). */
  readonly maxParallelImagePulls: number;
  /** Bytes per second from the registry to one node. Our assumption: 1 Gbit/s. */
  readonly imageBytesPerSecond: number;
  /** Size of an image that the workload does not state, in bytes. Our assumption; 0: present everywhere. */
  readonly defaultImageBytes: number;
  /** Check again on the node what the scheduler has decided: OutOfcpu, NodeAffinity ... */
  readonly admission: boolean;
  /** Wait before the second restart of a container; doubles (kubelet backOffPeriod: 10 s). */
  readonly crashLoopBackOffInitialSeconds: number;
  /** Longest wait before a restart (kubelet MaxContainerBackOff: 300 s). */
  readonly crashLoopBackOffMaxSeconds: number;
  /** kubelet nodeLeaseDurationSeconds (default 40); a Lease is renewed every quarter of it. */
  readonly nodeLeaseDurationSeconds: number;
  /** kubelet nodeStatusUpdateFrequency (default 10 s): how often a change of status is reported. */
  readonly nodeStatusUpdateFrequencySeconds: number;
}

export const defaultKubelet: KubeletOptions = {
  serializeImagePulls: true,
  maxParallelImagePulls: 0,
  imageBytesPerSecond: 125_000_000,
  defaultImageBytes: 500_000_000,
  admission: true,
  crashLoopBackOffInitialSeconds: 10,
  crashLoopBackOffMaxSeconds: 300,
  nodeLeaseDurationSeconds: 40,
  nodeStatusUpdateFrequencySeconds: 10,
};
