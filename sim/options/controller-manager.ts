/** kube-controller-manager. Names are those of its flags. */
export interface ControllerManagerOptions {
  /** Flags --horizontal-pod-autoscaler-..., and --concurrent-horizontal-pod-autoscaler-syncs. */
  readonly horizontalPodAutoscaler: {
    readonly syncPeriodSeconds: number;
    /** A usage ratio this near to 1 changes nothing. */
    readonly tolerance: number;
    readonly downscaleStabilizationSeconds: number;
    readonly cpuInitializationPeriodSeconds: number;
    readonly initialReadinessDelaySeconds: number;
    readonly concurrentSyncs: number;
  };
  /**
   * Which controllers run, as --controllers has it: `*` all that are on by default, `foo` that one
   * too, `-foo` not that one. Names are kube-controller-manager's: `deployment-controller`, ...
   */
  readonly controllers: readonly string[];
  /** --node-monitor-period: how often the health of nodes is looked at. */
  readonly nodeMonitorPeriodSeconds: number;
  /** --node-monitor-grace-period: silence after which a node counts as not ready. */
  readonly nodeMonitorGracePeriodSeconds: number;
  /** --node-startup-grace-period: the same for a node that never said anything. */
  readonly nodeStartupGracePeriodSeconds: number;
  /** --node-eviction-rate: nodes per second whose pods are evicted in a healthy zone. */
  readonly nodeEvictionRate: number;
  /** --secondary-node-eviction-rate: in a large zone that is partly broken. */
  readonly secondaryNodeEvictionRate: number;
  /** --large-cluster-size-threshold: nodes from which on a zone counts as large. */
  readonly largeClusterSizeThreshold: number;
  /** --unhealthy-zone-threshold: share of nodes not ready from which on a zone is partly broken. */
  readonly unhealthyZoneThreshold: number;
  /** --terminated-pod-gc-threshold: finished pods that are kept; 0: all. */
  readonly terminatedPodGcThreshold: number;
  /** podgc gcCheckPeriod. */
  readonly podGcPeriodSeconds: number;
  /** podgc quarantineTime: how long a node has to be missing before its pods are removed. */
  readonly podGcQuarantineSeconds: number;
  /** Jobs heed spec.successPolicy: --feature-gates=JobSuccessPolicy=true, alpha in v1.30. */
  readonly jobSuccessPolicy: boolean;
  /** --concurrent-service-syncs: load balancers that the cloud is asked for at one time. */
  readonly concurrentServiceSyncs: number;
  /** The cloud makes, or deletes, one load balancer: a distribution. Our assumption. */
  readonly loadBalancerProvision: string;
}

export const defaultControllerManager: ControllerManagerOptions = {
  horizontalPodAutoscaler: {
    syncPeriodSeconds: 15,
    tolerance: 0.1,
    downscaleStabilizationSeconds: 300,
    cpuInitializationPeriodSeconds: 300,
    initialReadinessDelaySeconds: 30,
    concurrentSyncs: 5,
  },
  controllers: ["*"],
  nodeMonitorPeriodSeconds: 5,
  nodeMonitorGracePeriodSeconds: 40,
  nodeStartupGracePeriodSeconds: 60,
  nodeEvictionRate: 0.1,
  secondaryNodeEvictionRate: 0.01,
  largeClusterSizeThreshold: 50,
  unhealthyZoneThreshold: 0.55,
  terminatedPodGcThreshold: 12_500,
  podGcPeriodSeconds: 20,
  podGcQuarantineSeconds: 40,
  jobSuccessPolicy: false,
  concurrentServiceSyncs: 1,
  loadBalancerProvision: "lognormal(p50=20s, p99=60s)",
};
