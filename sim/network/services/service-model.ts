/** What a user says about the pods behind a Service: how they serve requests, and whom they call. */

/** Keyed by `namespace/name` of the Service. Times are distributions or durations in their text form. */
export interface ServiceModelSettings {
  /** CPU time that a request takes of the pod. */
  readonly serviceTime: string;
  /**
   * Requests that a pod serves at one time; its annotation `stowage.dev/concurrency` comes before. 0:
   * not said, one; for a host outside the cluster any number.
   */
  readonly concurrency: number;
  /** Requests that may wait in a pod; one more is answered with an error (503). -1: any number. */
  readonly queueLimit: number;
  /** Share of a core that a request uses while it is worked on, above 0 up to 64; with 0 the node's CPUs do not matter. */
  readonly cpu: number;
  /** Share of requests that are answered with an error (500), 0 .. 1. */
  readonly errors: number;
  /** Calls to other Services after the own work: one stage after the other, those of a stage at once. */
  readonly calls: readonly (readonly ServiceCallSettings[])[];
}

export interface ServiceCallSettings {
  /** `namespace/name` or `namespace/name:port` */
  readonly to: string;
  /** That it is made, 0 .. 1. */
  readonly probability: number;
  /** How often it is made, at once. */
  readonly times: number;
  /** Share of the calls that a cache in the calling pod answers, 0 .. 1. */
  readonly cacheHits: number;
  /** With false a failure of it fails the caller's answer. */
  readonly isOptional: boolean;
  readonly client: ClientSettings;
}

/** How a client treats its requests: what of `CallPolicy` users may set; all but the first have defaults. */
export interface ClientSettings {
  readonly timeoutUs: number;
  readonly attemptTimeoutUs: number;
  readonly connectTimeoutUs: number;
  readonly attempts: number;
  readonly backoffUs: number;
  readonly backoffMaxUs: number;
  readonly retryBudget: number;
  readonly connections: number;
  readonly isExclusive: boolean;
  /** `node`, or the name of a balancer. */
  readonly balancer: string;
}
