/**
 * The dry run of a preemption on one node: which pods must go so that the pod fits, and no more.
 *
 * Hot: up to a tenth of all nodes per preemption. What it gives is kept while nothing that it
 * depends on has changed (PostFilterContext.dryRunMemo), and where filters only ever grow stricter
 * with more pods it begins at the full node. Pinned by select-victims.test.ts against the plain way.
 *
 * Source: SelectVictimsOnNode of
 * kubernetes/pkg/scheduler/framework/plugins/defaultpreemption/default_preemption.go and
 * GetEarliestPodStartTime of pkg/scheduler/util/utils.go, v1.30.
 */
import type {
  NodeInfo,
  NodeTrial,
  PodInfo,
  PostFilterContext,
  Rejection,
} from "../../sim/scheduler/index.ts";
import { type Budgets, violatingPods } from "./disruption-budgets.ts";
import { importanceOrder, isSameList, startUs } from "./importance-order.ts";

/** What the dry run on one node gave. */
export interface DryRun {
  /** Why preemption does not help on this node; undefined: it does. */
  readonly rejection: Rejection | undefined;
  /** The pod fits with nobody gone: the filters contradict themselves. */
  readonly isError: boolean;
  /** Pods to take away: those that break a budget first, each group by importance. */
  readonly victims: readonly PodInfo[];
  readonly victimCount: number;
  /** Victims whose removal breaks a PodDisruptionBudget. */
  readonly numPDBViolations: number;
  /** Priority of the first victim. */
  readonly firstPriority: number;
  /** Sum of (priority + 2^31): exact below two million victims. */
  readonly prioritySum: number;
  /** Earliest start among the victims of the highest priority; Infinity, now, when none has started. */
  readonly earliestStartUs: number;
  /** Pods that could have become victims, and whose removal would break a budget, by importance. */
  readonly violating: readonly PodInfo[];
  /** The node's pods, if some had not started: their place in the order will change. Else nothing. */
  readonly seen: readonly PodInfo[];
  /** With which it holds. */
  budgets: Budgets;
}

export const NO_VICTIMS: Rejection = {
  code: "UnschedulableAndUnresolvable",
  reasons: ["No preemption victims found for incoming pod"],
};

/** kube-scheduler adds math.MaxInt32 + 1, so that each victim more makes the sum higher. */
const PRIORITY_OFFSET = 2_147_483_648;

/**
 * Takes all pods of lower priority off the node and, if the pod fits then, puts back as many as
 * possible: first those whose removal breaks a budget, each group by importance.
 */
export function selectVictims(
  pod: PodInfo,
  node: NodeInfo,
  budgets: Budgets,
  trials: Pick<PostFilterContext, "tryNode">,
): DryRun {
  const { pods, sorted, budgeted, hasNotStarted } = importanceOrder(node, budgets);
  const potential = lowerPods(sorted, pod.priority);
  if (potential.length === 0) return failed(NO_VICTIMS, false, budgets);
  const violating = violatingPods(budgeted, pod.priority, budgets);
  const order = inOrderOfReprieve(potential, violating);
  const trial = trials.tryNode(node.slot);
  const victims: PodInfo[] = [];
  const rejection = trial.isMonotone
    ? takeWhileNeeded(trial, order, victims)
    : takeAllThenReprieve(trial, order, victims);
  trial.end();
  if (rejection !== undefined) return failed(rejection, false, budgets);
  const [first] = victims;
  if (first === undefined) return failed(noVictimOn(node.name), true, budgets);
  let numPDBViolations = 0;
  let prioritySum = 0;
  for (const victim of victims) {
    if (violating.includes(victim)) numPDBViolations++;
    prioritySum += victim.priority + PRIORITY_OFFSET;
  }
  return {
    rejection: undefined,
    isError: false,
    victims,
    victimCount: victims.length,
    numPDBViolations,
    firstPriority: first.priority,
    prioritySum,
    earliestStartUs: earliestStartUs(victims),
    violating,
    seen: hasNotStarted ? pods : NONE,
    budgets,
  };
}

