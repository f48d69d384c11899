/**
 * Two different positions of a list by two draws: for policies that compare two endpoints taken at
 * random.
 */
export function firstOfTwo(count: number, uniform: number): number {
  return Math.floor(uniform * count);
}

/** The other one; the same as the first only when the list has no other. */
export function secondOfTwo(count: number, first: number, uniform2: number): number {
  if (count === 1) return first;
  const other = Math.floor(uniform2 * (count - 1));
  return other < first ? other : other + 1;
}
