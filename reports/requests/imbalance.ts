/** How unevenly requests fall upon the endpoints that got any. */
export interface Imbalance {
  /** Endpoints with at least one request. */
  readonly endpoints: number;
  /** Standard deviation over mean of the requests per endpoint (of all of them: n, not n - 1). */
  readonly cv: number;
  /** The most that an endpoint got, over the mean: 1 is even. */
  readonly maxOverMean: number;
}

/** Of the requests per endpoint; zeros where there is no endpoint. O(endpoints). */
export function imbalanceOf(requests: readonly number[]): Imbalance {
  let endpoints = 0;
  let sum = 0;
  let max = 0;
  for (const count of requests) {
    if (count === 0) continue;
    endpoints++;
    sum += count;
    if (count > max) max = count;
  }
  if (endpoints === 0) return { endpoints, cv: 0, maxOverMean: 0 };
  const mean = sum / endpoints;
  let squares = 0;
  for (const count of requests) if (count > 0) squares += (count - mean) * (count - mean);
  return { endpoints, cv: Math.sqrt(squares / endpoints) / mean, maxOverMean: max / mean };
}