/**
 * Whether a dry run made earlier for a pod of this priority still holds on a node that has not
 * changed since.
 */
export function isCurrent(
  run: DryRun,
  priority: number,
  node: NodeInfo,
  budgets: Budgets,
): boolean {
  if (run.rejection !== undefined) return !run.isError;
  // A pod that has started has another PodInfo now, though nothing that a filter reads has changed.
  if (run.seen.length > 0 && !isSameList(run.seen, node.pods)) return false;
  if (run.budgets === budgets) return true;
  const { budgeted } = importanceOrder(node, budgets);
  const violating = violatingPods(budgeted, priority, budgets);
  if (violating.length !== run.violating.length) return false;
  for (let i = 0; i < violating.length; i++) if (violating[i] !== run.violating[i]) return false;
  run.budgets = budgets;
  return true;
}

/** Those of lower priority among pods by importance. */
function lowerPods(sorted: readonly PodInfo[], priority: number): readonly PodInfo[] {
  let first = sorted.length;
  while (first > 0 && (sorted[first - 1] as PodInfo).priority < priority) first--;
  return first === 0 ? sorted : sorted.slice(first);
}

function inOrderOfReprieve(
  pods: readonly PodInfo[],
  violating: readonly PodInfo[],
): readonly PodInfo[] {
  if (violating.length === 0) return pods;
  return [...violating, ...pods.filter((pod) => !violating.includes(pod))];
}

/** SelectVictimsOnNode as it is written there. */
function takeAllThenReprieve(
  trial: NodeTrial,
  order: readonly PodInfo[],
  victims: PodInfo[],
): Rejection | undefined {
  for (const pod of order) trial.removePod(pod);
  const rejection = trial.rejection();
  if (rejection === undefined) reprieve(trial, order, 0, victims);
  return rejection;
}

/**
 * The same where a pod more never makes the pod in hand fit: takes pods off the full node, the first
 * to be reprieved last, until it fits. Those that are still there would all have been reprieved, and
 * the last one taken would not.
 */
function takeWhileNeeded(
  trial: NodeTrial,
  order: readonly PodInfo[],
  victims: PodInfo[],
): Rejection | undefined {
  let left = order.length;
  let rejection = trial.rejection();
  while (rejection !== undefined && left > 0) {
    left--;
    trial.removePod(order[left] as PodInfo);
    rejection = trial.rejection();
  }
  if (rejection !== undefined || left === order.length) return rejection;
  victims.push(order[left] as PodInfo);
  reprieve(trial, order, left + 1, victims);
  return undefined;
}

/** Puts each pod from `first` on back that the pod in hand can live with; the others are victims. */
function reprieve(
  trial: NodeTrial,
  order: readonly PodInfo[],
  first: number,
  victims: PodInfo[],
): void {
  for (let i = first; i < order.length; i++) {
    const pod = order[i] as PodInfo;
    trial.addPod(pod);
    if (trial.rejection() === undefined) continue;
    trial.removePod(pod);
    victims.push(pod);
  }
}

function earliestStartUs(victims: readonly PodInfo[]): number {
  let highest = Number.NEGATIVE_INFINITY;
  let earliestUs = Number.POSITIVE_INFINITY;
  for (const victim of victims) {
    if (victim.priority < highest) continue;
    const us = startUs(victim);
    if (victim.priority > highest || us < earliestUs) earliestUs = us;
    highest = victim.priority;
  }
  return earliestUs;
}

function noVictimOn(nodeName: string): Rejection {
  const reason = `expected at least one victim pod on node ${JSON.stringify(nodeName)}`;
  return { code: "Unschedulable", reasons: [reason] };
}

function failed(rejection: Rejection, isError: boolean, budgets: Budgets): DryRun {
  return {
    rejection,
    isError,
    victims: NONE,
    victimCount: 0,
    numPDBViolations: 0,
    firstPriority: 0,
    prioritySum: 0,
    earliestStartUs: 0,
    violating: NONE,
    seen: NONE,
    budgets,
  };
}

const NONE: readonly PodInfo[] = [];
