/**
 * Candidates: which nodes a cycle walks, in which order, and when it may stop.
 */
import { type NodeLimits, nodesToFind } from "./sampling.ts";
import type { SchedulerCache } from "./scheduler-cache.ts";

/** Reused by each cycle. */
export interface Candidates {
  /** Slots to walk, circularly from `start`. */
  slots: readonly number[];
  start: number;
  /** So many feasible nodes are enough; the walk ends at the next feasible one, which is not taken. */
  limit: number;
  /** The limit is below the number of candidates: the order of the walk matters. */
  isSampled: boolean;
}

/**
 * Lists the candidates; without sampling they are in slot order, from the first one. `startIndex`:
 * where the walk of a sampled cycle begins.
 */
export function listCandidates(
  into: Candidates,
  cache: SchedulerCache,
  nodeNames: readonly string[] | undefined,
  plan: NodeLimits,
  startIndex: number = cache.state.nextStartIndex,
): void {
  into.slots = nodeNames === undefined ? cache.order() : slotsNamed(cache, nodeNames);
  const count = into.slots.length;
  into.limit = nodesToFind(plan, count);
  into.isSampled = into.limit < count;
  into.start = 0;
  if (into.isSampled) into.start = startIndex % count;
  else if (nodeNames === undefined) into.slots = cache.slots();
  else into.slots = [...into.slots].sort((a, b) => a - b);
}

/** The named nodes that exist, in node order. */
function slotsNamed(cache: SchedulerCache, names: readonly string[]): readonly number[] {
  const wanted = new Set<number>();
  for (const name of names) {
    const slot = cache.state.slotOf.get(name);
    if (slot !== undefined) wanted.add(slot);
  }
  if (wanted.size <= 1) return [...wanted];
  return cache.order().filter((slot) => wanted.has(slot));
}
