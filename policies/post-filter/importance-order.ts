/**
 * The pods of a node by importance, which is the order in which preemption spares them, and the
 * budgets that select them: worked out once for all pods that look for a victim there.
 *
 * Source: MoreImportantPod and GetPodStartTime of kubernetes/pkg/scheduler/util/utils.go, v1.30.
 */
import { timestampUs } from "../../sim/api/index.ts";
import type { NodeInfo, PodInfo } from "../../sim/scheduler/index.ts";
import { type BudgetedPod, type Budgets, budgetedPods } from "./disruption-budgets.ts";

/** The pods of one node. */
export interface ImportanceOrder {
  /** In the order in which the node holds them. */
  readonly pods: readonly PodInfo[];
  /**
   * Higher priority first, then the earlier start, then the place on the node, where kube-scheduler's
   * sort leaves it open.
   */
  readonly sorted: readonly PodInfo[];
  /** Some pod has not started. */
  readonly hasNotStarted: boolean;
  /** Those that some budget selects, by importance. */
  readonly budgeted: readonly BudgetedPod[];
  /** The Budgets.selection for which this holds. */
  readonly selection: object;
}

/** Orders by node. They can be made anew at any time: no state of a run. */
const known = new WeakMap<NodeInfo, ImportanceOrder>();

/** The node's pods by importance, as they are now. */
export function importanceOrder(node: NodeInfo, budgets: Budgets): ImportanceOrder {
  const { selection } = budgets;
  const old = known.get(node);
  const isSame = old !== undefined && isSameList(old.pods, node.pods);
  if (isSame && old.selection === selection) return old;
  // Array.sort is stable: the place on the node decides last.
  const sorted = isSame ? old.sorted : [...node.pods].sort(compareImportance);
  const order = {
    pods: [...node.pods],
    sorted,
    hasNotStarted: sorted.some(({ pod }) => pod.status.startTime === undefined),
    budgeted: budgetedPods(sorted, budgets),
    selection,
  };
  known.set(node, order);
  return order;
}

/** Start in virtual microseconds; Infinity, which stands for now, when it has not started. */
export function startUs({ pod: { status } }: PodInfo): number {
  return status.startTime === undefined ? Number.POSITIVE_INFINITY : timestampUs(status.startTime);
}

function compareImportance(a: PodInfo, b: PodInfo): number {
  if (a.priority !== b.priority) return b.priority - a.priority;
  const startA = a.pod.status.startTime ?? NOW;
  const startB = b.pod.status.startTime ?? NOW;
  if (startA === startB) return 0;
  // As the API writes times, whole seconds in UTC, their texts are in the order of the times.
  if (startA.length === NOW.length && startB.length === NOW.length) return startA < startB ? -1 : 1;
  const difference = startUs(a) - startUs(b);
  return Number.isNaN(difference) ? 0 : difference;
}

/** After every time of start. */
const NOW = "9999-12-31T23:59:59Z";

/** The same pods, as they were, in the same places. */
export function isSameList(a: readonly PodInfo[], b: readonly PodInfo[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
