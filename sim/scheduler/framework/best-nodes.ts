/**
 * Chooses among the feasible nodes: the highest total, ties broken as the caller says.
 */
import { type Evaluation, NO_SLOT, type TieBreak } from "./evaluator.ts";
import type { SchedulerCache } from "./scheduler-cache.ts";

/** Fills in the result for `count` feasible slots with their totals, both in evaluation order. */
export function chooseBest(
  result: Evaluation,
  slots: readonly number[],
  totals: readonly number[],
  count: number,
  cache: SchedulerCache,
  tie: TieBreak,
): void {
  let best = -1;
  let bestCount = 0;
  for (let i = 0; i < count; i++) {
    const total = totals[i] ?? 0;
    if (total > best) {
      best = total;
      bestCount = 1;
    } else if (total === best) bestCount++;
  }
  result.bestTotal = Math.max(best, 0);
  result.bestCount = bestCount;
  result.chosenSlot = NO_SLOT;
  if (bestCount === 0) return;
  let skip = tie === undefined ? bestCount : pickIndex(tie, bestCount);
  let lowestName = "";
  for (let i = 0; i < count; i++) {
    if (totals[i] !== best) continue;
    const slot = slots[i] ?? NO_SLOT;
    if (tie === undefined) {
      const { name } = cache.nodeAt(slot);
      if (result.chosenSlot !== NO_SLOT && name >= lowestName) continue;
      lowestName = name;
      result.chosenSlot = slot;
    } else if (skip-- === 0) {
      result.chosenSlot = slot;
      return;
    }
  }
}

/** Asks the caller for the index of the node to take among `count` equals. */
export function pickIndex(pick: (count: number) => number, count: number): number {
  const index = pick(count);
  if (!Number.isInteger(index) || index < 0 || index >= count) {
    throw new Error(`the tie break gave ${index} for ${count} equal nodes`);
  }
  return index;
}
