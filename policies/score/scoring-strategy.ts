/**
 * The scoring strategies of NodeResourcesFit: how much a node is worth by what would be used of
 * it. Hot: runs once per pod shape and changed node, so nothing is allocated in the loops.
 *
 * Source: least_allocated.go, most_allocated.go and requested_to_capacity_ratio.go in
 * kubernetes/pkg/scheduler/framework/plugins/noderesources, v1.30.
 */
import type { NodeInfo } from "../../sim/scheduler/index.ts";
import { checkFields, checkResources, type ResourceSpec, refuse } from "../plugin-args.ts";
import { brokenLinear, checkShape, SHAPE_SCORE_MAX, type ShapePoint } from "./broken-linear.ts";
import { nonZeroRequested, type ResourceUse } from "./resource-use.ts";

/** `scoringStrategy` of NodeResourcesFitArgs. */
export interface ScoringStrategy {
  readonly type?: "LeastAllocated" | "MostAllocated" | "RequestedToCapacityRatio";
  /** Default cpu and memory, weight 1 each. */
  readonly resources?: readonly ResourceSpec[];
  /** Needed by RequestedToCapacityRatio only. */
  readonly requestedToCapacityRatio?: { readonly shape: readonly ShapePoint[] };
}

/** Scores a node 0..100 for a pod that uses `uses`. */
export type NodeScorer = (node: NodeInfo, uses: readonly ResourceUse[]) => number;

/** Default weight range of a resource (validation_pluginargs.go). */
const WEIGHT_MAX = 100;

const TYPES = ["LeastAllocated", "MostAllocated", "RequestedToCapacityRatio"] as const;

/** Checks a strategy and gives its scorer with the resources that it looks at. */
export function nodeScorer(
  where: string,
  strategy: ScoringStrategy,
): { readonly score: NodeScorer; readonly resources: readonly Required<ResourceSpec>[] } {
  checkFields(where, strategy, ["type", "resources", "requestedToCapacityRatio"]);
  const resources = checkResources(`${where}.resources`, strategy.resources, WEIGHT_MAX);
  const type = strategy.type ?? "LeastAllocated";
  switch (type) {
    case "LeastAllocated":
      return { resources, score: (node, uses) => weightedMean(node, uses, leastAllocated) };
    case "MostAllocated":
      return { resources, score: (node, uses) => weightedMean(node, uses, mostAllocated) };
    case "RequestedToCapacityRatio":
      return { resources, score: requestedToCapacityRatio(where, strategy) };
    default:
      return refuse(`${where}.type`, type, TYPES.join(", "));
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
  return requested > capacity ? 0 : Math.trunc(((capacity - requested) * 100) / capacity);
}

function mostAllocated(requested: number, capacity: number): number {
  return requested > capacity ? 100 : Math.trunc((requested * 100) / capacity);
}

/** Resources whose shape gives 0 or less drop out of the mean, which is rounded, not truncated. */
function requestedToCapacityRatio(where: string, strategy: ScoringStrategy): NodeScorer {
  const path = `${where}.requestedToCapacityRatio`;
  const ratio = strategy.requestedToCapacityRatio;
  if (ratio === undefined) refuse(path, ratio, "an object with shape");
  checkFields(path, ratio, ["shape"]);
  checkShape(`${path}.shape`, ratio.shape);
  const factor = 100 / SHAPE_SCORE_MAX;
  const curve = brokenLinear(
    ratio.shape.map(({ utilization, score }) => ({ utilization, score: score * factor })),
  );

  return (node, uses) => {
    let total = 0;
    let weights = 0;
    for (let i = 0; i < uses.length; i++) {
      const use = uses[i] as ResourceUse;
      const capacity = node.allocatable[use.index] ?? 0;
      if (capacity === 0) continue;
      const requested = nonZeroRequested(node, use.index) + use.podRequest;
      const score = curve(requested > capacity ? 100 : Math.trunc((requested * 100) / capacity));
      if (score <= 0) continue;
      total += score * use.weight;
      weights += use.weight;
    }
    return weights === 0 ? 0 : Math.round(total / weights);
  };
}
