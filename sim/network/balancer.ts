/**
 * Balancer: a load-balancing policy, the choice that a node's proxy makes for each new connection
 * to a Service. Implementations stand in `policies/balance/`; the simulator is handed one.
 *
 *   export default defineBalancer({
 *     name: "first",
 *     choose: () => 0, // the index of an endpoint
 *   });
 *
 * A policy is pure but for its memory: plain data that the framework keeps for each (node,
 * Service), as each kube-proxy has its own rules and counters.
 */

/** What a proxy knows of one endpoint of a Service. */
export interface Endpoint {
  /** First address of the endpoint, which identifies it: kube-proxy uses no other. */
  readonly address: string;
  /** `namespace/name` of the pod behind it, or "" when its slice names none. */
  readonly podKey: string;
  /** Name of that pod, or "". */
  readonly podName: string;
  /** UID of that pod, or "" when its slice states none. */
  readonly podUid: string;
  /** Name of the node it is on, or "". */
  readonly nodeName: string;
  readonly zone: string;
  readonly isReady: boolean;
  readonly isServing: boolean;
  readonly isTerminating: boolean;
}

/** What a proxy knows of a Service. */
export interface ServiceView {
  /** `namespace/name` */
  readonly key: string;
  /** spec.clusterIP is `None`: there is no virtual IP, its clients choose among the endpoints. */
  readonly isHeadless: boolean;
  /** spec.internalTrafficPolicy: with `Local` only endpoints on the source's node are offered. */
  readonly internalTrafficPolicy: "Cluster" | "Local";
  readonly sessionAffinity: "None" | "ClientIP";
}

/** One connection that needs an endpoint. */
export interface BalanceRequest {
  /** Name of the node that the connection starts from, whose proxy chooses; and its zone, or "". */
  readonly sourceNode: string;
  readonly sourceZone: string;
  /** A draw in [0, 1) that belongs to this connection: the same under every policy. */
  readonly uniform: number;
}

export interface BalancerDefinition<Memory extends object> {
  /** As experiments name it: `round-robin`. */
  readonly name: string;
  /** Makes the memory of one (node, Service): plain data. Absent: the policy remembers nothing. */
  readonly createMemory?: () => Memory;
  /**
   * The index of the endpoint to use, 0 .. endpoints.length - 1. There is at least one; they are
   * ordered by address. `memory` may be changed, nothing else.
   */
  choose(
    service: ServiceView,
    endpoints: readonly Endpoint[],
    request: BalanceRequest,
    memory: Memory,
  ): number;
}

/** A policy whose memory only the policy itself understands. */
export type Balancer = BalancerDefinition<object>;

/** Declares a load-balancing policy. */
export function defineBalancer<Memory extends object = object>(
  definition: BalancerDefinition<Memory>,
): Balancer {
  return definition as unknown as Balancer;
}
