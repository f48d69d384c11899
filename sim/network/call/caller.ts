/** Caller and ServerBehaviour: what stands at both ends of a call. */
import type { Call } from "./call.ts";

/** Number of a registered caller. */
export type CallerId = number & { readonly __caller?: true };

/** Who makes calls: the traffic, the services' models, the resolver, the ingress controller. */
export interface Caller {
  /** The call has ended, as its outcome says: at the client, now. */
  ended(call: Call): void;
}

/** What the pods of a Service do with a request. */
export interface ServerBehaviour {
  /** CPU time that the request takes, us on a core of its own, at least 1. Asked when it reaches the pod. */
  workUs(call: Call): number;
  /**
   * The pod's own work is done. True: the answer follows later, by `Calls.respond`, and the place
   * in the pod stays taken until then; false: it goes out now, with what `call.outcome` says.
   */
  worked(call: Call): boolean;
}
