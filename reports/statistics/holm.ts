/** Holm's correction (Holm 1979): p-values of several tests, such that all of them hold together. */

/** Adjusted p-values in the order given; undefined where there is none. */
export function holm(pValues: readonly (number | undefined)[]): (number | undefined)[] {
  const order = pValues
    .map((p, index) => ({ p, index }))
    .filter((each): each is { p: number; index: number } => each.p !== undefined)
    .sort((a, b) => a.p - b.p || a.index - b.index);
  const adjusted: (number | undefined)[] = pValues.map(() => undefined);
  let largest = 0;
  for (const [rank, { p, index }] of order.entries()) {
    largest = Math.max(largest, Math.min(1, (order.length - rank) * p));
    adjusted[index] = largest;
  }
  return adjusted;
}
