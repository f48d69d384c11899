/**
 * Does a bound pod meet a required pod affinity term of a waiting one? Only then is its arrival or
 * change a reason to try the waiting pod again, whatever events plugins registered for
 * (kubernetes/pkg/scheduler/internal/queue/scheduling_queue.go,
 * getUnschedulablePodsWithMatchingAffinityTerm, v1.30).
 */
import type { Pod } from "../../api/index.ts";
import { affinityTermsOf } from "../framework/affinity-terms.ts";
import type { PodInfo } from "../framework/interface.ts";

const NO_LABELS: Readonly<Record<string, string>> = {};

/** `namespaceLabels`: of the bound pod's namespace; undefined when that is not known. */
export function hasMatchingAffinityTerm(
  waiting: PodInfo,
  bound: Pod,
  namespaceLabels: Readonly<Record<string, string>> | undefined,
): boolean {
  const { namespace, labels = NO_LABELS } = bound.metadata;
  return affinityTermsOf(waiting, "requiredAffinity").some((term) =>
    term.matches(namespace, labels, namespaceLabels),
  );
}
