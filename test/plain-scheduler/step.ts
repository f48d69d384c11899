/** What is expected of a scheduler for one pod: the fields of docs/conformance.md. */

type Code = "Success" | "Unschedulable" | "UnschedulableAndUnresolvable";

/** `plugin` is absent where no single plugin said it. */
export interface Status {
  readonly plugin?: string;
  readonly code: Code;
  readonly reasons: readonly string[];
}

/** Preemption may help. */
export const unschedulable = (plugin: string, ...reasons: string[]): Status => ({
  plugin,
  code: "Unschedulable",
  reasons: reasons.sort(),
});

/** Preemption can't help. */
export const unresolvable = (plugin: string, ...reasons: string[]): Status => ({
  plugin,
  code: "UnschedulableAndUnresolvable",
  reasons: reasons.sort(),
});

export interface Step {
  pod: string;
  profile?: string;
  outcome: "scheduled" | "unschedulable" | "gated" | "ignored";
  preEnqueue?: Status;
  preFilter?: Status;
  excludedByPreFilter?: readonly string[];
  nominatedNodeOnly?: boolean;
  feasible: readonly string[];
  filtered?: Readonly<Record<string, Status>>;
  scores?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  totals?: Readonly<Record<string, number>>;
  best?: readonly string[];
  chosen?: string;
  volumes?: BoundVolumes;
  fitError?: string;
  postFilter?: PostFilterStep;
  afterPreemption?: Step;
}

export interface BoundVolumes {
  static?: readonly { readonly pvc: string; readonly pv: string }[];
  dynamic?: readonly string[];
}

export interface PostFilterStep {
  code: Code;
  message?: string;
  potentialNodes: readonly string[];
  candidates?: Readonly<Record<string, { victims: readonly string[]; numPDBViolations: number }>>;
  nodeStatuses?: Readonly<Record<string, Status>>;
  bestNodes?: readonly string[];
  nominatedNode?: string;
  victims?: readonly string[];
}

/** FitError.Error, in pkg/scheduler/framework/types.go: `statuses` of the nodes that said no. */
export function fitError(nodeCount: number, statuses: Iterable<Status>): string {
  const counts = new Map<string, number>();
  for (const { reasons } of statuses) {
    for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  const histogram = [...counts].map(([reason, count]) => `${count} ${reason}`).sort();
  const details = histogram.length > 0 ? ` ${histogram.join(", ")}.` : "";
  return `0/${nodeCount} nodes are available:${details}`;
}
