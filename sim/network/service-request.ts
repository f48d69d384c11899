/** ServiceRequest: one request to a Service on its way, and where its time went. */
import type { ServiceRequestFact } from "../api/index.ts";
import type { HandlerId, Kernel, Micros, SimEvent } from "../kernel/index.ts";
import type { Endpoint } from "./balancer.ts";

export class ServiceRequest {
  /** Number of the source that sent it, and its number there, from 0. */
  readonly source: number;
  readonly number: number;
  /** Number of the node that it started from. */
  readonly node: number;
  readonly endpoint: Endpoint;
  /** Number of the kept-alive connection that it uses; -1: it has one of its own. */
  readonly connection: number;
  readonly startUs: Micros;
  /** Time that a pod has to work on it. */
  readonly workUs: Micros;
  /** One way to the pod, and back. */
  readonly outwardUs: Micros;
  readonly homewardUs: Micros;
  /** It does not keep the run alive. */
  readonly isBackground: boolean;
  /** When it reached the pod's node; its service began; it turned back. -1: not yet, or never. */
  reachedUs: Micros = -1;
  beganUs: Micros = -1;
  turnedUs: Micros = -1;
  outcome: ServiceRequestFact["outcome"] = "ok";
  /** The end of its service, while it is served. */
  timer: SimEvent | undefined = undefined;

  constructor(start: {
    readonly source: number;
    readonly number: number;
    readonly node: number;
    readonly endpoint: Endpoint;
    readonly connection: number;
    readonly startUs: Micros;
    readonly workUs: Micros;
    readonly outwardUs: Micros;
    readonly homewardUs: Micros;
    readonly isBackground: boolean;
  }) {
    this.source = start.source;
    this.number = start.number;
    this.node = start.node;
    this.endpoint = start.endpoint;
    this.connection = start.connection;
    this.startUs = start.startUs;
    this.workUs = start.workUs;
    this.outwardUs = start.outwardUs;
    this.homewardUs = start.homewardUs;
    this.isBackground = start.isBackground;
  }
}

/** Schedules a step of a request. */
export function scheduleStep<B>(
  kernel: Kernel,
  delayUs: Micros,
  handler: HandlerId<ServiceRequest, B>,
  request: ServiceRequest,
  b: B,
): SimEvent {
  return request.isBackground
    ? kernel.background(kernel.nowUs + delayUs, handler, request, b)
    : kernel.after(delayUs, handler, request, b);
}
