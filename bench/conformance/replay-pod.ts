/** Schedules one pod of a scenario by the protocol of docs/conformance.md. */
import type { Pod } from "../../sim/api/index.ts";
import {
  type Diagnosis,
  type Framework,
  fitErrorMessage,
  NO_SLOT,
  type PodInfo,
  type PostFilterAttempt,
} from "../../sim/scheduler/index.ts";
import type { Decision, ObservedPostFilter, ObservedStep } from "./observed-step.ts";
import type { ExpectedStep } from "./scenario.ts";
import type { ScenarioCluster } from "./scenario-cluster.ts";
import { bindVolumes, reservedVolumes } from "./volume-bindings.ts";

/** ErrNoNodesAvailable of kubernetes/pkg/scheduler/schedule_one.go, v1.30. */
const NO_NODES = "no nodes available to schedule pods";

/**
 * Schedules the pod and binds it. What each plugin says is asked for only where `expected` has it,
 * since it costs a full pass.
 */
export function replayPod(
  cluster: ScenarioCluster,
  pod: Pod,
  expected: ExpectedStep,
): ObservedStep {
  const framework = cluster.frameworkFor(pod);
  const key = `${pod.metadata.namespace}/${pod.metadata.name}`;
  if (framework === undefined) return { ...nothing(key, ""), outcome: "ignored" };
  const info = cluster.podInfo(pod);
  const begun = nothing(key, framework.schedulerName);
  const preEnqueue = framework.preEnqueue(info);
  if (preEnqueue !== undefined) return { ...begun, outcome: "gated", preEnqueue };
  if (cluster.cache.nodeCount === 0) {
    return { ...begun, fitError: NO_NODES, error: NO_NODES };
  }
  const attempt = { cluster, framework, info };
  const step = { ...begun, ...runCycle(attempt, expected) };
  return step.outcome === "unschedulable" && step.decision?.chosen === ""
    ? { ...step, ...preempt(attempt, expected) }
    : step;
}

function nothing(pod: string, profile: string): ObservedStep {
  return {
    pod,
    profile,
    outcome: "unschedulable",
    preEnqueue: undefined,
    decision: undefined,
    detail: undefined,
    reserve: undefined,
    volumes: undefined,
    fitError: undefined,
    postFilter: undefined,
    afterPreemption: undefined,
    error: undefined,
  };
}

interface Attempt {
  readonly cluster: ScenarioCluster;
  readonly framework: Framework;
  readonly info: PodInfo;
}

/** PreFilter to binding. A pod that is nominated is so during its own cycle only. */
function runCycle(attempt: Attempt, expected: ExpectedStep): Partial<ObservedStep> {
  const { cluster, info } = attempt;
  cluster.nominate(info);
  const found = decide(attempt, expected);
  cluster.endNomination(info);
  if (found.decision.chosen === "") return found;
  return { ...found, ...reserveAndBind(attempt, found.decision.chosen) };
}

function decide(
  { cluster, framework, info }: Attempt,
  expected: ExpectedStep,
): Partial<ObservedStep> & { readonly decision: Decision } {
  const { feasibleCount, bestTotal, bestCount, chosenSlot } = framework.evaluate(info, undefined);
  const chosen = chosenSlot === NO_SLOT ? "" : cluster.cache.nodeAt(chosenSlot).name;
  const isUnscored = feasibleCount === 1 && expected.bestTotal !== undefined;
  const detail = isUnscored || hasDetail(expected) ? framework.explain(info) : undefined;
  const decision = { feasibleCount, bestTotal, bestCount, chosen };
  if (chosen !== "" || expected.fitError === undefined) return { decision, detail };
  return { decision, detail, fitError: fitErrorMessage(framework.diagnose(info)) };
}

/** Something is expected that only an explanation of the cycle has. */
function hasDetail(expected: ExpectedStep): boolean {
  return DETAILS.some((field) => expected[field] !== undefined);
}

const DETAILS = [
  "preFilter",
  "excludedByPreFilter",
  "nominatedNodeOnly",
  "feasible",
  "filtered",
  "scores",
  "totals",
  "best",
] as const satisfies readonly (keyof ExpectedStep)[];

function reserveAndBind(
  { cluster, framework, info }: Attempt,
  nodeName: string,
): Partial<ObservedStep> {
  const reserve = framework.reserve(info, nodeName);
  if (reserve !== undefined) {
    framework.unreserve(info, nodeName);
    return { reserve };
  }
  const volumes = info.pod.spec.volumes && reservedVolumes(info.pod, cluster.cache);
  if (volumes !== undefined) bindVolumes(volumes, cluster);
  cluster.bind(info.pod, nodeName);
  return { outcome: "scheduled", volumes };
}

/** PostFilter; when it nominates a node, its victims go at once and the pod tries again. */
function preempt(attempt: Attempt, expected: ExpectedStep): Partial<ObservedStep> {
  const { cluster, framework, info } = attempt;
  if (!framework.hasPostFilter) return {};
  cluster.nominate(info);
  const postFilter = runPostFilter(attempt, expected);
  cluster.endNomination(info);
  if (postFilter.nominatedNode === "") return { postFilter };
  for (const key of postFilter.victims) cluster.removePod(key);
  const { pod } = info;
  const { nominatedNode: nominatedNodeName } = postFilter;
  const nominated = { ...pod, status: { ...pod.status, nominatedNodeName } };
  const second = { ...attempt, info: cluster.podInfo(nominated) };
  const { pod: key, profile } = expected.afterPreemption ?? {};
  const begun = nothing(key ?? info.record.key, profile ?? framework.schedulerName);
  const afterPreemption = { ...begun, ...runCycle(second, expected.afterPreemption ?? {}) };
  return { postFilter, afterPreemption };
}

function runPostFilter(
  { cluster, framework, info }: Attempt,
  expected: ExpectedStep,
): ObservedPostFilter {
  const diagnosis = framework.diagnose(info);
  const ask: PostFilterAttempt = { diagnosis, draw: () => 0, isLowestName: true };
  const isDetailed = expected.postFilter !== undefined;
  const detail = isDetailed ? framework.explainPostFilter(info, ask) : undefined;
  const { nominatedNode, message } = framework.postFilter(info, ask);
  return {
    nominatedNode,
    message,
    victims: cluster.deleted.take(),
    potentialNodes: isDetailed ? potentialNodes(cluster, diagnosis) : [],
    detail,
  };
}

/** The nodes that preemption looks at, sorted. */
function potentialNodes({ cache }: ScenarioCluster, diagnosis: Diagnosis): readonly string[] {
  const slots = cache.slots().filter((slot) => {
    return diagnosis.rejectionAt(slot)?.code === "Unschedulable";
  });
  return slots.map((slot) => cache.nodeAt(slot).name).sort();
}
