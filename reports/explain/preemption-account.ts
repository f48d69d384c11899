/** Whom a pod that fits nowhere preempts, where, and why these. */
import type { CycleFact, PodInfo, PreemptionDetail } from "../../sim/scheduler/index.ts";
import type { PreemptionAccount, PreemptionCandidate } from "./pod-story.ts";

/** undefined: the profile has no plugin that preempts, or it was not asked. */
export function preemptionAccount(
  fact: CycleFact,
  examples: number,
): PreemptionAccount | undefined {
  if (fact.decision.postFilter === undefined) return undefined;
  const detail = fact.preemption();
  if (detail === undefined) return undefined;
  const nominatedNode = fact.decision.failure?.nomination ?? "";
  const candidates = [...detail.candidates].sort(
    (a, b) =>
      Number(b.nodeName === nominatedNode) - Number(a.nodeName === nominatedNode) ||
      (a.nodeName < b.nodeName ? -1 : 1),
  );
  return {
    message: detail.message,
    candidates: candidates.slice(0, examples).map((each) => candidateOf(each, nominatedNode)),
    candidateCount: candidates.length,
    equalCount: detail.bestNodes.length,
    reason:
      candidates[0]?.nodeName === nominatedNode ? whyBest(candidates, equalText(fact, detail)) : "",
    nominatedNode,
    refusals: refusalsOf(detail, examples),
  };
}

type Candidate = PreemptionDetail["candidates"][number];

const candidateOf = (
  { nodeName, victims, numPDBViolations }: Candidate,
  nominatedNode: string,
): PreemptionCandidate => ({
  node: nodeName,
  isChosen: nodeName === nominatedNode,
  budgetViolations: numPDBViolations,
  highestPriority: highest(victims),
  victims: victims.map(({ record, priority }) => ({ pod: record.key, priority })),
});

const highest = (victims: readonly PodInfo[]): number =>
  victims.reduce((most, { priority }) => Math.max(most, priority), Number.NEGATIVE_INFINITY);

/** Added to each priority, so that none is negative: 2^31 (pickOneNodeForPreemption). */
const PRIORITY_OFFSET = 2_147_483_648;

/**
 * The criteria of pickOneNodeForPreemption (kubernetes/pkg/scheduler/framework/preemption, v1.30) up
 * to the first in which the chosen one is better than each other. The last one compares start times.
 */
const CRITERIA: readonly (readonly [string, (candidate: Candidate) => number])[] = [
  ["it breaks fewer disruption budgets", ({ numPDBViolations }) => numPDBViolations],
  ["its first victim has a lower priority", ({ victims }) => victims[0]?.priority ?? 0],
  [
    "its victims' priorities add up to less",
    ({ victims }) => victims.reduce((sum, { priority }) => sum + priority + PRIORITY_OFFSET, 0),
  ],
  ["it has fewer victims", ({ victims }) => victims.length],
];

function whyBest([chosen, ...others]: readonly Candidate[], whyThisOfEquals: string): string {
  if (chosen === undefined || others.length === 0) return "";
  let rivals = others;
  for (const [text, value] of CRITERIA) {
    rivals = rivals.filter((other) => value(other) <= value(chosen));
    if (rivals.length === 0) return text;
    if (rivals.some((other) => value(other) < value(chosen)))
      return "it was the best of those that were tried";
  }
  return whyThisOfEquals;
}

function equalText({ tieDraw }: CycleFact, { bestNodes }: PreemptionDetail): string {
  if (bestNodes.length < 2) return "its most important victims started last";
  const how = tieDraw === undefined ? "has the lowest name" : "was drawn";
  return `it ${how} among ${bestNodes.length} equals`;
}

function refusalsOf({ nodeStatuses }: PreemptionDetail, examples: number) {
  const groups = new Map<string, string[]>();
  for (const [node, { reasons }] of nodeStatuses) {
    const reason = reasons.join(", ");
    groups.set(reason, [...(groups.get(reason) ?? []), node]);
  }
  return [...groups]
    .map(([reason, nodes]) => ({
      reason,
      count: nodes.length,
      examples: nodes.sort().slice(0, examples),
    }))
    .sort((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1));
}
