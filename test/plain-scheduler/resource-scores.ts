/** Scores of the resources on a node: plugins/noderesources. */
import type { IncomingPod } from "./incoming-pod.ts";
import type { NodeState } from "./node-state.ts";
import { NON_ZERO_DEFAULTS, podRequests, type ResourceList } from "./pod-requests.ts";
import type { ScoringStrategy } from "./profiles.ts";
import { amountOf, isScalarResource } from "./quantities.ts";

const CPU_AND_MEMORY = [{ name: "cpu" }, { name: "memory" }];

/** One resource of a node with the incoming pod on it. */
interface Usage {
  readonly weight: number;
  readonly requested: number;
  readonly allocatable: number;
}

interface Resource {
  readonly name: string;
  readonly weight?: number;
}

/**
 * calculateResourceAllocatableRequest: resources that the node doesn't have are left out, as are
 * scalar ones that the pod doesn't want.
 */
function usagesOf(
  resources: readonly Resource[],
  podRequest: ResourceList,
  { allocatable, requestedOf }: { allocatable: NodeState["allocatable"]; requestedOf: RequestedOf },
): readonly Usage[] {
  const usages: Usage[] = [];
  for (const { name, weight } of resources) {
    const wanted = amountOf(name, podRequest.get(name) ?? 0n);
    const room = allocatable.get(name) ?? 0;
    if (room === 0 || (wanted === 0 && isScalarResource(name))) continue;
    usages.push({ weight: weight || 1, requested: requestedOf(name) + wanted, allocatable: room });
  }
  return usages;
}

type RequestedOf = (resource: string) => number;

/** NodeResourcesFit: the strategy's score over the resources, by their weights. */
export function fitScores(
  { pod, profile }: IncomingPod,
  nodes: readonly NodeState[],
): readonly number[] {
  const strategy = profile.arguments("NodeResourcesFit").scoringStrategy ?? {
    type: "LeastAllocated",
  };
  const resources = strategy.resources?.length ? strategy.resources : CPU_AND_MEMORY;
  const podRequest = podRequests(pod, NON_ZERO_DEFAULTS);
  return nodes.map((node) => {
    const requestedOf = (resource: string): number => {
      if (resource === "cpu") return node.nonZeroCpuMilli;
      if (resource === "memory") return node.nonZeroMemoryBytes;
      return node.requested.get(resource) ?? 0;
    };
    const { allocatable } = node;
    return fitScore(strategy, usagesOf(resources, podRequest, { allocatable, requestedOf }));
  });
}

function fitScore(strategy: ScoringStrategy, usages: readonly Usage[]): number {
  const parts = usages.map((usage) => ({
    weight: usage.weight,
    score: usageScore(strategy, usage),
  }));
  const isRatio = strategy.type === "RequestedToCapacityRatio";
  // buildRequestedToCapacityRatioScorerFunction lets resources that score nothing off.
  const counting = isRatio ? parts.filter(({ score }) => score > 0) : parts;
  const weights = counting.reduce((sum, { weight }) => sum + weight, 0);
  if (weights === 0) return 0;
  const mean = counting.reduce((sum, { weight, score }) => sum + weight * score, 0) / weights;
  return isRatio ? Math.round(mean) : Math.trunc(mean);
}

/** 0..100, of one resource. */
function usageScore(strategy: ScoringStrategy, { requested, allocatable }: Usage): number {
  switch (strategy.type) {
    case "LeastAllocated": // least_allocated.go
      return requested > allocatable ? 0 : percent(allocatable - requested, allocatable);
    case "MostAllocated": // most_allocated.go
      return percent(Math.min(requested, allocatable), allocatable);
    case "RequestedToCapacityRatio": // requested_to_capacity_ratio.go
      return shapeScore(strategy, requested > allocatable ? 100 : percent(requested, allocatable));
    default:
      throw new Error(`strategy ${strategy.type}`);
  }
}

/** In whole numbers: bytes times 100 can be more than a double holds exactly. */
const percent = (part: number, whole: number): number =>
  Number((BigInt(part) * 100n) / BigInt(whole));

/** BuildBrokenLinearFunction, in plugins/helper/shape_score.go: scores of 0..10 count tenfold. */
function shapeScore(strategy: ScoringStrategy, utilization: number): number {
  const shape = (strategy.requestedToCapacityRatio?.shape ?? []).map((point) => ({
    utilization: point.utilization ?? 0,
    score: (point.score ?? 0) * 10,
  }));
  const next = shape.findIndex((point) => utilization <= point.utilization);
  const right = shape.at(next);
  if (right === undefined) throw new Error("a shape has at least one point");
  const left = shape[next - 1];
  if (left === undefined) return right.score;
  const slope = (right.score - left.score) * (utilization - left.utilization);
  return left.score + Math.trunc(slope / (right.utilization - left.utilization));
}

/** NodeResourcesBalancedAllocation: balanced_allocation.go. */
export function balancedScores(
  { pod, profile }: IncomingPod,
  nodes: readonly NodeState[],
): readonly number[] {
  const { resources = CPU_AND_MEMORY } = profile.arguments("NodeResourcesBalancedAllocation");
  const podRequest = podRequests(pod);
  return nodes.map((node) => {
    const requestedOf = (resource: string): number => node.requested.get(resource) ?? 0;
    const { allocatable } = node;
    const fractions = usagesOf(resources, podRequest, { allocatable, requestedOf }).map((usage) =>
      Math.min(1, usage.requested / usage.allocatable),
    );
    return Math.trunc((1 - deviation(fractions)) * 100);
  });
}

/** balancedResourceScorer */
function deviation(fractions: readonly number[]): number {
  const [one, other] = fractions;
  if (one === undefined || other === undefined) return 0;
  if (fractions.length === 2) return Math.abs((one - other) / 2);
  const mean = fractions.reduce((sum, fraction) => sum + fraction, 0) / fractions.length;
  const squares = fractions.reduce(
    (sum, fraction) => sum + (fraction - mean) * (fraction - mean),
    0,
  );
  return Math.sqrt(squares / fractions.length);
}
