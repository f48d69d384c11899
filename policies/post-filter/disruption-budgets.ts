/**
 * The PodDisruptionBudgets of one preemption: whom may we take away without breaking a promise?
 *
 * Source: filterPodsWithPDBViolation of
 * kubernetes/pkg/scheduler/framework/plugins/defaultpreemption/default_preemption.go, v1.30.
 */
import { compileLabelSelector, type PodDisruptionBudget } from "../../sim/api/index.ts";
import type { ClusterInfo, PodInfo } from "../../sim/scheduler/index.ts";

/** All budgets as they are now: the same object as long as none of them has changed. */
export interface Budgets {
  readonly list: readonly PodDisruptionBudget[];
  /** The same object as long as the budgets select what they did, whatever their status says. */
  readonly selection: object;
  /** disruptionsAllowed of each. */
  readonly allowed: Int32Array;
  /** Some budget lists pods whose eviction was granted. */
  readonly hasDisruptedPods: boolean;
  /** What is left of each while it is counted: scratch space. */
  readonly left: Int32Array;
}

/** A pod that budgets select. */
export interface BudgetedPod {
  readonly pod: PodInfo;
  /** Places of these budgets in the list. */
  readonly budgets: readonly number[];
}

/** The last state of each cluster's budgets. It can be made anew at any time: no state of a run. */
const latest = new WeakMap<ClusterInfo, Budgets>();

/** The budgets that the scheduler knows of. */
export function currentBudgets(cluster: ClusterInfo): Budgets {
  const list = cluster.objects<PodDisruptionBudget>("PodDisruptionBudget").list();
  const known = latest.get(cluster);
  if (known !== undefined && isEqual(known.list, list, isSame)) return known;
  const isKept = known !== undefined && isEqual(known.list, list, selectsTheSame);
  const budgets: Budgets = {
    list: [...list],
    selection: isKept ? known.selection : {},
    allowed: Int32Array.from(list, ({ status }) => status.disruptionsAllowed),
    hasDisruptedPods: list.some(({ status }) => status.disruptedPods !== undefined),
    left: new Int32Array(list.length),
  };
  latest.set(cluster, budgets);
  return budgets;
}

/** Those of the pods that some budget selects, in the order given. */
export function budgetedPods(pods: readonly PodInfo[], { list }: Budgets): readonly BudgetedPod[] {
  if (list.length === 0) return NOBODY;
  const found: BudgetedPod[] = [];
  for (const pod of pods) {
    if (Object.keys(pod.labels).length === 0) continue; // a pod without labels is nobody's
    const budgets: number[] = [];
    for (let i = 0; i < list.length; i++) {
      if (selects(list[i] as PodDisruptionBudget, pod)) budgets.push(i);
    }
    if (budgets.length > 0) found.push({ pod, budgets });
  }
  return found;
}

/**
 * Pods of a lower priority than `priority` whose removal, after that of the more important ones,
 * exceeds what a budget allows. `pods` in order of importance.
 */
export function violatingPods(
  pods: readonly BudgetedPod[],
  priority: number,
  { list, allowed, hasDisruptedPods, left }: Budgets,
): readonly PodInfo[] {
  if (pods.length === 0) return NO_PODS;
  left.set(allowed);
  let violating: PodInfo[] | undefined;
  for (const { pod, budgets } of pods) {
    if (pod.priority >= priority) continue;
    let isViolating = false;
    for (const i of budgets) {
      // A pod in disruptedPods was taken off when its eviction was granted.
      if (hasDisruptedPods && list[i]?.status.disruptedPods?.[pod.name] !== undefined) continue;
      const rest = (left[i] ?? 0) - 1;
      left[i] = rest;
      if (rest < 0) isViolating = true;
    }
    if (!isViolating) continue;
    violating ??= [];
    violating.push(pod);
  }
  return violating ?? NO_PODS;
}

/** A budget without conditions selects nothing here. */
function selects({ metadata, spec }: PodDisruptionBudget, pod: PodInfo): boolean {
  if (metadata.namespace !== pod.namespace) return false;
  const selector = compileLabelSelector(spec.selector);
  return selector.requirements.length > 0 && selector.matches(pod.labels);
}

const NOBODY: readonly BudgetedPod[] = [];
const NO_PODS: readonly PodInfo[] = [];

const isSame = (a: PodDisruptionBudget, b: PodDisruptionBudget): boolean => a === b;

const selectsTheSame = (a: PodDisruptionBudget, b: PodDisruptionBudget): boolean =>
  a === b || (a.metadata.uid === b.metadata.uid && a.spec.selector === b.spec.selector);

function isEqual<T>(a: readonly T[], b: readonly T[], same: (a: T, b: T) => boolean): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!same(a[i] as T, b[i] as T)) return false;
  return true;
}
