/**
 * FruitlessPostFilters: that preemption had nothing to offer, kept with the diagnosis that it began
 * from. The evaluator hands out the same diagnosis again while nothing has changed, so that a pod
 * which stays unschedulable costs nothing more. A cache: no state of a run.
 */
import type { Diagnosis } from "./evaluator.ts";
import type { PodInfo } from "./pod-info.ts";
import type { PostFilterOutcome } from "./post-filters.ts";

export class FruitlessPostFilters {
  /** By diagnosis, then by the pod's preemptionPolicy and priority: what it depends on besides. */
  readonly #outcomes = new WeakMap<Diagnosis, Map<string, PostFilterOutcome>>();

  of(pod: PodInfo, diagnosis: Diagnosis): PostFilterOutcome | undefined {
    return isNominated(pod) ? undefined : this.#outcomes.get(diagnosis)?.get(keyOf(pod));
  }

  /** Keeps the outcome of a search that nominated no node. */
  keep(pod: PodInfo, diagnosis: Diagnosis, outcome: PostFilterOutcome): void {
    if (outcome.nominatedNode !== "" || isNominated(pod)) return;
    const known = this.#outcomes.get(diagnosis);
    if (known === undefined) this.#outcomes.set(diagnosis, new Map([[keyOf(pod), outcome]]));
    else known.set(keyOf(pod), outcome);
  }
}

function isNominated({ pod }: PodInfo): boolean {
  return (pod.status.nominatedNodeName ?? "") !== "";
}

function keyOf({ pod, priority }: PodInfo): string {
  return `${pod.spec.preemptionPolicy ?? ""} ${priority}`;
}
