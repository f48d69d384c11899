/** IntegralSteps: integrals over a run as they were at some moments, to take a beginning away. */
import type { Micros } from "../sim/kernel/index.ts";

/** Eight bytes for each moment and for each gauge at it. */
export class IntegralSteps {
  readonly #gauges: readonly number[];
  readonly #timesUs: Micros[] = [];
  /** One number for each gauge, time by time. */
  readonly #integrals: number[] = [];

  /** `gauges`: those to keep. */
  constructor(gauges: readonly number[]) {
    this.#gauges = gauges;
  }

  /** Keeps what `integralOf` says of each gauge now. Times never go back. */
  note(nowUs: Micros, integralOf: (gauge: number) => number): void {
    if (this.#timesUs.at(-1) === nowUs) return; // no time has passed
    this.#timesUs.push(nowUs);
    for (const gauge of this.#gauges) this.#integrals.push(integralOf(gauge));
  }

  /** The integral of a gauge at a time that was noted. Throws for any other. O(log n). */
  integralAt(timeUs: Micros, gauge: number): number {
    const column = this.#gauges.indexOf(gauge);
    const row = this.#rowOf(timeUs);
    if (column < 0 || this.#timesUs[row] !== timeUs)
      throw new Error(`no integral of gauge ${gauge} was noted at ${timeUs} us`);
    return this.#integrals[row * this.#gauges.length + column] ?? 0;
  }

  /** The first at the time or later. */
  #rowOf(timeUs: Micros): number {
    let low = 0;
    let high = this.#timesUs.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#timesUs[middle] ?? 0) < timeUs) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
