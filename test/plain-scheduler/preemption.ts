/**
 * DefaultPreemption: plugins/defaultpreemption/default_preemption.go and pkg/scheduler/framework/
 * preemption/preemption.go. All potential nodes are tried, where kube-scheduler draws a sample.
 */
import { type Attempt, addPod, filterNode, removePod, startTrial, type Trial } from "./attempt.ts";
import type { IncomingPod } from "./incoming-pod.ts";
import type { NodeState } from "./node-state.ts";
import { type Budget, keyOf, type Pod, priorityOf } from "./scenario.ts";
import { selectorOf, selects, selectsEverything } from "./selectors.ts";
import { fitError, type PostFilterStep, type Status } from "./step.ts";

export interface Candidate {
  readonly node: NodeState;
  /** Not empty: those who break a budget first. */
  readonly victims: readonly Pod[];
  readonly budgetViolations: number;
}

export interface Preemption {
  readonly step: PostFilterStep;
  /** Where the pod is to go when its victims are gone. */
  readonly chosen?: Candidate;
}

/** Statuses of the nodes that rejected the pod; nodes that were not looked at have none. */
export type NodeStatuses = ReadonlyMap<NodeState, Status>;

/** PostFilter. `attempt` is undefined when PreFilter rejected the pod everywhere. */
export function preempt(
  incoming: IncomingPod,
  attempt: Attempt | undefined,
  statuses: NodeStatuses,
): Preemption {
  const { nodes } = incoming.cluster;
  const potential = nodes.filter((node) => statuses.get(node)?.code === "Unschedulable");
  const step: PostFilterStep = { code: "Unschedulable", potentialNodes: sortedNames(potential) };
  const obstacle = whyNotEligible(incoming, statuses);
  if (obstacle !== undefined) {
    return { step: { ...step, message: `preemption: not eligible due to ${obstacle}.` } };
  }
  const candidates: Candidate[] = [];
  const hopeless = new Map<NodeState, Status>();
  if (attempt !== undefined) {
    for (const node of potential) {
      const result = selectVictims(attempt, node);
      if ("code" in result) hopeless.set(node, result);
      else candidates.push(result);
    }
  }
  if (hopeless.size > 0) step.nodeStatuses = byName(hopeless);
  if (candidates.length > 0) return choose(candidates, step);
  const reasons = nodes.map((node) => hopeless.get(node) ?? NOT_HELPFUL);
  return { step: { ...step, message: `preemption: ${fitError(nodes.length, reasons)}` } };
}

const NOT_HELPFUL: Status = {
  code: "UnschedulableAndUnresolvable",
  reasons: ["Preemption is not helpful for scheduling"],
};
const NO_VICTIMS: Status = {
  code: "UnschedulableAndUnresolvable",
  reasons: ["No preemption victims found for incoming pod"],
};

const sortedNames = (nodes: readonly NodeState[]): readonly string[] =>
  nodes.map(({ name }) => name).sort();

const byName = (statuses: NodeStatuses): Record<string, Status> =>
  Object.fromEntries([...statuses].map(([node, status]) => [node.name, status]));

/** PodEligibleToPreemptOthers; undefined: it is. */
function whyNotEligible({ pod, cluster }: IncomingPod, statuses: NodeStatuses): string | undefined {
  if (pod.spec.preemptionPolicy === "Never") return "preemptionPolicy=Never";
  const nominated = cluster.nodes.find(({ name }) => name === pod.status.nominatedNodeName);
  if (nominated === undefined) return undefined;
  if (statuses.get(nominated)?.code === "UnschedulableAndUnresolvable") return undefined;
  const isLeaving = nominated.pods.some(
    (other) => priorityOf(other) < priorityOf(pod) && isTerminatingByPreemption(other),
  );
  return isLeaving ? "a terminating pod on the nominated node" : undefined;
}

/** podTerminatingByPreemption */
const isTerminatingByPreemption = ({ metadata, status }: Pod): boolean =>
  metadata.deletionTimestamp !== undefined &&
  (status.conditions ?? []).some(
    (condition) =>
      condition.type === "DisruptionTarget" &&
      condition.status === "True" &&
      condition.reason === "PreemptionByScheduler",
  );

/**
 * SelectVictimsOnNode: without all pods of lower priority the pod must fit; then each is put back in
 * turn, those first whose eviction breaks a budget, and stays if the pod still fits.
 */
