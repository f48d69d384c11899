/** The Node object as a kubelet registers it (pkg/kubelet/kubelet_node_status.go). */
import { type core, type Manifest, timestamp, withFields } from "../api/index.ts";
import type { Micros } from "../kernel/index.ts";

/**
 * The manifest with what a kubelet fills in: the hostname label, capacity beside allocatable, and
 * the four conditions of a healthy node. What the manifest states stays.
 */
export function registeredNode(manifest: Manifest, nowUs: Micros): Manifest {
  const { metadata = {} } = manifest;
  const status = (manifest.status ?? {}) as core.NodeStatus;
  const amounts = status.allocatable ?? status.capacity ?? {};
  const labels = { "kubernetes.io/hostname": metadata.name ?? "", ...metadata.labels };
  const filled = withFields(status, {
    capacity: status.capacity ?? amounts,
    allocatable: amounts,
    conditions: status.conditions ?? healthyConditions(nowUs),
  });
  return withFields(manifest, { metadata: withFields(metadata, { labels }), status: filled });
}

const HEALTHY: readonly (readonly [type: string, status: string, reason: string])[] = [
  ["MemoryPressure", "False", "KubeletHasSufficientMemory"],
  ["DiskPressure", "False", "KubeletHasNoDiskPressure"],
  ["PIDPressure", "False", "KubeletHasSufficientPID"],
  ["Ready", "True", "KubeletReady"],
];

/** What a healthy node reports; times of conditions that are so already are kept. */
export function healthyConditions(
  nowUs: Micros,
  known: readonly core.NodeCondition[] = [],
): core.NodeCondition[] {
  const time = timestamp(nowUs);
  return HEALTHY.map(([type, status, reason]) => {
    const old = known.find((each) => each.type === type);
    const lastTransitionTime = old?.status === status ? (old.lastTransitionTime ?? time) : time;
    return { type, status, reason, lastHeartbeatTime: time, lastTransitionTime };
  });
}
