/** What the scheduler under test did with one pod, in the terms of ExpectedStep. */
import type { CycleDetail, PluginRejection, PreemptionDetail } from "../../sim/scheduler/index.ts";
import type { Outcome } from "./scenario.ts";

export interface ObservedStep {
  readonly pod: string;
  /** "" when no profile serves the pod. */
  readonly profile: string;
  readonly outcome: Outcome;
  readonly preEnqueue: PluginRejection | undefined;
  /** What the evaluator decided; undefined: it was not asked. */
  readonly decision: Decision | undefined;
  /** What each plugin said; undefined: it was not asked for. */
  readonly detail: CycleDetail | undefined;
  /** A reserve plugin that refused the chosen node. */
  readonly reserve: PluginRejection | undefined;
  readonly volumes: ObservedVolumes | undefined;
  /** kube-scheduler's message for a pod that fits nowhere. */
  readonly fitError: string | undefined;
  readonly postFilter: ObservedPostFilter | undefined;
  readonly afterPreemption: ObservedStep | undefined;
  readonly error: string | undefined;
}

/** An Evaluation, kept; `chosen` "": no node. */
export interface Decision {
  readonly feasibleCount: number;
  readonly bestTotal: number;
  readonly bestCount: number;
  readonly chosen: string;
}

/** Keys of claims (namespace/name) and names of volumes, sorted by claim. */
export interface ObservedVolumes {
  readonly static: readonly { readonly pvc: string; readonly pv: string }[];
  readonly dynamic: readonly string[];
}

export interface ObservedPostFilter {
  /** "" when preemption helps nowhere. */
  readonly nominatedNode: string;
  readonly message: string;
  /** Keys, sorted. */
  readonly victims: readonly string[];
  /** Nodes whose rejection was Unschedulable, sorted. */
  readonly potentialNodes: readonly string[];
  /** Everything that was weighed; undefined: not asked for. */
  readonly detail: PreemptionDetail | undefined;
}
