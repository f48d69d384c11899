/**
 * Slow start: many creations go in batches that double while none fails, so that a controller whose
 * requests are all refused does not flood the API server.
 *
 * Source: slowStartBatch and SlowStartInitialBatchSize in pkg/controller of v1.30.
 */

/** State of one slow start. */
export interface SlowStart {
  /** Creations that were not tried yet. */
  remaining: number;
  batchSize: number;
  /** Creations of the current batch that failed. */
  failures: number;
}

export function slowStart(count: number): SlowStart {
  return { remaining: count, batchSize: 1, failures: 0 };
}

/** Size of the next batch, which is then under way; 0: all were tried. */
export function nextBatch(start: SlowStart): number {
  const size = Math.min(start.batchSize, start.remaining);
  start.remaining -= size;
  start.batchSize = 2 * size;
  start.failures = 0;
  return size;
}
