/**
 * Balancer: a load-balancing policy, the choice of an endpoint for a new connection (kube-proxy,
 * headless clients) or request (ingress controllers, clients that balance themselves).
 * Implementations stand in `policies/balance/`; the simulator is handed them.
 *
 *   export default defineBalancer({
 *     name: "first",
 *     choose: () => 0, // the index of an endpoint
 *   });
 *
 * A policy is pure but for its memory: plain data that the framework keeps for each place that
 * balances (node's proxy, or client) and Service, as each kube-proxy has its own counters.
 */
import type { Micros } from "../../kernel/index.ts";
import type { Endpoint, EndpointSet } from "./endpoint.ts";

/** One connection or request that needs an endpoint. Valid during the call only: one object is reused. */
export interface BalanceRequest {
  readonly nowUs: Micros;
  /** Number of the node that it starts from (-1: outside the cluster), its name and zone, or "". */
  readonly sourceNode: number;
  readonly sourceNodeName: string;
  readonly sourceZone: string;
  /** 32-bit hash of the client's address: all connections of one client have it. */
  readonly clientHash: number;
  /** 32-bit hash of what the request is about (a session, an object): for consistent hashing. */
  readonly keyHash: number;
  /** Two draws in [0, 1) that belong to this request: the same under every policy. */
  readonly uniform: number;
  readonly uniform2: number;
}

export interface BalancerDefinition<Memory extends object> {
  /** As experiments name it: `round-robin`. */
  readonly name: string;
  /** Makes the memory of one place and Service: plain data. Absent: the policy remembers nothing. */
  readonly createMemory?: () => Memory;
  /** The list is another one than at the last choice; called before the first choice too. */
  readonly changed?: (memory: Memory, set: EndpointSet) => void;
  /**
   * The index of the endpoint to use, 0 .. endpoints.length - 1. `memory` may be changed, nothing
   * else. -1: none of them may be used (all weights are 0); the connection is refused.
   */
  choose(set: EndpointSet, request: BalanceRequest, memory: Memory): number;
  /** The chosen endpoint has got a connection (or request, where requests are balanced). */
  readonly opened?: (memory: Memory, endpoint: Endpoint) => void;
  /** It has ended, `latencyUs` after it was opened. The endpoint may have left the list meanwhile. */
  readonly closed?: (
    memory: Memory,
    endpoint: Endpoint,
    latencyUs: Micros,
    isOk: boolean,
    nowUs: Micros,
  ) => void;
}

/** A policy whose memory only the policy itself understands. */
export type Balancer = BalancerDefinition<object>;

/** Declares a load-balancing policy. */
export function defineBalancer<Memory extends object = object>(
  definition: BalancerDefinition<Memory>,
): Balancer {
  return definition as unknown as Balancer;
}
