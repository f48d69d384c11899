/** Endpoint: one address behind a Service, as a proxy or another client of the API knows it. */

export interface Endpoint {
  /** First address of the endpoint, which identifies it: kube-proxy uses no other. */
  readonly address: string;
  /**
   * A small whole number, 0 or more, that stays with the address for as long as its Service has
   * it, from list to list: what a balancer keeps by endpoint goes into arrays by slot. The slot of
   * an address that is gone is given to another one later.
   */
  readonly slot: number;
  /** `namespace/name` of the pod behind it, or "" when its slice names none. */
  readonly podKey: string;
  /** Name of that pod, or "". */
  readonly podName: string;
  /** UID of that pod, or "" when its slice states none. */
  readonly podUid: string;
  /** Name and number (see NetworkNodes; -1: unknown) of the node it is on. */
  readonly nodeName: string;
  readonly node: number;
  readonly zone: string;
  readonly isReady: boolean;
  readonly isServing: boolean;
  readonly isTerminating: boolean;
  /** Share of the connections that a weighted balancer gives it: 0 or more, 1 by default. */
  readonly weight: number;
}

/** What is known of the Service. */
export interface ServiceView {
  /** `namespace/name` */
  readonly key: string;
  /** spec.clusterIP is `None`: there is no virtual IP, its clients choose among the endpoints. */
  readonly isHeadless: boolean;
  readonly sessionAffinity: "None" | "ClientIP";
}

/** The endpoints that a choice is made from: a new object whenever the list changes. */
export interface EndpointSet {
  readonly service: ServiceView;
  /** Ordered by address; at least one whenever a balancer is asked. */
  readonly endpoints: readonly Endpoint[];
  /** One more than the greatest slot. */
  readonly slotCount: number;
}
