/**
 * The format of a conformance file: one JSON object a line, `{"scenario": ..., "expected": ...}`,
 * described for users in docs/conformance.md.
 */
import type { Manifest, Node, Pod } from "../../sim/api/index.ts";

/** A small cluster and the pods to schedule on it, one after the other. */
export interface Scenario {
  readonly name: string;
  /** A KubeSchedulerConfiguration; undefined: the default one. */
  readonly schedulerConfig: unknown;
  /** In the order in which they join. */
  readonly nodes: readonly Node[];
  /** Pods on nodes, in the order in which they are added; finished ones left out. */
  readonly boundPods: readonly Pod[];
  /** Never scheduled, and nominated to their node during all of the scenario. */
  readonly nominatedPods: readonly Pod[];
  readonly pendingPods: readonly Pod[];
  /** Objects of other kinds, as the scheduler's informers would have them. */
  readonly objects: readonly StoredManifest[];
}

/** An object of any kind with the metadata that every stored object has. */
export type StoredManifest = Manifest & {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Pod["metadata"];
};

/** What is absent is not compared. */
export interface Expected {
  readonly steps?: readonly ExpectedStep[];
  /** Node of each pod that is bound at the end, by namespace/name. */
  readonly finalBindings?: Readonly<Record<string, string>>;
}

export type Outcome = "scheduled" | "unschedulable" | "gated" | "ignored";

/** `plugin` is absent when the status belongs to no single plugin; `reasons` in any order. */
export interface ExpectedStatus {
  readonly plugin?: string;
  readonly code: string;
  readonly reasons: readonly string[];
}

/** What kube-scheduler did with one pod. */
export interface ExpectedStep {
  readonly pod?: string;
  readonly profile?: string;
  readonly outcome?: Outcome;
  readonly preEnqueue?: ExpectedStatus;
  readonly preFilter?: ExpectedStatus;
  readonly excludedByPreFilter?: readonly string[];
  readonly nominatedNodeOnly?: boolean;
  readonly feasible?: readonly string[];
  readonly filtered?: Readonly<Record<string, ExpectedStatus>>;
  readonly scores?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly totals?: Readonly<Record<string, number>>;
  readonly best?: readonly string[];
  readonly chosen?: string;
  readonly volumes?: ExpectedVolumes;
  readonly fitError?: string;
  readonly postFilter?: ExpectedPostFilter;
  readonly afterPreemption?: ExpectedStep;
  readonly error?: string;
  readonly feasibleCount?: number;
  readonly bestTotal?: number;
  readonly bestCount?: number;
}

export interface ExpectedVolumes {
  readonly static?: readonly { readonly pvc: string; readonly pv: string }[];
  readonly dynamic?: readonly string[];
}

export interface ExpectedPostFilter {
  readonly code?: string;
  readonly message?: string;
  readonly potentialNodes?: readonly string[];
  readonly candidates?: Readonly<Record<string, ExpectedCandidate>>;
  readonly nodeStatuses?: Readonly<Record<string, ExpectedStatus>>;
  readonly bestNodes?: readonly string[];
  readonly nominatedNode?: string;
  readonly victims?: readonly string[];
}

export interface ExpectedCandidate {
  readonly victims: readonly string[];
  readonly numPDBViolations: number;
}
