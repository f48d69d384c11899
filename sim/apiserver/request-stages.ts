/**
 * RequestStages: how long the stages of a request take in the server itself, from its seat until it
 * goes to etcd or is answered. What stands in admission's way beside (webhooks, quotas) comes on top.
 */
import { HopLatency, type Micros } from "../kernel/index.ts";
import type { LatencyOptions } from "../options/index.ts";
import type { ApiCall } from "./api-call.ts";

export type StageLatency = Pick<
  LatencyOptions,
  | "apiAuthentication"
  | "apiAuthorization"
  | "apiHandling"
  | "apiMutatingAdmission"
  | "apiValidatingAdmission"
  | "apiRead"
>;

export class RequestStages {
  readonly #every: readonly HopLatency[];
  readonly #ofWrites: readonly HopLatency[];
  readonly #ofReads: readonly HopLatency[];

  constructor(seed: string, latency: StageLatency) {
    const stage = (name: keyof StageLatency): HopLatency =>
      new HopLatency(seed, latency[name], `latency.${name}`);
    this.#every = [stage("apiAuthentication"), stage("apiAuthorization"), stage("apiHandling")];
    this.#ofWrites = [stage("apiMutatingAdmission"), stage("apiValidatingAdmission")];
    this.#ofReads = [stage("apiRead")];
  }

  us({ mutates, drawHash, drawNumber }: ApiCall): Micros {
    let totalUs = 0;
    for (const stage of this.#every) totalUs += stage.us(drawHash, drawNumber);
    for (const stage of mutates ? this.#ofWrites : this.#ofReads)
      totalUs += stage.us(drawHash, drawNumber);
    return totalUs;
  }
}
