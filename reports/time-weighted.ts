/** TimeWeighted: quantities that stand still between changes, and their means over time. */
import type { Micros } from "../sim/kernel/index.ts";

/**
 * A row of gauges over one clock. Change `values` only after `advance` to the moment of the
 * change; every mean is then the integral of the value divided by the time.
 */
export class TimeWeighted {
  /** What holds from `nowUs` on. */
  readonly values: Float64Array;
  nowUs: Micros;
  readonly #integrals: Float64Array;
  #sinceUs: Micros;

  constructor(gauges: number, startUs: Micros) {
    this.values = new Float64Array(gauges);
    this.#integrals = new Float64Array(gauges);
    this.nowUs = startUs;
    this.#sinceUs = startUs;
  }

  /** Moves the clock on (never back). O(gauges). */
  advance(toUs: Micros): void {
    const span = toUs - this.nowUs;
    if (span === 0) return;
    if (span < 0) throw new Error(`time runs backwards: from ${this.nowUs} us to ${toUs} us`);
    for (let i = 0; i < this.values.length; i++)
      this.#integrals[i] = (this.#integrals[i] ?? 0) + (this.values[i] ?? 0) * span;
    this.nowUs = toUs;
  }

  /** Mean of a gauge since the start or the last `restart`; its value when no time has passed. */
  mean(gauge: number): number {
    const span = this.nowUs - this.#sinceUs;
    return span === 0 ? (this.values[gauge] ?? 0) : (this.#integrals[gauge] ?? 0) / span;
  }

  /** Integral of a gauge since the start or the last `restart`, in its unit times microseconds. */
  integral(gauge: number): number {
    return this.#integrals[gauge] ?? 0;
  }

  /** Begins a new span of time at now; the values stay. */
  restart(): void {
    this.#integrals.fill(0);
    this.#sinceUs = this.nowUs;
  }
}
