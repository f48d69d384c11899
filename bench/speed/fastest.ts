/**
 * Runs the trials in turns, `repetitions` rounds of each, and returns the best figure of each (the
 * least disturbed one). Turns, so that a slow minute of the machine meets all of them.
 */
export function fastest(repetitions: number, trials: readonly (() => number)[]): number[] {
  const best = trials.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < repetitions; round++)
    trials.forEach((trial, index) => {
      best[index] = Math.min(best[index] ?? Number.POSITIVE_INFINITY, trial());
    });
  return best;
}
