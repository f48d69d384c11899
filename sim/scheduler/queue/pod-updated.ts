/**
 * isPodUpdated tells whether an update of a pod could make it schedulable: any change but that of
 * its status, resourceVersion, generation, finalizers and managed fields
 * (kubernetes/pkg/scheduler/internal/queue/scheduling_queue.go, v1.30).
 */
import { type Pod, semanticallyEqual } from "../../api/index.ts";

export function isPodUpdated(old: Pod, pod: Pod): boolean {
  if (!semanticallyEqual(old.spec, pod.spec)) return true;
  return old.metadata !== pod.metadata && !semanticallyEqual(strip(old), strip(pod));
}

function strip(pod: Pod): object {
  const { resourceVersion, generation, finalizers, managedFields, ...rest } = pod.metadata;
  return rest;
}
