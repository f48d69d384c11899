/**
 * The limit on requests in flight, for API servers without Priority and Fairness: a fixed number of
 * seats for reads and one for writes (kube-apiserver --max-requests-inflight,
 * --max-mutating-requests-inflight). Who finds none free is refused at once with 429: there is no
 * queue. Watches and members of system:masters need no seat.
 * Source: apiserver/pkg/server/filters/maxinflight.go of v1.30.
 */
import type { Kernel } from "../../kernel/index.ts";
import type { ApiCall } from "../api-call.ts";
import { userOf } from "../identity.ts";
import { type FlowControl, type FlowControlHost, TOO_MANY_REQUESTS } from "./flow-control.ts";

interface InFlightState {
  mutating: number;
  readOnly: number;
}

export interface InFlightSettings {
  readonly maxRequestsInflight: number;
  readonly maxMutatingRequestsInflight: number;
}

export class InFlightLimit implements FlowControl {
  state: InFlightState = { mutating: 0, readOnly: 0 };
  readonly #settings: InFlightSettings;
  readonly #host: FlowControlHost;

  /** `name` is unique in the cluster. */
  constructor(kernel: Kernel, name: string, settings: InFlightSettings, host: FlowControlHost) {
    this.#settings = settings;
    this.#host = host;
    kernel.keep(name, this);
  }

  arrive(call: ApiCall): void {
    const { maxMutatingRequestsInflight, maxRequestsInflight } = this.#settings;
    call.seats = 1;
    if (call.verb === "watch") call.seats = 0;
    else if (call.mutates) {
      if (this.state.mutating >= maxMutatingRequestsInflight) return this.#withoutSeat(call);
      this.state.mutating++;
    } else {
      if (this.state.readOnly >= maxRequestsInflight) return this.#withoutSeat(call);
      this.state.readOnly++;
    }
    this.#host.start(call);
  }

  finish(call: ApiCall): void {
    if (call.seats === 0) return;
    if (call.mutates) this.state.mutating--;
    else this.state.readOnly--;
  }

  reset(): void {
    this.state = { mutating: 0, readOnly: 0 };
  }

  #withoutSeat(call: ApiCall): void {
    const { groups } = userOf(call.clientName, this.#host.identityOf(call));
    if (!groups.includes("system:masters")) return this.#host.refuse(call, TOO_MANY_REQUESTS, 1);
    call.seats = 0;
    this.#host.start(call);
  }
}
