/**
 * decide: where one pod goes, as its profile's plugins see the cluster now, or why nowhere
 * (kubernetes/pkg/scheduler/schedule_one.go, schedulePod and the first half of schedulingCycle,
 * v1.30).
 */
import {
  type Diagnosis,
  type Framework,
  fitErrorMessage,
  NO_SLOT,
  type PluginRejection,
  type PodInfo,
  type PostFilterOutcome,
  type SchedulerCache,
  type TieBreak,
} from "./framework/index.ts";
import type { PluginRequest, SchedulerRequests } from "./plugin-requests.ts";
import type { AttemptFailure, Decision, PostFilterDecision } from "./scheduling-cycle.ts";

/** kube-scheduler's ErrNoNodesAvailable. */
export const NO_NODES_AVAILABLE = "no nodes available to schedule pods";

/** Who decides, and by what chance. */
export interface DecisionContext {
  readonly framework: Framework;
  readonly cache: SchedulerCache;
  readonly requests: SchedulerRequests;
  readonly tie: TieBreak;
  /** A seeded draw of this attempt for PostFilter: a whole number below `count`. */
  readonly draw: (count: number) => number;
}

/** Takes among equals the one that `draw`, 0..1, falls upon; undefined: the lowest name. */
export function tieBreakBy(draw: number | undefined): TieBreak {
  return draw === undefined ? undefined : (bestCount) => Math.floor(draw * bestCount);
}

/** Evaluates the pod, which moves the start index of the next cycle. */
export function decide(pod: PodInfo, context: DecisionContext): Decision {
  const { framework, cache, tie } = context;
  if (cache.nodeCount === 0) return { ...NOWHERE, failure: NO_NODES };
  const found = framework.evaluate(pod, tie);
  const { evaluatedCount, feasibleCount, bestTotal, bestCount, chosenSlot } = found;
  if (chosenSlot === NO_SLOT) {
    return { ...NOWHERE, evaluatedNodes: evaluatedCount, ...whyNowhere(pod, context) };
  }
  return {
    node: cache.nodeAt(chosenSlot).name,
    evaluatedNodes: evaluatedCount,
    feasibleNodes: feasibleCount,
    bestTotal,
    bestCount,
    failure: undefined,
    postFilter: undefined,
  };
}

/** Asks why no node will do, and lets PostFilter try to make room. */
function whyNowhere(
  pod: PodInfo,
  context: DecisionContext,
): Pick<Decision, "failure" | "postFilter"> {
  const { framework, requests, draw, tie } = context;
  const diagnosis = framework.diagnose(pod);
  const { rejectingPlugins: rejectorPlugins } = diagnosis;
  const reason = "Unschedulable";
  if (!framework.hasPostFilter) {
    const message = fitErrorMessage(diagnosis);
    return {
      failure: { reason, message, rejectorPlugins, nomination: undefined },
      postFilter: undefined,
    };
  }
  const attempt = { diagnosis, draw, isLowestName: tie === undefined };
  const { result, requests: asked } = requests.collect(() => framework.postFilter(pod, attempt));
  const nomination = result.keepsNomination ? undefined : result.nominatedNode;
  const message = fitErrorMessage(diagnosis, result.message);
  return {
    failure: { reason, message, rejectorPlugins, nomination },
    postFilter: postFilterDecision(diagnosis, result, asked),
  };
}

function postFilterDecision(
  diagnosis: Diagnosis,
  { victims, dryRunNodes }: PostFilterOutcome,
  requests: readonly PluginRequest[],
): PostFilterDecision {
  return { requests, dryRunNodes, victims, fitError: fitErrorMessage(diagnosis) };
}

/** The preemption came to nothing: one of its requests failed (PostFilter's status is an error). */
export function failedPreemption(failure: AttemptFailure, fitError: string, error: string) {
  const message = `${fitError} preemption: ${error}`;
  return { ...failure, message, nomination: undefined } satisfies AttemptFailure;
}

/** A plugin's refusal after the node was chosen: a FitError about that one node. */
export function rejectionOnNode({ plugin, reasons }: PluginRejection): AttemptFailure {
  const reasonCounts = new Map(reasons.map((reason) => [reason, 1]));
  const message = fitErrorMessage({
    nodeCount: 1,
    reasonCounts,
    preFilterMessage: "",
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
  postFilter: undefined,
};
