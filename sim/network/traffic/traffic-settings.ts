/** What a user says about requests to one Service, or through an Ingress. */
import type { Micros } from "../../kernel/index.ts";
import type { IngressRequest } from "../ingress/index.ts";
import type { ClientSettings } from "../services/index.ts";

/** Times are distributions in their text form. */
export interface TrafficSettings {
  /** As reports name it; "": the target's name. */
  readonly name: string;
  /** `namespace/name` of the Service; "" with an ingress. */
  readonly service: string;
  /** Name or number of the Service's port; "": its first. */
  readonly port: string;
  /** A request to an Ingress instead. */
  readonly ingress: IngressRequest | undefined;
  /**
   * Where requests start: the name of a node, `random-node` (drawn for each), `each-node` in turn,
   * or `outside` (through NodePort or LoadBalancer).
   */
  readonly from: string;
  /**
   * When requests come, whether or not earlier ones were answered (open loop): a distribution of
   * gaps, or a process (see arrival-process.ts). "": closed loop.
   */
  readonly arrivals: string;
  /** Closed loop: clients, each of which sends its next request `thinkTime` after its last answer. 0: open loop. */
  readonly clients: number;
  readonly thinkTime: string;
  /** CPU time that a pod takes for one request; "": what the Service's model says. */
  readonly serviceTime: string;
  /** Addresses that requests of an open loop come from, in turn; session affinity goes by them. */
  readonly addresses: number;
  /** Things that requests are about, drawn for each (Zipf's law with this exponent): for consistent hashing. 0: one of its own for each. */
  readonly keys: number;
  readonly keySkew: number;
  readonly client: ClientSettings;
  /** Virtual time before which no request is sent. */
  readonly startUs: Micros;
  /** Requests in all; undefined: without end. */
  readonly requests: number | undefined;
  /** Virtual time after which no request is sent; undefined: none. */
  readonly untilUs?: Micros | undefined;
}
