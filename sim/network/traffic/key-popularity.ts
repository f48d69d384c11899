/** KeyPopularity: which of `count` keys a request is about, by Zipf's law: key k has weight (k + 1)^-skew. */
export class KeyPopularity {
  /** Shares of keys up to each; empty when all are alike. */
  readonly #cumulated: Float64Array;
  readonly #count: number;

  /** `count` 1 or more: 8 bytes each unless `skew` is 0. */
  constructor(count: number, skew: number) {
    this.#count = count;
    this.#cumulated = new Float64Array(skew === 0 ? 0 : count);
    let sum = 0;
    for (let k = 0; k < this.#cumulated.length; k++) {
      sum += Math.exp(-skew * Math.log(k + 1));
      this.#cumulated[k] = sum;
    }
    for (let k = 0; k < this.#cumulated.length; k++)
      this.#cumulated[k] = (this.#cumulated[k] ?? 0) / sum;
  }

  /** The key for a draw in [0, 1): 0 .. count - 1, the most popular first. O(log count). */
  keyAt(uniform: number): number {
    const cumulated = this.#cumulated;
    if (cumulated.length === 0) return Math.floor(uniform * this.#count);
    let low = 0;
    let high = cumulated.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((cumulated[middle] ?? 1) > uniform) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
