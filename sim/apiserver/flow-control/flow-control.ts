/**
 * FlowControl: decides when a request that has arrived may run. Each API server has one: either the
 * limit on requests in flight, or API Priority and Fairness.
 */
import type { ApiCall } from "../api-call.ts";

/** The API server, as its flow control sees it. */
export interface FlowControlHost {
  /** The request runs now; `finish` will be called when it is done. */
  start(call: ApiCall): void;
  /** The request is refused with 429 and Retry-After; `finish` will not be called for it. */
  refuse(call: ApiCall, message: string, retryAfterSeconds: number): void;
  /** How many watches will be told of a change of such an object. */
  watchCount(kind: string): number;
  /** What tells clients of one name apart (see ClientHub.client). */
  identityOf(call: ApiCall): string;
}

/** Its state is plain data in `state` of whoever implements it, kept by the kernel. */
export interface FlowControl {
  /** A request has arrived: it is started or refused, at once or later. */
  arrive(call: ApiCall): void;
  /** A started request is done: its seats are free. */
  finish(call: ApiCall): void;
  /** The server has died: nothing runs or waits any more. */
  reset(): void;
}

/** The refusal of kube-apiserver, as client-go words it (apimachinery/pkg/api/errors). */
export const TOO_MANY_REQUESTS =
  "the server has received too many requests and has asked us to try again later";
