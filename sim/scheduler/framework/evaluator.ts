/**
 * Evaluator: finds the node for one pod. Two implementations give the same answers: FullPass asks
 * every plugin about every node, IncrementalEvaluator recomputes what changed only.
 */
import type { Rejection } from "./interface.ts";
import type { PodInfo } from "./pod-info.ts";

export const NO_SLOT = -1;

/**
 * Breaks a tie: given the number of best nodes, the index of the one to take. The best nodes are
 * counted in slot order when all nodes were evaluated, and in node order from the start index when
 * the search stopped early. Undefined: the lowest node name.
 */
export type TieBreak = ((bestCount: number) => number) | undefined;

/** The result of one cycle. The object is reused by the next one: read it at once. */
export interface Evaluation {
  /** Nodes that pass all filters, among those that were looked at. */
  feasibleCount: number;
  /** Nodes that were looked at: feasible and rejected ones. */
  evaluatedCount: number;
  /** Highest weighted total, and how many nodes have it. 0 and 1 when one node only is feasible: kube-scheduler skips scoring then. */
  bestTotal: number;
  bestCount: number;
  /** Slot of the chosen node, or NO_SLOT. */
  chosenSlot: number;
  /** Where the next cycle starts in the node order. */
  nextStartIndex: number;
}

/** Why a pod fits nowhere: what kube-scheduler keeps in framework.Diagnosis. */
export interface Diagnosis {
  readonly nodeCount: number;
  /** How many nodes gave each reason; empty when a preFilter rejected the pod as a whole. */
  readonly reasonCounts: ReadonlyMap<string, number>;
  /** Reasons of the preFilter that rejected the pod on all nodes, joined; else "". */
  readonly preFilterMessage: string;
  /** Names of the plugins that rejected, in profile order: what may wake the pod up again. */
  readonly rejectingPlugins: readonly string[];
  /** The first rejection of the node in a slot; undefined: a preFilter left it out. */
  rejectionAt(slot: number): Rejection | undefined;
  /** The slots whose first rejection is `Unschedulable`, in node order: preempting may help there. */
  unschedulableSlots(): readonly number[];
}

export interface Evaluator {
  /** Evaluates the nodes for a pod, starting at the cache's nextStartIndex (which it leaves alone). */
  evaluate(pod: PodInfo, tie: TieBreak): Evaluation;
  /** Asks all nodes why the pod does not fit. Costs a full pass. */
  diagnose(pod: PodInfo): Diagnosis;
}

export function createEvaluation(): Evaluation {
  return {
    feasibleCount: 0,
    evaluatedCount: 0,
    bestTotal: 0,
    bestCount: 0,
    chosenSlot: NO_SLOT,
    nextStartIndex: 0,
  };
}
