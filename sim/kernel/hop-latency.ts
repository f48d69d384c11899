/**
 * HopLatency: how long one kind of step takes. A distribution together with the hashed draws of its
 * purpose, so that the n-th such step of an object takes the same time under every policy.
 *
 * Hot: a pod's life takes more than a hundred of these. Constants and lognormals, which are nearly
 * all of them, are sampled here and now: a number that is handed from call to call is made on the
 * heap each time.
 */
import { parseTimeDistribution, type TimeDistribution } from "./distribution.ts";
import { type LognormalTable, lognormalTable, lognormalUs } from "./lognormal-table.ts";
import type { Micros } from "./micros.ts";
import { Draws } from "./random.ts";

/** Samples without a table: what is seldom asked for has none. */
const TABLE_FROM = 200;

export class HopLatency {
  readonly #model: TimeDistribution;
  readonly #draws: Draws;
  /** -1: it is not constant. */
  readonly #constantUs: Micros;
  readonly #isLognormal: boolean;
  readonly #mu: number;
  readonly #sigma: number;
  #samples = 0;
  #table: LognormalTable | undefined;

  /**
   * @param text the distribution in its configuration form
   * @param where the setting it comes from, for error messages: `latency.apiNetwork`
   * @param purpose what the draws are for; defaults to `where`
   */
  constructor(seed: string, text: string, where: string, purpose: string = where) {
    this.#model = parseTimeDistribution(text, where);
    this.#draws = new Draws(seed, purpose);
    const { constantUs, lognormal } = this.#model;
    this.#constantUs = constantUs === undefined ? -1 : Math.max(1, constantUs);
    this.#isLognormal = lognormal !== undefined;
    this.#mu = lognormal?.mu ?? 0;
    this.#sigma = lognormal?.sigma ?? 0;
  }

  /** Duration of step `number` of the object with this hash: at least 1 us, since no step is free. */
  us(objectHash: number, number: number): Micros {
    if (this.#constantUs > 0) return this.#constantUs;
    if (!this.#isLognormal)
      return Math.max(1, this.#model.sampleUs(this.#draws.source(objectHash, number)));
    const high = this.#draws.words(objectHash, number);
    if (this.#table !== undefined) return this.#table.us(high, this.#draws.low);
    if (++this.#samples >= TABLE_FROM) this.#table = lognormalTable(this.#mu, this.#sigma);
    return lognormalUs(this.#mu, this.#sigma, high, this.#draws.low);
  }
}
