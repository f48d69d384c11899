/**
 * NodeKinds: nodes alike in labels (the hostname's value left out), taints and the unschedulable
 * flag are of one kind, so that a `spec` verdict is asked once per kind and not once per node.
 * Allocatable is no part of a kind; a verdict that reads it, or the name, is cached per node (see
 * KindView). Plain data: part of the run's state. Kinds are never forgotten.
 */
import { HOSTNAME_LABEL } from "./kind-view.ts";
import type { NodeInfo, NodeKind, NodeSpecInfo } from "./node-info.ts";

export type NodeKinds = Map<string, number>;

/** The number of a node's kind, counted from 0 in order of first sight. */
export function internKind(kinds: NodeKinds, node: NodeSpecInfo): number {
  const labels = Object.entries(node.labels)
    .filter(([name]) => name !== HOSTNAME_LABEL)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const hasHostname = node.labels[HOSTNAME_LABEL] !== undefined;
  const key = JSON.stringify([labels, hasHostname, node.taints, node.unschedulable]);
  const known = kinds.get(key);
  if (known !== undefined) return known;
  kinds.set(key, kinds.size);
  return kinds.size - 1;
}

/** The kinds of these nodes, in order of their numbers, each with its first node. */
export function listKinds(nodes: readonly (NodeInfo | undefined)[]): readonly NodeKind[] {
  const kinds = new Map<number, { number: number; node: NodeInfo; nodeCount: number }>();
  for (const node of nodes) {
    if (node === undefined) continue;
    const kind = kinds.get(node.kind);
    if (kind !== undefined) kind.nodeCount++;
    else kinds.set(node.kind, { number: node.kind, node, nodeCount: 1 });
  }
  return [...kinds.values()].sort((a, b) => a.number - b.number);
}
