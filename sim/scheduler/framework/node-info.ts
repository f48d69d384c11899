/**
 * NodeInfo: a node as the scheduler sees it. A `spec` plugin is handed the NodeSpecInfo only, so
 * that it cannot read what runs on the node; a `node` plugin gets the whole NodeInfo.
 */
import type { Node, Taint } from "../../api/index.ts";
import type { HostPort, PodInfo } from "./pod-info.ts";

/** The fixed part of a node: changes only when the Node object changes. */
export interface NodeSpecInfo {
  readonly name: string;
  readonly node: Node;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  readonly unschedulable: boolean;
  /** By resource number (see PodInfo.requests). */
  readonly allocatable: readonly number[];
  readonly allowedPodNumber: number;
}

export interface NodeInfo extends NodeSpecInfo {
  /** The fixed part alone: what spec plugins get. */
  readonly fixed: NodeSpecInfo;
  /** Place of this node in the flat arrays of the snapshot. Stable while the node exists. */
  readonly slot: number;
  /** Pods on the node, assumed ones included. Read-only for plugins. */
  readonly pods: readonly PodInfo[];
  /** Sum of requests of its pods, by resource number. */
  readonly requested: readonly number[];
  readonly nonZeroCpuMilli: number;
  readonly nonZeroMemoryBytes: number;
  readonly usedPorts: readonly HostPort[];
  /** Size in bytes of each image on the node, by normalised name. */
  readonly images: ReadonlyMap<string, number>;
}

/** What a `cluster` plugin may look at besides the node in hand. */
export interface ClusterInfo {
  readonly nodes: readonly NodeInfo[];
  /** On how many nodes an image is, and its size in bytes on the first of them (pitfall 14). */
  imageSpread(
    image: string,
  ): { readonly nodeCount: number; readonly sizeBytes: number } | undefined;
  /** Name of a resource number and back; -1 when no node and no pod has named it. */
  resourceName(index: number): string;
  resourceIndex(name: string): number;
}
