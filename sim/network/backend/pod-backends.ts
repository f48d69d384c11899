/** PodBackends: the contract of the pods' side of calls. `Backends` implements it. */
import type { Micros } from "../../kernel/index.ts";
import type { Call, ServerEnd } from "../call/index.ts";

/** Who is told what becomes of calls at the pods. */
export interface BackendHost {
  /** CPU time of this call, whole us, at least 1. */
  workUs(call: Call): Micros;
  /** The pod has done its own work for the call (call.turnedUs is now); its place is taken until `release`. */
  onWorked(call: Call): void;
  /** The call turns back unserved, as call.outcome says: connection-refused, connection-reset, queue-full. */
  onTurned(call: Call): void;
  /** Nothing comes back: the packets got lost (the node is down, or cut off). */
  onLost(call: Call): void;
}

export interface PodBackends {
  /**
   * The call has reached its endpoint's node: sets call.reachedUs and call.server. It waits, or is
   * worked on, or turns back. `isNew`: it opens a connection, which a pod that stops refuses.
   */
  receive(call: Call, isNew: boolean): void;
  /** The answer has been sent: the place in the pod is free for the next. Nothing for calls whose pod has ended. */
  release(call: Call): void;
  /**
   * Whether what the call's client and its endpoint send each other now gets lost: one of their nodes,
   * or the one by which the call comes in from outside, is down or cut off. On one node nothing is.
   */
  isCutOff(call: Call): boolean;
  /** Whether the client's side knows by now that the server has closed: it ended or began to stop `hopUs` ago or more. */
  isClosed(server: ServerEnd, hopUs: Micros): boolean;
}
