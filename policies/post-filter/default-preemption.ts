/**
 * DefaultPreemption makes room for a pod that fits nowhere: it looks for nodes where the pod would
 * fit if pods of lower priority went, takes the node where that hurts least, and lets them go.
 *
 * Source: kubernetes/pkg/scheduler/framework/plugins/defaultpreemption and
 * framework/preemption/preemption.go, v1.30.
 */
import { findCondition, type Pod } from "../../sim/api/index.ts";
import {
  type AnyPlugin,
  definePlugin,
  fitErrorMessage,
  type PodInfo,
  type PostFilterContext,
  type PostFilterResult,
  type PreemptionDetail,
  type Rejection,
} from "../../sim/scheduler/index.ts";
import {
  type CandidateLimits,
  candidateCount,
  candidateLimits,
  type DefaultPreemptionArgs,
} from "./default-preemption-args.ts";
import { evictVictims } from "./evict-victims.ts";
import {
  type CandidateSearch,
  chooseAmong,
  findCandidates,
  weighAll,
} from "./preemption-candidates.ts";

const NOT_HELPFUL = "Preemption is not helpful for scheduling";

/** Makes the plugin. Throws InputError for wrong arguments. */
export function defaultPreemption(args: DefaultPreemptionArgs = {}): AnyPlugin {
  const limits = candidateLimits(args);
  return definePlugin({
    name: "DefaultPreemption",
    locality: "none",
    requeueOn: [],
    postFilter: (pod, context) => preempt(pod, context, limits),
    explainPostFilter: explain,
  });
}

/** Preempt: nominates a node and evicts, or says why not. */
function preempt(
  pod: PodInfo,
  context: PostFilterContext,
  limits: CandidateLimits,
): PostFilterResult {
  const refusal = whyNotEligible(pod, context);
  if (refusal !== "") return { nominatedNode: "", message: refusal, keepsNomination: true };
  const potential = context.diagnosis.unschedulableSlots();
  const wanted = candidateCount(potential.length, limits);
  const search = findCandidates(pod, context, potential, wanted);
  const { best, tried: dryRunNodes, errors } = search;
  const chosen = chooseAmong(best, context);
  if (chosen === undefined) {
    const message = whyNoCandidate(context, search);
    return { nominatedNode: "", message, dryRunNodes, keepsNomination: errors.length > 0 };
  }
  const { run } = chosen;
  const node = context.cluster.nodeIn(chosen.slot);
  evictVictims(pod, node, run.victims, context);
  const victims = run.victims.map(({ record }) => record.key);
  return { nominatedNode: node.name, victims, dryRunNodes };
}

/** All potential nodes weighed, nobody evicted. */
function explain(pod: PodInfo, context: PostFilterContext): PreemptionDetail {
  const refusal = whyNotEligible(pod, context);
  if (refusal !== "") {
    const nothing = { candidates: [], nodeStatuses: new Map(), bestNodes: [] };
    return { ...nothing, code: "Unschedulable", message: refusal };
  }
  const candidates: PreemptionDetail["candidates"][number][] = [];
  const nodeStatuses = new Map<string, Rejection>();
  const search = weighAll(
    pod,
    context,
    context.diagnosis.unschedulableSlots(),
    ({ name: nodeName }, run) => {
      const { rejection, victims, numPDBViolations } = run;
      if (rejection !== undefined) nodeStatuses.set(nodeName, rejection);
      else candidates.push({ nodeName, victims, numPDBViolations });
    },
  );
  const isHelpful = candidates.length > 0;
  return {
    candidates,
    nodeStatuses,
    bestNodes: search.best.map(({ slot }) => context.cluster.nodeIn(slot).name).sort(),
    code: isHelpful ? "Success" : "Unschedulable",
    message: isHelpful ? "" : whyNoCandidate(context, search),
  };
}

/** PodEligibleToPreemptOthers: the message for a pod that may not preempt, or "". */
function whyNotEligible({ pod, priority }: PodInfo, context: PostFilterContext): string {
  if (pod.spec.preemptionPolicy === "Never") {
    return "preemption: not eligible due to preemptionPolicy=Never.";
  }
  const { nominatedNodeName = "" } = pod.status;
  const node = nominatedNodeName === "" ? undefined : context.cluster.node(nominatedNodeName);
  if (node === undefined) return "";
  // If nothing on that node can change the verdict, it may preempt elsewhere at once.
  const code = context.diagnosis.rejectionAt(node.slot)?.code;
  if (code === "UnschedulableAndUnresolvable") return "";
  const isWaiting = node.pods.some(
    (other) => other.priority < priority && isTerminatingByPreemption(other.pod),
  );
  return isWaiting
    ? "preemption: not eligible due to a terminating pod on the nominated node."
    : "";
}

function isTerminatingByPreemption({ metadata, status }: Pod): boolean {
  if (metadata.deletionTimestamp === undefined) return false;
  const condition = findCondition(status.conditions, "DisruptionTarget");
  return condition?.status === "True" && condition.reason === "PreemptionByScheduler";
}

/** What went wrong, or the FitError over the nodes that were tried and those that were not. */
function whyNoCandidate({ cluster }: PostFilterContext, search: CandidateSearch): string {
  const errors = [...new Set(search.errors)];
  if (errors.length > 1) return `preemption: [${errors.join(", ")}]`;
  if (errors.length === 1) return `preemption: ${errors[0]}`;
  const nodeCount = cluster.nodes.length;
  const reasonCounts = new Map<string, number>();
  let untried = nodeCount;
  for (const [{ reasons }, nodes] of search.rejections) {
    untried -= nodes;
    for (const reason of reasons) reasonCounts.set(reason, (reasonCounts.get(reason) ?? 0) + nodes);
  }
  if (untried > 0) reasonCounts.set(NOT_HELPFUL, untried);
  const message = fitErrorMessage({
    nodeCount,
    reasonCounts,
    preFilterMessage: "",
  });
  return `preemption: ${message}`;
}
