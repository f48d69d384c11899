/** How many seeds a question needs. */
import { halfWidth } from "./spread.ts";

/** Beyond this a question is not worth its answer. */
export const SEEDS_MAX = 10_000;

/**
 * How many more values would settle the sign of a mean, if mean and deviation stay as they are: until
 * the 95 % t-interval leaves zero out. 0: it does. undefined: not with SEEDS_MAX values.
 */
export function moreToSettle(mean: number, sd: number, n: number): number | undefined {
  const needed = sizeFor(sd, Math.abs(mean));
  return needed === undefined ? undefined : Math.max(0, needed - n);
}

/**
 * The smallest sample whose 95 % interval of the mean is at most `width` to each side; at least 2.
 * undefined: more than SEEDS_MAX.
 */
export function sizeFor(sd: number, width: number): number | undefined {
  const isEnough = (n: number): boolean => halfWidth(sd, n) < width || (sd === 0 && width > 0);
  if (!isEnough(SEEDS_MAX)) return undefined;
  let low = 1; // not enough
  let high = SEEDS_MAX;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (isEnough(middle)) high = middle;
    else low = middle;
  }
  return high;
}
