/** One scheduling cycle as plain data. */
import type { CycleFact, ScorerDetail, SearchDetail } from "../../sim/scheduler/index.ts";
import type {
  AskedNode,
  CycleAccount,
  NodeScore,
  RejectionGroup,
  ScorePart,
  Tie,
} from "./pod-story.ts";
import { preemptionAccount } from "./preemption-account.ts";
import { remediesOf } from "./remedies.ts";

/** How much of a cycle is kept. */
export interface AttemptLimits {
  /** Nodes of the score table. */
  readonly scores: number;
  /** Names of nodes for each reason. */
  readonly examples: number;
  /** This node's row is kept wherever it stands; "": none. */
  readonly node: string;
}

/** To be called while the fact is told: it asks about the cluster as it is now. */
export function attemptOf(fact: CycleFact, limits: AttemptLimits): CycleAccount {
  const search = fact.search();
  const { decision } = fact;
  const { node, failure, evaluatedNodes, feasibleNodes } = decision;
  const fits = node !== "";
  return {
    attempt: fact.attempt,
    timeUs: fact.startUs,
    profile: fact.profile,
    node,
    message: failure?.message ?? "",
    nodes: fact.cluster.nodes.length,
    evaluatedNodes,
    feasibleNodes,
    isNominatedNodeOnly: search.isNominatedNodeOnly,
    unseen: unseenOf(search, limits),
    rejections: rejectionGroups(search, limits),
    preFilter: search.preFilter,
    excludedNodes: search.excluded.length,
    remedies: fits ? undefined : remediesOf(fact, search, limits.examples),
    scorers: search.scorers.map(({ plugin, weight, isSkipped }) => ({ plugin, weight, isSkipped })),
    scores: bestScores(search, node, limits),
    tie: fits ? tieOf(fact, search, limits) : undefined,
    preemption: fits ? undefined : preemptionAccount(fact, limits.examples),
    asked: limits.node === "" ? undefined : askedNode(fact, search, limits.node),
  };
}

function unseenOf({ unseen, rejections }: SearchDetail, { examples }: AttemptLimits) {
  return {
    count: unseen.length,
    fitting: unseen.filter((node) => !rejections.has(node)).length,
    examples: unseen.slice(0, examples),
  };
}

function rejectionGroups(
  { rejections }: SearchDetail,
  { examples }: AttemptLimits,
): RejectionGroup[] {
  const groups = new Map<
    string,
    { plugin: string; reason: string; first: number; nodes: string[] }
  >();
  for (const [node, all] of rejections) {
    for (const [i, { plugin, reasons }] of all.entries()) {
      const reason = reasons.join(", ");
      const key = `${plugin}\n${reason}`;
      const group = groups.get(key) ?? { plugin, reason, first: 0, nodes: [] };
      groups.set(key, group);
      group.nodes.push(node);
      if (i === 0) group.first++;
    }
  }
  return [...groups.entries()]
    .sort(([keyA, a], [keyB, b]) => b.nodes.length - a.nodes.length || (keyA < keyB ? -1 : 1))
    .map(([, { plugin, reason, first, nodes }]) => ({
      plugin,
      reason,
      count: nodes.length,
      firstCount: first,
      examples: [...nodes].sort().slice(0, examples),
    }));
}

/** The nodes that were scored, best first; equal totals by name. */
const ranking = ({ found, totals }: SearchDetail) =>
  found
    .map((node, i) => ({ node, i, total: totals[i] ?? 0 }))
    .sort((a, b) => b.total - a.total || (a.node < b.node ? -1 : 1));

function bestScores(
  search: SearchDetail,
  chosen: string,
  { scores: count, node: asked }: AttemptLimits,
): NodeScore[] {
  return ranking(search)
    .filter(({ node }, place) => place < count || node === chosen || node === asked)
    .map(({ node, i, total }) => ({
      node,
      total,
      isChosen: node === chosen,
      parts: search.scorers.map((scorer) => partOf(scorer, i)),
    }));
}

function partOf({ isSkipped, raw, weighted, weight }: ScorerDetail, i: number) {
  if (isSkipped) return undefined;
  const points = weighted[i] ?? 0;
  const normalized = weight === 0 ? 0 : points / weight;
  return { raw: raw[i] ?? 0, normalized, weighted: points } satisfies ScorePart;
}

/** The best nodes in the order of the walk, of which the draw takes one. */
function tieOf(
  { tieDraw, decision }: CycleFact,
  { found, totals }: SearchDetail,
  { examples }: AttemptLimits,
): Tie | undefined {
  const best = totals.reduce((most, total) => Math.max(most, total), Number.NEGATIVE_INFINITY);
  const equal = found.filter((_, i) => totals[i] === best);
  if (equal.length < 2) return undefined;
  return {
    count: equal.length,
    examples: equal.slice(0, examples),
    draw: tieDraw,
    index: equal.indexOf(decision.node),
  };
}

function askedNode(fact: CycleFact, search: SearchDetail, node: string): AskedNode {
  const order = ranking(search);
  const place = order.findIndex((each) => each.node === node);
  const rejections = search.rejections.get(node) ?? [];
  return {
    node,
    verdict: verdictOf(fact, search, node),
    rejections: rejections.map(({ plugin, reasons }) => ({ plugin, reason: reasons.join(", ") })),
    rank: place < 0 ? undefined : place + 1,
    total: order[place]?.total,
    room: fact.room(node),
  };
}

function verdictOf(
  { decision, cluster }: CycleFact,
  { rejections, excluded, unseen, found, preFilter }: SearchDetail,
  node: string,
): AskedNode["verdict"] {
  if (cluster.node(node) === undefined) return "unknown";
  if (decision.node === node) return "chosen";
  if (rejections.has(node) || preFilter !== undefined) return "rejected";
  if (excluded.includes(node)) return "left-out";
  return unseen.includes(node) && !found.includes(node) ? "unseen" : "fits";
}
