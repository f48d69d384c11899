import { allocatedBytes } from "../allocated-bytes.ts";
import { collectYoungGarbage } from "../collect-garbage.ts";
import { cpuClockNs } from "../cpu-clock.ts";

/**
 * Prepares so many decisions, unmeasured, and returns the work that makes them. The work tells how
 * many milliseconds went by with what is no part of a decision, or nothing.
 */
export type PrepareDecisions = (count: number) => () => number | undefined;

export interface DecisionFigures {
  /** Processor time per decision: the best round's mean. */
  readonly us: number;
  readonly bytes: number;
}

export interface MeasureOptions {
  /** Decisions that are not measured, first: caches fill, the compiler warms up. */
  readonly warmUp: number;
  readonly rounds: number;
  /** Processor time that a round should take. */
  readonly roundMs: number;
  readonly roundDecisionsMax: number;
}

/** Measures decisions in rounds, and then in one more round what they allocate. */
export function measureDecisions(
  prepare: PrepareDecisions,
  { warmUp, rounds, roundMs, roundDecisionsMax }: MeasureOptions,
): DecisionFigures {
  const timeNs = (count: number): number => {
    const work = prepare(count);
    collectYoungGarbage();
    const from = cpuClockNs();
    const fromMs = performance.now();
    const asideMs = work() ?? 0;
    const decisions = 1 - asideMs / (performance.now() - fromMs);
    return (decisions * (cpuClockNs() - from)) / count;
  };
  timeNs(warmUp);
  const roughNs = timeNs(Math.max(10, Math.ceil(warmUp / 10)));
  const wanted = Math.ceil((roundMs * 1e6) / Math.max(roughNs, 1));
  const count = Math.min(roundDecisionsMax, Math.max(10, wanted));
  let bestNs = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) bestNs = Math.min(bestNs, timeNs(count));
  const work = prepare(count);
  collectYoungGarbage();
  const bytes = allocatedBytes(work) / count;
  return { us: bestNs / 1000, bytes };
}
