/**
 * RequestDeadline: a request that is not long-running ends after --request-timeout with 504, and a
 * write that etcd has not committed after its own timeout with etcd's error. What was proposed to
 * etcd goes on without anybody who waits: the write may still be done.
 *
 * Costs nothing where nothing is slow: the caller asks for a limit only where etcd is slow or has no
 * leader, or where the stages of a request would take longer than it has.
 *
 * Sources: apiserver/pkg/server/filters/timeout.go, apiserver/pkg/endpoints/handlers/finisher and
 * etcdserver/v3_server.go (processInternalRaftRequestOnce) of v1.30 and etcd 3.5.
 */
import { REQUEST_TIMED_OUT } from "../etcd/index.ts";
import type { HandlerId, Kernel, Micros } from "../kernel/index.ts";
import type { ApiCall } from "./api-call.ts";

/** How a request that took too long is answered. */
export interface Lateness {
  readonly code: 500 | 504;
  readonly reason: "" | "Timeout";
  readonly message: string;
}

/** The filter's and the finisher's words: the one for reads, the other for writes. */
const READ_TIMED_OUT = "Timeout: request did not complete within the allotted timeout";
const WRITE_TIMED_OUT =
  "Timeout: request did not complete within requested timeout - context deadline exceeded";

export class RequestDeadline {
  readonly #kernel: Kernel;
  readonly #timeoutUs: Micros;
  readonly #due: HandlerId<ApiCall, Micros>;

  /** `onLate` answers a request that its server still has; the request itself may go on. */
  constructor(
    kernel: Kernel,
    timeoutSeconds: number,
    onLate: (call: ApiCall, lateness: Lateness) => void,
  ) {
    this.#kernel = kernel;
    this.#timeoutUs = timeoutSeconds * 1_000_000;
    this.#due = kernel.handler("apiserver/deadline", (call, arrivedUs) => {
      // Answered meanwhile, lost with its server, or sent anew.
      if (call.server < 0 || call.place < 0 || call.arrivedUs !== arrivedUs) return;
      onLate(call, this.#lateness(call));
    });
  }

  /** Whether a request that needs `delayUs` more would be too late. */
  isMissed({ arrivedUs, verb }: ApiCall, delayUs: Micros): boolean {
    return this.#kernel.nowUs + delayUs > arrivedUs + this.#timeoutUs && verb !== "watch";
  }

  /** The request is answered when its time is over: nothing else comes of it. */
  end(call: ApiCall): void {
    const dueUs = Math.max(this.#kernel.nowUs, call.arrivedUs + this.#timeoutUs);
    this.#kernel.at(dueUs, this.#due, call, call.arrivedUs);
  }

  /** A request that waits for etcd is answered when its time is over, or etcd's timeout. */
  limit(call: ApiCall, etcdTimeoutUs: Micros): void {
    const { nowUs } = this.#kernel;
    const dueUs = Math.max(
      nowUs,
      Math.min(call.arrivedUs + this.#timeoutUs, nowUs + etcdTimeoutUs),
    );
    this.#kernel.background(dueUs, this.#due, call, call.arrivedUs);
  }

  #lateness({ arrivedUs, mutates }: ApiCall): Lateness {
    if (this.#kernel.nowUs < arrivedUs + this.#timeoutUs)
      return { code: 500, reason: "", message: REQUEST_TIMED_OUT };
    const message = mutates ? WRITE_TIMED_OUT : READ_TIMED_OUT;
    return { code: 504, reason: "Timeout", message };
  }
}
