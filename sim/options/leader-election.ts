/** Leader election of kube-controller-manager and kube-scheduler: the flags --leader-elect-*. */
export interface LeaderElectionOptions {
  /** Replicas: one works, the others stand by. Default one, as kubeadm init makes. */
  readonly replicas: number;
  /** --leader-elect. */
  readonly leaderElect: boolean;
  /** --leader-elect-lease-duration, in seconds: a lease that was not renewed for so long may be taken. */
  readonly leaseDurationSeconds: number;
  /** --leader-elect-renew-deadline, in seconds: a leader that cannot renew for so long exits. */
  readonly renewDeadlineSeconds: number;
  /** --leader-elect-retry-period, in seconds: between two renewals, or two tries. */
  readonly retryPeriodSeconds: number;
}

/** component-base/config/v1alpha1/defaults.go. */
export const defaultLeaderElection: LeaderElectionOptions = {
  replicas: 1,
  leaderElect: true,
  leaseDurationSeconds: 15,
  renewDeadlineSeconds: 10,
  retryPeriodSeconds: 2,
};
