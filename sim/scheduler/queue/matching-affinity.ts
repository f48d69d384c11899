/**
 * Does a bound pod meet a required pod affinity term of a waiting one? Only then is its arrival or
 * change a reason to try the waiting pod again, whatever events plugins registered for
 * (kubernetes/pkg/scheduler/internal/queue/scheduling_queue.go,
 * getUnschedulablePodsWithMatchingAffinityTerm, v1.30, queueing hints off).
 *
 * A term with a namespaceSelector counts as covering every namespace (our simplification: it can
 * only cause an attempt too many).
 */
import { compileLabelSelector, type Pod } from "../../api/index.ts";

export function hasMatchingAffinityTerm(waiting: Pod, bound: Pod): boolean {
  return requiredTerms(waiting).some(({ namespaces, namespaceSelector, labelSelector }) => {
    const list = namespaces ?? [];
    const own = list.length === 0 && namespaceSelector === undefined;
    const covered = own ? [waiting.metadata.namespace] : list;
    const inNamespace =
      namespaceSelector !== undefined || covered.includes(bound.metadata.namespace);
    return inNamespace && compileLabelSelector(labelSelector).matches(bound.metadata.labels ?? {});
  });
}

function requiredTerms(pod: Pod) {
  return pod.spec.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
}
