/** Student's t, for confidence intervals of a mean. */

/** 97.5 % quantiles for 1..30 degrees of freedom (NIST/SEMATECH e-Handbook, 1.3.6.7.2). */
const quantiles = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145,
  2.131, 2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048,
  2.045, 2.042,
];

/** For more degrees of freedom: the tabled one below, so that no interval is too narrow. */
const coarse: readonly (readonly [freedom: number, quantile: number])[] = [
  [100, 1.984],
  [60, 2.0],
  [40, 2.021],
  [30, 2.042],
];

/** The 97.5 % quantile of Student's t: half the width of a 95 % interval in standard errors. */
export function studentT975(degreesOfFreedom: number): number {
  if (degreesOfFreedom < 1)
    throw new Error(`${degreesOfFreedom} degrees of freedom: want 1 or more`);
  const exact = quantiles[degreesOfFreedom - 1];
  if (exact !== undefined) return exact;
  return coarse.find(([freedom]) => degreesOfFreedom >= freedom)?.[1] ?? 12.706;
}
