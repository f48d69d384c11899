/**
 * decide: where one pod goes, as its profile's plugins see the cluster now, or why nowhere
 * (kubernetes/pkg/scheduler/schedule_one.go, schedulePod and the first half of schedulingCycle,
 * v1.30).
 */
import {
  type Framework,
  fitErrorMessage,
  NO_SLOT,
  type PluginRejection,
  type PodInfo,
  type SchedulerCache,
  type TieBreak,
} from "./framework/index.ts";
import type { AttemptFailure, Decision } from "./scheduling-cycle.ts";

/** kube-scheduler's ErrNoNodesAvailable. */
export const NO_NODES_AVAILABLE = "no nodes available to schedule pods";

/** Evaluates the pod, which moves the start index of the next cycle. */
export function decide(
  framework: Framework,
  cache: SchedulerCache,
  pod: PodInfo,
  tie: TieBreak,
): Decision {
  if (cache.nodeCount === 0) return { ...NOWHERE, failure: NO_NODES };
  const found = framework.evaluate(pod, tie);
  const { evaluatedCount, feasibleCount, bestTotal, bestCount, chosenSlot } = found;
  if (chosenSlot === NO_SLOT) {
    const failure = whyNowhere(framework, pod);
    return { ...NOWHERE, evaluatedNodes: evaluatedCount, failure };
  }
  return {
    node: cache.nodeAt(chosenSlot).name,
    evaluatedNodes: evaluatedCount,
    feasibleNodes: feasibleCount,
    bestTotal,
    bestCount,
    failure: undefined,
  };
}

/** Asks why no node will do, and lets PostFilter try to make room. */
function whyNowhere(framework: Framework, pod: PodInfo): AttemptFailure {
  const diagnosis = framework.diagnose(pod);
  const { rejectingPlugins: rejectorPlugins } = diagnosis;
  const reason = "Unschedulable";
  if (!framework.hasPostFilter) {
    const message = fitErrorMessage(diagnosis);
    return { reason, message, rejectorPlugins, nomination: undefined };
  }
  const { message: postFilterMessage, nominatedNode: nomination } = framework.postFilter(pod);
  const message = fitErrorMessage(diagnosis, postFilterMessage);
  return { reason, message, rejectorPlugins, nomination };
}

/** A plugin's refusal after the node was chosen: a FitError about that one node. */
export function rejectionOnNode({ plugin, reasons }: PluginRejection): AttemptFailure {
  const reasonCounts = new Map(reasons.map((reason) => [reason, 1]));
  const message = fitErrorMessage({
    nodeCount: 1,
    reasonCounts,
    preFilterMessage: "",
    rejectingPlugins: [plugin],
    rejections: new Map(),
  });
  return { reason: "Unschedulable", message, rejectorPlugins: [plugin], nomination: "" };
}

const NO_NODES: AttemptFailure = {
  reason: "Unschedulable",
  message: NO_NODES_AVAILABLE,
  rejectorPlugins: [],
  nomination: "",
};

const NOWHERE: Decision = {
  node: "",
  evaluatedNodes: 0,
  feasibleNodes: 0,
  bestTotal: 0,
  bestCount: 0,
  failure: undefined,
};
