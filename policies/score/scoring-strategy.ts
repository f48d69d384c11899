/**
 * The scoring strategies of NodeResourcesFit: how much a node is worth by what would be used of
 * it. Hot: runs once per pod shape and changed node, so nothing is allocated in the loops.
 *
 * Source: least_allocated.go, most_allocated.go and requested_to_capacity_ratio.go in
 * kubernetes/pkg/scheduler/framework/plugins/noderesources, v1.30.
 */
import type { NodeInfo } from "../../sim/scheduler/index.ts";
import { type ResourceSpec, withDefaultWeights } from "../plugin-args.ts";
import { brokenLinear, SHAPE_SCORE_MAX, type ShapePoint } from "./broken-linear.ts";
import { nonZeroRequested, type ResourceUse } from "./resource-use.ts";

/** `scoringStrategy` of NodeResourcesFitArgs. */
export interface ScoringStrategy {
  readonly type: "LeastAllocated" | "MostAllocated" | "RequestedToCapacityRatio";
  /** Default cpu and memory, weight 1 each. */
  readonly resources?: readonly ResourceSpec[];
  /** Needed by RequestedToCapacityRatio only. */
  readonly requestedToCapacityRatio?: { readonly shape: readonly ShapePoint[] };
}

/** Scores a node 0..100 for a pod that uses `uses`. */
export type NodeScorer = (node: NodeInfo, uses: readonly ResourceUse[]) => number;

/** The scorer of a valid strategy, with the resources that it looks at. */
export function nodeScorer(strategy: ScoringStrategy): {
  readonly score: NodeScorer;
  readonly resources: readonly Required<ResourceSpec>[];
} {
  const resources = withDefaultWeights(strategy.resources);
  switch (strategy.type) {
    case "LeastAllocated":
      return { resources, score: (node, uses) => weightedMean(node, uses, leastAllocated) };
    case "MostAllocated":
      return { resources, score: (node, uses) => weightedMean(node, uses, mostAllocated) };
    case "RequestedToCapacityRatio":
      return { resources, score: requestedToCapacityRatio(strategy) };
  }
}

/** Integer mean of the resources' scores by weight; what the node has none of drops out. */
function weightedMean(
  node: NodeInfo,
  uses: readonly ResourceUse[],
  scoreOne: (requested: number, capacity: number) => number,
): number {
  let total = 0;
  let weights = 0;
  for (let i = 0; i < uses.length; i++) {
    const use = uses[i] as ResourceUse;
    const capacity = node.allocatable[use.index] ?? 0;
    if (capacity === 0) continue;
    total += scoreOne(nonZeroRequested(node, use.index) + use.podRequest, capacity) * use.weight;
    weights += use.weight;
  }
  return weights === 0 ? 0 : Math.trunc(total / weights);
}

function leastAllocated(requested: number, capacity: number): number {
  return requested > capacity ? 0 : percentOf(capacity - requested, capacity);
}

function mostAllocated(requested: number, capacity: number): number {
  return requested > capacity ? 100 : percentOf(requested, capacity);
}

/** 100 * part / whole in whole numbers, truncated; exact also where the product is beyond 2^53. */
function percentOf(part: number, whole: number): number {
  const product = part * 100;
  if (product <= Number.MAX_SAFE_INTEGER) return Math.trunc(product / whole);
  return Number((BigInt(part) * 100n) / BigInt(whole));
}

/** Resources whose shape gives 0 or less drop out of the mean, which is rounded, not truncated. */
function requestedToCapacityRatio(strategy: ScoringStrategy): NodeScorer {
  const shape = strategy.requestedToCapacityRatio?.shape ?? [];
  const factor = 100 / SHAPE_SCORE_MAX;
  const curve = brokenLinear(
    shape.map(({ utilization = 0, score = 0 }) => ({ utilization, score: score * factor })),
  );

  return (node, uses) => {
    let total = 0;
    let weights = 0;
    for (let i = 0; i < uses.length; i++) {
      const use = uses[i] as ResourceUse;
      const capacity = node.allocatable[use.index] ?? 0;
      if (capacity === 0) continue;
      const requested = nonZeroRequested(node, use.index) + use.podRequest;
      const score = curve(mostAllocated(requested, capacity));
      if (score <= 0) continue;
      total += score * use.weight;
      weights += use.weight;
    }
    return weights === 0 ? 0 : Math.round(total / weights);
  };
}