function selectVictims(attempt: Attempt, node: NodeState): Candidate | Status {
  const trial = startTrial(node, attempt.counts);
  const lower = trial.node.pods.filter((pod) => priorityOf(pod) < priorityOf(attempt.pod));
  if (lower.length === 0) return NO_VICTIMS;
  for (const pod of lower) removePod(pod, trial);
  const status = filterNode(attempt, trial.node, trial.counts);
  if (status !== undefined) return status;
  lower.sort(byImportance);
  const budgets = attempt.scenario.podDisruptionBudgets;
  const { violating, others } = splitByBudgets(lower, budgets);
  const protectedVictims = violating.filter((pod) => !reprieves(attempt, pod, trial));
  const victims = others.filter((pod) => !reprieves(attempt, pod, trial));
  if (protectedVictims.length + victims.length === 0) {
    throw new Error(`${keyOf(attempt.pod)} fits on ${node.name} with nobody evicted`);
  }
  return {
    node,
    victims: [...protectedVictims, ...victims],
    budgetViolations: protectedVictims.length,
  };
}

/** Puts the pod back; false: it can't stay. */
function reprieves(attempt: Attempt, pod: Pod, trial: Trial): boolean {
  addPod(pod, trial);
  if (filterNode(attempt, trial.node, trial.counts) === undefined) return true;
  removePod(pod, trial);
  return false;
}

/** util.GetPodStartTime: a pod that has not started starts now, after all others. */
const startOf = ({ status }: Pod): number =>
  status.startTime === undefined ? Infinity : Date.parse(status.startTime);

/** util.MoreImportantPod: priority, then who started first. Equal ones stay as the node has them. */
function byImportance(one: Pod, other: Pod): number {
  const difference = priorityOf(other) - priorityOf(one);
  if (difference !== 0 || startOf(one) === startOf(other)) return difference;
  return startOf(one) < startOf(other) ? -1 : 1;
}

interface Split {
  readonly violating: readonly Pod[];
  readonly others: readonly Pod[];
}

/** filterPodsWithPDBViolation: in turn, each pod takes one disruption of each of its budgets. */
function splitByBudgets(pods: readonly Pod[], budgets: readonly Budget[]): Split {
  const allowed = new Map(
    budgets.map((budget) => [budget, budget.status.disruptionsAllowed ?? 0] as const),
  );
  const violating = pods.filter((pod) => {
    let isViolated = false;
    for (const budget of budgets.filter((one) => protects(one, pod))) {
      const left = (allowed.get(budget) ?? 0) - 1;
      allowed.set(budget, left);
      if (left < 0) isViolated = true;
    }
    return isViolated;
  });
  return { violating, others: pods.filter((pod) => !violating.includes(pod)) };
}

/** A pod that the budget lists as disrupted was counted when that was decided. */
function protects({ metadata, spec, status }: Budget, pod: Pod): boolean {
  const { name, namespace, labels } = pod.metadata;
  const selector = selectorOf(spec.selector);
  return (
    metadata.namespace === namespace &&
    Object.keys(labels).length > 0 &&
    !selectsEverything(selector) &&
    selects(selector, labels) &&
    !Object.hasOwn(status.disruptedPods ?? {}, name)
  );
}

/** Higher is better; each criterion decides among those that the ones before it leave equal. */
const CRITERIA: readonly ((candidate: Candidate) => number)[] = [
  ({ budgetViolations }) => -budgetViolations,
  ({ victims }) => -Math.max(...victims.slice(0, 1).map(priorityOf)),
  // Shifted by 2^31, so that more victims of negative priority are worse, not better.
  ({ victims }) => -victims.reduce((sum, pod) => sum + priorityOf(pod) + 2_147_483_648, 0),
  ({ victims }) => -victims.length,
  ({ victims }) => earliestStart(victims),
];

/** pickOneNodeForPreemption; of equal nodes the first by name. */
function choose(candidates: readonly Candidate[], step: PostFilterStep): Preemption {
  let best = candidates;
  for (const value of CRITERIA) {
    const highest = best.reduce((top, one) => Math.max(top, value(one)), -Infinity);
    best = best.filter((one) => value(one) === highest);
  }
  const [chosen] = [...best].sort((one, other) => (one.node.name < other.node.name ? -1 : 1));
  if (chosen === undefined) throw new Error("no candidate is the best");
  return {
    chosen,
    step: {
      ...step,
      code: "Success",
      candidates: Object.fromEntries(
        candidates.map(({ node, victims, budgetViolations }) => [
          node.name,
          { victims: sortedKeys(victims), numPDBViolations: budgetViolations },
        ]),
      ),
      bestNodes: sortedNames(best.map(({ node }) => node)),
      nominatedNode: chosen.node.name,
      victims: sortedKeys(chosen.victims),
    },
  };
}

const sortedKeys = (pods: readonly Pod[]): readonly string[] => pods.map(keyOf).sort();

/** util.GetEarliestPodStartTime: among the victims of the highest priority. */
function earliestStart(victims: readonly Pod[]): number {
  const highest = Math.max(...victims.map(priorityOf));
  return Math.min(...victims.filter((pod) => priorityOf(pod) === highest).map(startOf));
}
