/**
 * NodeKinds: nodes alike in labels (the hostname left out), taints and the unschedulable flag are
 * of one kind, so that a `spec` verdict is asked once per kind and not once per node. Allocatable
 * is no part of a kind; a verdict that reads it, or the name, is cached per node (see KindView).
 * Plain data: part of the run's state. Kinds are never forgotten.
 */
import { HOSTNAME_LABEL } from "./kind-view.ts";
import type { NodeSpecInfo } from "./node-info.ts";

export type NodeKinds = Map<string, number>;

/** The number of a node's kind, counted from 0 in order of first sight. */
export function internKind(kinds: NodeKinds, node: NodeSpecInfo): number {
  const labels = Object.entries(node.labels)
    .filter(([name]) => name !== HOSTNAME_LABEL)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const key = JSON.stringify([labels, node.taints, node.unschedulable]);
  const known = kinds.get(key);
  if (known !== undefined) return known;
  kinds.set(key, kinds.size);
  return kinds.size - 1;
}
