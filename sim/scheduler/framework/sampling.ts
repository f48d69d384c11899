/**
 * How many feasible nodes a cycle looks for before it stops searching.
 *
 * Source: numFeasibleNodesToFind in kubernetes/pkg/scheduler/schedule_one.go, v1.30.
 */

/** Below so many nodes the search never stops early (minFeasibleNodesToFind). */
export const FEASIBLE_NODES_MIN = 100;
/** The adaptive percentage never falls below this (minFeasibleNodesPercentageToFind). */
const PERCENTAGE_MIN = 5;

/** `percentage` is percentageOfNodesToScore, 0..100; 0: adaptive, 50 % less 1 % per 125 nodes. */
export function numFeasibleNodesToFind(percentage: number, nodeCount: number): number {
  if (nodeCount < FEASIBLE_NODES_MIN || percentage >= 100) return nodeCount;
  const share =
    percentage > 0 ? percentage : Math.max(50 - Math.trunc(nodeCount / 125), PERCENTAGE_MIN);
  return Math.max(Math.trunc((nodeCount * share) / 100), FEASIBLE_NODES_MIN);
}

/** What of a plan limits the search. */
export interface NodeLimits {
  readonly percentageOfNodesToScore: number;
  readonly takesFirst: boolean;
}

/** How many feasible nodes end the search: one when no plugin scores (findNodesThatPassFilters). */
export function nodesToFind(
  { percentageOfNodesToScore, takesFirst }: NodeLimits,
  nodeCount: number,
): number {
  const count = numFeasibleNodesToFind(percentageOfNodesToScore, nodeCount);
  return takesFirst ? Math.min(count, 1) : count;
}
