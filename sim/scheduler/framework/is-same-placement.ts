/**
 * Whether a newer object of a bound pod leaves everything as it was that a `node` plugin may read
 * of the pods on a node: all but status, resourceVersion and the like. Then no verdict about the
 * node can change and nothing has to be computed again.
 */
import type { PodInfo } from "./pod-info.ts";

/** Cheap and cautious: what was copied without need counts as changed. */
export function isSamePlacement(old: PodInfo, now: PodInfo): boolean {
  const a = old.pod;
  const b = now.pod;
  return (
    old.requests === now.requests &&
    old.priority === now.priority &&
    old.boundNonZeroCpuMilli === now.boundNonZeroCpuMilli &&
    old.boundNonZeroMemoryBytes === now.boundNonZeroMemoryBytes &&
    a.metadata.labels === b.metadata.labels &&
    a.metadata.annotations === b.metadata.annotations &&
    a.metadata.ownerReferences === b.metadata.ownerReferences &&
    a.metadata.deletionTimestamp === b.metadata.deletionTimestamp &&
    a.spec.containers === b.spec.containers &&
    a.spec.initContainers === b.spec.initContainers &&
    a.spec.affinity === b.spec.affinity &&
    a.spec.tolerations === b.spec.tolerations &&
    a.spec.topologySpreadConstraints === b.spec.topologySpreadConstraints &&
    a.spec.volumes === b.spec.volumes
  );
}
