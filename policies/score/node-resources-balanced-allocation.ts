/**
 * NodeResourcesBalancedAllocation prefers nodes whose resources would be used to an equal share.
 *
 * Score: trunc(100 * (1 - standard deviation of the used shares)), shares capped at 1; requests
 * count as stated, without defaults. Not normalised.
 *
 * Source: kubernetes/pkg/scheduler/framework/plugins/noderesources/balanced_allocation.go, v1.30.
 */
import { definePlugin, type NodeInfo, type Plugin } from "../../sim/scheduler/index.ts";
import { type ResourceSpec, type TypedArgs, withDefaultWeights } from "../plugin-args.ts";
import { checkPluginArgs } from "../plugin-args-validation.ts";
import { type ResourceUse, resourceUses } from "./resource-use.ts";

export interface NodeResourcesBalancedAllocationArgs extends TypedArgs {
  /** Default cpu and memory. Weights must be 1. */
  readonly resources?: readonly ResourceSpec[];
}

export function nodeResourcesBalancedAllocation(
  args: NodeResourcesBalancedAllocationArgs = {},
): Plugin<undefined, readonly ResourceUse[]> {
  const given = checkPluginArgs("NodeResourcesBalancedAllocation", args);
  const resources = withDefaultWeights(given.resources);

  return definePlugin<undefined, readonly ResourceUse[]>({
    name: "NodeResourcesBalancedAllocation",
    locality: "node",
    reads: ["requests"],
    requeueOn: [], // it never rejects
    preScore: (pod, cluster) => ({ state: resourceUses(resources, pod, cluster, false) }),
    score: (_pod, node, uses) => Math.trunc((1 - deviation(node, uses)) * 100),
  });
}

/** Population standard deviation of the shares, 0..0.5; two shares have their own formula. */
function deviation(node: NodeInfo, uses: readonly ResourceUse[]): number {
  let count = 0;
  let total = 0;
  let first = 0;
  let second = 0;
  for (let i = 0; i < uses.length; i++) {
    const share = usedShare(node, uses[i] as ResourceUse);
    if (share < 0) continue;
    if (count === 0) first = share;
    else second = share;
    total += share;
    count++;
  }
  if (count < 2) return 0;
  if (count === 2) return Math.abs((first - second) / 2);
  const mean = total / count;
  let squares = 0;
  for (let i = 0; i < uses.length; i++) {
    const share = usedShare(node, uses[i] as ResourceUse);
    if (share >= 0) squares += (share - mean) * (share - mean);
  }
  return Math.sqrt(squares / count);
}

/** 0..1, or -1 when the node has none of the resource. */
function usedShare(node: NodeInfo, use: ResourceUse): number {
  const capacity = node.allocatable[use.index] ?? 0;
  if (capacity === 0) return -1;
  const share = ((node.requested[use.index] ?? 0) + use.podRequest) / capacity;
  return share > 1 ? 1 : share;
}
