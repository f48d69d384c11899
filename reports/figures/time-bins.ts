/** Means over equal spans of virtual time, of what a file tells for spans of its own. */

/** Spans on the time axis of a figure. */
export interface TimeGrid {
  readonly count: number;
  /** Length of each, in seconds; not 0. */
  readonly widthS: number;
}

/** `endS`: the end of the longest run. */
export const timeGrid = (endS: number, count: number): TimeGrid => ({
  count,
  widthS: Math.max(endS, 1e-6) / count,
});

/** Sums value times length per span; a span's mean is over the part that the run has told of. */
export class TimeBins {
  readonly #grid: TimeGrid;
  readonly #sums: Float64Array;
  readonly #lengths: Float64Array;

  constructor(grid: TimeGrid) {
    this.#grid = grid;
    this.#sums = new Float64Array(grid.count);
    this.#lengths = new Float64Array(grid.count);
  }

  /** The value held from `startS` to `endS`. */
  add(startS: number, endS: number, value: number): void {
    const { count, widthS } = this.#grid;
    const first = Math.max(0, Math.floor(startS / widthS));
    for (let bin = first; bin < count && bin * widthS < endS; bin++) {
      const length = Math.min(endS, (bin + 1) * widthS) - Math.max(startS, bin * widthS);
      if (length <= 0) continue;
      this.#sums[bin] = (this.#sums[bin] ?? 0) + value * length;
      this.#lengths[bin] = (this.#lengths[bin] ?? 0) + length;
    }
  }

  /** NaN where nothing was told. */
  means(): Float64Array {
    return this.#sums.map((sum, bin) => {
      const length = this.#lengths[bin] ?? 0;
      return length === 0 ? Number.NaN : sum / length;
    });
  }
}
