/** Quantiles of a sorted sample. */

/**
 * Quantile of type 7 (Hyndman and Fan 1996; the default of R, NumPy and Excel): linear between the
 * two neighbouring order statistics at place (count - 1) * probability.
 *
 * @param count how many values there are, at least 1
 * @param at gives the value at a place 0..count-1 in ascending order
 * @param probability 0..1
 */
export function quantileType7(
  count: number,
  at: (place: number) => number,
  probability: number,
): number {
  if (count < 1) throw new Error("an empty sample has no quantiles");
  const place = (count - 1) * probability;
  const below = Math.floor(place);
  const low = at(below);
  if (below + 1 >= count) return low;
  return low + (at(below + 1) - low) * (place - below);
}
