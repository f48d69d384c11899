/** Confidence intervals of means of values that depend on each other, by the method of batch means. */

export interface Estimate {
  readonly mean: number;
  /** Half width of its 99 % confidence interval. */
  readonly halfWidth: number;
}

const BATCHES = 30;
/** Two-sided 99 % quantile of Student's t with 29 degrees of freedom. */
const T_29 = 2.756;

/**
 * The mean of a stationary series after its first tenth. Batches must be long against the time in
 * which the series forgets (Law, Simulation Modeling and Analysis, section 9.5.3).
 */
export function batchMeans(series: readonly number[]): Estimate {
  const values = series.slice(Math.floor(series.length / 10));
  const size = Math.floor(values.length / BATCHES);
  const means = Array.from({ length: BATCHES }, (_, i) =>
    average(values.slice(i * size, (i + 1) * size)),
  );
  const mean = average(means);
  let squares = 0;
  for (const value of means) squares += (value - mean) * (value - mean);
  return { mean, halfWidth: T_29 * Math.sqrt(squares / (BATCHES - 1) / BATCHES) };
}

export function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
