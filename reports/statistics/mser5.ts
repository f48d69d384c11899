/**
 * MSER-5 (White 1997, "An effective truncation heuristic for bias reduction in simulation output"):
 * how much of the beginning of a series to leave out, so that the mean of the rest is known best.
 */

/** Values in a batch. */
const BATCH = 5;

/**
 * How many values to leave out: a multiple of 5, at most half of the series (White, Cobb and Spratt
 * 2000: a minimum in the second half means that the series is too short to tell; then it is half).
 * 0 for fewer than 10 values.
 */
export function mser5(values: ArrayLike<number>): number {
  const count = Math.floor(values.length / BATCH);
  if (count < 2) return 0;
  const means = Float64Array.from({ length: count }, (_, batch) => {
    let sum = 0;
    for (let i = 0; i < BATCH; i++) sum += values[batch * BATCH + i] as number;
    return sum / BATCH;
  });
  // Sums are of distances from one of the values: squares of large values would drown the rest.
  const origin = means[count - 1] as number;
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  let sum = 0;
  let squares = 0;
  for (let from = count - 1; from >= 0; from--) {
    const value = (means[from] as number) - origin;
    const kept = count - from;
    sum += value;
    squares += value * value;
    if (from > count / 2) continue;
    const deviation = Math.max(0, squares - (sum * sum) / kept);
    const error = deviation / (kept * kept);
    if (error <= least) {
      least = error;
      best = from;
    }
  }
  return best * BATCH;
}
