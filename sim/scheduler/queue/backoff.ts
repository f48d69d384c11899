/**
 * The back-off of a pod whose attempts failed: `initialUs` after the first attempt, doubling with
 * each further one, at most `maxUs` (kubernetes/pkg/scheduler/internal/queue/scheduling_queue.go,
 * calculateBackoffDuration, v1.30). Defaults there: 1 s and 10 s.
 */
export function backoffUs(attempts: number, initialUs: number, maxUs: number): number {
  let durationUs = initialUs;
  for (let i = 1; i < attempts; i++) {
    if (durationUs > maxUs - durationUs) return maxUs;
    durationUs += durationUs;
  }
  return durationUs;
}
