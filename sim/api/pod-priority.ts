/** A pod spec with its priority filled in, as admission does before the pod is stored. */
import type { PodSpec } from "./objects.ts";
import { isSettled, settle } from "./pod-spec-defaults.ts";
import { isKnownValid, noteValid } from "./pod-spec-validation.ts";

/** What the Priority admission plugin sets. */
export interface PodPriority {
  readonly priorityClassName?: string;
  readonly priority: number;
  readonly preemptionPolicy: string;
}

interface Prioritised {
  readonly priority: PodPriority;
  readonly spec: PodSpec;
}

/**
 * Results by the spec they came from, so that pods of one template go on sharing one spec. They
 * can be made anew at any time: no state of a run.
 */
const prioritised = new WeakMap<PodSpec, Prioritised>();

/** The spec with this priority; the argument is not changed. What is known of it stays known. */
export function withPriority(spec: PodSpec, priority: PodPriority): PodSpec {
  const known = prioritised.get(spec);
  if (known?.priority === priority) return known.spec;
  const made: PodSpec = { ...spec, ...priority };
  if (isSettled(spec)) settle(made);
  if (isKnownValid(spec)) noteValid(made);
  prioritised.set(spec, { priority, spec: made });
  return made;
}
