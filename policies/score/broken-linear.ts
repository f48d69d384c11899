/**
 * A function through given points, in whole numbers: the shape of RequestedToCapacityRatio.
 *
 * Source: kubernetes/pkg/scheduler/framework/plugins/helper/shape_score.go, v1.30.
 */

/** One point of the shape: `utilization` in percent, 0..100; `score` 0..10. */
export interface ShapePoint {
  readonly utilization: number;
  readonly score: number;
}

/** Highest score of a shape point as users write it (MaxCustomPriorityScore). */
export const SHAPE_SCORE_MAX = 10;

/**
 * The broken line through `points` (utilisation rising), level before the first and after the
 * last. The slope's division truncates toward zero, as Go's.
 */
export function brokenLinear(points: readonly ShapePoint[]): (utilization: number) => number {
  const at = points.map((point) => point.utilization);
  const scores = points.map((point) => point.score);
  const last = scores.at(-1) ?? 0;
  return (utilization) => {
    for (let i = 0; i < at.length; i++) {
      const x = at[i] ?? 0;
      if (utilization > x) continue;
      const y = scores[i] ?? 0;
      if (i === 0) return y;
      const x0 = at[i - 1] ?? 0;
      const y0 = scores[i - 1] ?? 0;
      return y0 + Math.trunc(((y - y0) * (utilization - x0)) / (x - x0));
    }
    return last;
  };
}
