/**
 * What a pod would use of each scored resource on a node: the part that the resource scorers of
 * NodeResourcesFit and NodeResourcesBalancedAllocation share.
 *
 * Source: resourceAllocationScorer.calculateResourceAllocatableRequest in
 * kubernetes/pkg/scheduler/framework/plugins/noderesources/resource_allocation.go, v1.30.
 */
import type { ClusterInfo, NodeInfo, PodInfo } from "../../sim/scheduler/index.ts";
import type { ResourceSpec } from "../plugin-args.ts";

/** Resource numbers of PodInfo.requests that have a meaning of their own. */
const CPU = 0;
const MEMORY = 1;
const EPHEMERAL_STORAGE = 2;

/** One scored resource of one pod. */
export interface ResourceUse {
  /** Resource number. */
  readonly index: number;
  readonly weight: number;
  /** What the pod adds to the node's sum, in the resource's unit. */
  readonly podRequest: number;
}

/**
 * The resources that take part in a pod's score, in configured order. Resources other than cpu,
 * memory and ephemeral-storage that the pod does not ask for are left out. With `nonZero`, cpu
 * and memory count with the default for containers that state no request.
 */
export function resourceUses(
  resources: readonly Required<ResourceSpec>[],
  pod: PodInfo,
  cluster: ClusterInfo,
  nonZero: boolean,
): readonly ResourceUse[] {
  const uses: ResourceUse[] = [];
  for (const { name, weight } of resources) {
    const index = cluster.resourceIndex(name);
    if (index < 0) continue; // nobody has it and nobody asks for it
    const podRequest = podRequestOf(pod, index, nonZero);
    if (podRequest === 0 && index > EPHEMERAL_STORAGE) continue;
    uses.push({ index, weight, podRequest });
  }
  return uses;
}

/** What the node's pods use of a resource, cpu and memory by their non-zero sums. */
export function nonZeroRequested(node: NodeInfo, index: number): number {
  if (index === CPU) return node.nonZeroCpuMilli;
  if (index === MEMORY) return node.nonZeroMemoryBytes;
  return node.requested[index] ?? 0;
}

function podRequestOf(pod: PodInfo, index: number, nonZero: boolean): number {
  if (nonZero && index === CPU) return pod.nonZeroCpuMilli;
  if (nonZero && index === MEMORY) return pod.nonZeroMemoryBytes;
  return pod.requests[index] ?? 0;
}
