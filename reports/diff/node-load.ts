/** NodeLoad: what is free on a node, and which pods are on it, as a scheduler knows it. */
import type { ClusterInfo, NodeInfo } from "../../sim/scheduler/index.ts";

export interface NodeLoad {
  /** Not requested by its pods: cpu milli, bytes, or the resource's own unit. By name. */
  readonly free: ReadonlyMap<string, number>;
  /** What each pod requests, by `namespace/name`; those that are being bound included. */
  readonly pods: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** Text of labels, taints and the like: equal for equal nodes. */
  readonly traits: string;
}

/** Of every node, by name. */
export function nodeLoads(cluster: ClusterInfo): Map<string, NodeLoad> {
  return new Map(cluster.nodes.map((node) => [node.name, loadOf(cluster, node)]));
}

function loadOf(cluster: ClusterInfo, node: NodeInfo): NodeLoad {
  const { allocatable, requested, labels, taints, unschedulable } = node;
  return {
    free: named(
      cluster,
      allocatable.map((amount, i) => amount - (requested[i] ?? 0)),
    ),
    pods: new Map(node.pods.map(({ record, requests }) => [record.key, named(cluster, requests)])),
    traits: JSON.stringify({ labels, taints, unschedulable }),
  };
}

const named = (cluster: ClusterInfo, amounts: readonly number[]): Map<string, number> =>
  new Map(amounts.map((amount, i) => [cluster.resourceName(i), amount]));
