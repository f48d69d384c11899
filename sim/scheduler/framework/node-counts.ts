/**
 * NodeCounts: how many of something are on each node, kept up to date while pods and nodes come and
 * go, so that spreading and affinity need not look at every pod of the cluster in every cycle.
 */
import type { ApiObject } from "../../api/index.ts";

/** Read-only for plugins; its content follows the cluster: do not keep it beyond the cycle. */
export interface NodeCounts {
  /** The nodes whose count is not 0, by slot, and their counts. The order means nothing. */
  readonly slots: readonly number[];
  readonly counts: readonly number[];
  /** Sum over all nodes. */
  readonly total: number;
  /** Count on the node in a slot. */
  at(slot: number): number;
  /** Sum over the nodes of one kind (NodeInfo.kind). */
  onKind(kind: number): number;
}

/**
 * A promise: only pods of this namespace (if stated) that have this label (if stated) can match. It
 * changes no outcome, only how many questions are asked.
 */
export interface Narrowing {
  readonly namespace?: string | undefined;
  readonly label?: readonly [key: string, value: string] | undefined;
}

/** Which pods to count. */
export interface PodQuery {
  /** Tells queries apart: equal keys, equal queries. */
  readonly key: string;
  readonly narrowedBy?: Narrowing;
  /** Must depend on its arguments alone. `isTerminating`: the pod has a deletionTimestamp. */
  matches(
    namespace: string,
    labels: Readonly<Record<string, string>>,
    isTerminating: boolean,
  ): boolean;
}

/** The four lists of terms in a pod's spec.affinity. */
export type AffinityTermGroup =
  | "requiredAffinity"
  | "requiredAntiAffinity"
  | "preferredAffinity"
  | "preferredAntiAffinity";

/** One distinct term, parsed: framework.AffinityTerm of kube-scheduler. */
export interface AffinityTerm {
  readonly topologyKey: string;
  /** 1..100 for preferred terms, else 0. */
  readonly weight: number;
  readonly narrowedBy?: Narrowing;
  /** Whether a pod of this namespace (with the namespace's labels) and these labels matches. */
  matches(
    namespace: string,
    labels: Readonly<Record<string, string>>,
    namespaceLabels: Readonly<Record<string, string>> | undefined,
  ): boolean;
  /** Its outcome depends on labels of namespaces. */
  readonly readsNamespaceLabels: boolean;
}

/**
 * A distinct term that pods on nodes state, and how many of those pods are on each node. A pod that
 * states it twice counts twice, since kube-scheduler adds its weight twice.
 */
export interface TermCounts {
  readonly term: AffinityTerm;
  readonly pods: NodeCounts;
}

/**
 * Distinct terms by group. Lists only grow, until `epoch` rises: then they were made anew. A term
 * whose pods are all gone stays with a total of 0.
 */
export interface AffinityTerms {
  readonly epoch: number;
  of(group: AffinityTermGroup): readonly TermCounts[];
  /**
   * The terms of the group, from place `since` of its list on, that may match a pod of this namespace
   * and these labels, whatever the labels of its namespace: all others do not.
   */
  mayMatch(
    group: AffinityTermGroup,
    namespace: string,
    labels: Readonly<Record<string, string>>,
    since: number,
  ): readonly TermCounts[];
  /** Pods on nodes that state any term of the group. */
  podCount(group: AffinityTermGroup): number;
}

/** Objects of one kind. */
export interface ObjectLister<T extends ApiObject = ApiObject> {
  /** Rises with every change of an object of this kind. */
  readonly version: number;
  get(namespace: string, name: string): T | undefined;
  /** In order of namespace, then name; with a namespace only its own. */
  list(namespace?: string): readonly T[];
  /**
   * Which objects have come, changed or gone since the lister had this version, in order and perhaps
   * more than once; undefined when that is too long ago to know: any may have.
   */
  changedSince(version: number): readonly ObjectName[] | undefined;
}

export interface ObjectName {
  /** "" for objects of the cluster. */
  readonly namespace: string;
  readonly name: string;
}
