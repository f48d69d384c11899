/**
 * HopLatency: how long one kind of step takes. A distribution together with the hashed draws of its
 * purpose, so that the n-th such step of an object takes the same time under every policy.
 */
import { parseTimeDistribution, type TimeDistribution } from "./distribution.ts";
import type { Micros } from "./micros.ts";
import { Draws } from "./random.ts";

export class HopLatency {
  readonly #model: TimeDistribution;
  readonly #draws: Draws;

  /**
   * @param text the distribution in its configuration form
   * @param where the setting it comes from, for error messages: `latency.apiNetwork`
   * @param purpose what the draws are for; defaults to `where`
   */
  constructor(seed: string, text: string, where: string, purpose: string = where) {
    this.#model = parseTimeDistribution(text, where);
    this.#draws = new Draws(seed, purpose);
  }

  /** Duration of step `number` of the object with this hash: at least 1 us, since no step is free. */
  us(objectHash: number, number: number): Micros {
    return Math.max(1, this.#model.sampleUs(this.#draws.source(objectHash, number)));
  }
}
