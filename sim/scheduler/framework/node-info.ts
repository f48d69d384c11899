/**
 * NodeInfo: a node as the scheduler sees it. A `spec` plugin is handed the NodeSpecInfo only, so
 * that it cannot read what runs on the node; a `node` plugin gets the whole NodeInfo.
 */
import type { ApiObject, Node, Taint } from "../../api/index.ts";
import type { AffinityTerms, NodeCounts, ObjectLister, PodQuery } from "./node-counts.ts";
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
  /** Number of its kind: see NodeKind. */
  readonly kind: number;
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

/** Nodes alike in labels (but the hostname), taints and the unschedulable flag. */
export interface NodeKind {
  /** As in `NodeInfo.kind`. */
  readonly number: number;
  /** One of the nodes: stands for all of the kind, but for name, hostname and allocatable. */
  readonly node: NodeInfo;
  /** How many nodes of the kind there are. */
  readonly nodeCount: number;
}

/** The nodes that passed all filters: what preScore may know of them. */
export interface FeasibleNodes {
  readonly count: number;
  /** The kinds that have feasible nodes, with the number of feasible ones, in order of the number. */
  readonly kinds: readonly NodeKind[];
}

/** What a `cluster` plugin may look at besides the node in hand. */
export interface ClusterInfo {
  readonly nodes: readonly NodeInfo[];
  /** The kinds that have nodes, in order of their numbers. */
  readonly kinds: readonly NodeKind[];
  node(name: string): NodeInfo | undefined;
  /** The node in a slot that holds one. */
  nodeIn(slot: number): NodeInfo;
  /**
   * Every node has the label kubernetes.io/hostname, and no two share its value: then counts per
   * hostname are counts per node.
   */
  readonly hasUniqueHostnames: boolean;
  /** How many of the pods that the query describes are on each node. Equal `query.key`, equal query. */
  countPods(query: PodQuery): NodeCounts;
  /** No pod on a node has a lower priority; Infinity when there is no pod. */
  readonly lowestPriority: number;
  /** The distinct affinity terms of the pods on nodes, each with the pods that state it. */
  readonly affinityTerms: AffinityTerms;
  /** On how many nodes an image is, and its size in bytes on the first of them (pitfall 14). */
  imageSpread(
    image: string,
  ): { readonly nodeCount: number; readonly sizeBytes: number } | undefined;
  /** 1 on each node that has the image. */
  imageNodes(image: string): NodeCounts;
  /** Objects of another kind as the scheduler's informers know them: `Service`, `Namespace`, ... */
  objects<T extends ApiObject = ApiObject>(kind: string): ObjectLister<T>;
  /** Name of a resource number and back; -1 when no node and no pod has named it. */
  resourceName(index: number): string;
  resourceIndex(name: string): number;
}
