/** What every profile can be told besides its plugins. */
export interface ProfileOptions {
  /** schedulerName of the pods that it serves; "default-scheduler" when missing. */
  readonly schedulerName?: string;
  /** 0 (the default): adaptive, as kube-scheduler; 1..100: that share of the nodes. */
  readonly percentageOfNodesToScore?: number;
}
