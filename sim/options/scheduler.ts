/** kube-scheduler. */
export interface SchedulerOptions {
  /** How the nodes of a cycle are evaluated. `verify` runs both and compares. Results are equal. */
  readonly evaluation: "full" | "incremental" | "verify";
  /** Among equal totals: a seeded draw, or the lowest node name. */
  readonly ties: "seeded" | "lowest-name";
  /** percentageOfNodesToScore for every profile, 0..100, 0: adaptive; `profile`: each has its own. */
  readonly percentageOfNodesToScore: number | "profile";
  /** podInitialBackoffSeconds and podMaxBackoffSeconds (defaults 1 and 10), and the flush of unschedulable pods (5 min), in seconds. */
  readonly podInitialBackoffSeconds: number;
  readonly podMaxBackoffSeconds: number;
  readonly podMaxInUnschedulablePodsSeconds: number;
  /** Feature gate SchedulerQueueingHints: plugins say per pod whether an event may help (default false in 1.30). */
  readonly queueingHints: boolean;
}

export const defaultScheduler: SchedulerOptions = {
  evaluation: "incremental",
  ties: "seeded",
  percentageOfNodesToScore: "profile",
  podInitialBackoffSeconds: 1,
  podMaxBackoffSeconds: 10,
  podMaxInUnschedulablePodsSeconds: 300,
  queueingHints: false,
};
