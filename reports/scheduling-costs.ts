/**
 * How the virtual time of a scheduling cycle divides among extension points and plugins. A cycle
 * takes a base, and a time per node filtered, scored, or tried out by preemption
 * (docs/latency-model.md). Our assumptions: a time per node belongs to Filter, Score or PostFilter;
 * the base is shared equally by the extension points that run once in the cycle; what an extension
 * point took is shared equally by the profile's plugins there.
 */
import type { SchedulingAttemptFact } from "../sim/api/index.ts";
import type { AnyPlugin, Profile } from "../sim/scheduler/index.ts";

export type ExtensionPoint =
  | "PreFilter"
  | "Filter"
  | "PostFilter"
  | "PreScore"
  | "Score"
  | "Reserve"
  | "Permit"
  | "Bind";

const METHODS: Readonly<Record<ExtensionPoint, keyof AnyPlugin>> = {
  PreFilter: "preFilter",
  Filter: "filter",
  PostFilter: "postFilter",
  PreScore: "preScore",
  Score: "score",
  Reserve: "reserve",
  Permit: "permit",
  Bind: "bind",
};

/** The latency model's part that matters here, in nanoseconds. */
export interface NodeCosts {
  readonly schedulingPerNodeFilteredNs: number;
  readonly schedulingPerNodeScoredNs: number;
  readonly schedulingPerNodeDryRunNs: number;
}

/** What one extension point took in one cycle. */
export interface ExtensionPointCost {
  readonly point: ExtensionPoint;
  readonly status: "Success" | "Unschedulable";
  readonly seconds: number;
  /** How often each plugin was called. */
  readonly calls: number;
}

/** Names of a profile's plugins at an extension point, in profile order. */
export function pluginsAt({ plugins }: Profile, point: ExtensionPoint): readonly string[] {
  const method = METHODS[point];
  return plugins
    .filter(({ plugin, weight }) => plugin[method] !== undefined && counts(point, weight))
    .map(({ plugin }) => plugin.name);
}

/** A plugin of weight 0 does not score. */
function counts(point: ExtensionPoint, weight: number): boolean {
  return weight > 0 || (point !== "Score" && point !== "PreScore");
}

/** kube-scheduler's ErrNoNodesAvailable: no extension point ran. */
const NO_NODES = "no nodes available to schedule pods";

/**
 * What the extension points of one cycle took. Those without plugins take nothing and are left out.
 * What evaluated no node was rejected by a PreFilter.
 */
export function cycleCosts(
  fact: SchedulingAttemptFact,
  has: (point: ExtensionPoint) => boolean,
  nodeCosts: NodeCosts,
): ExtensionPointCost[] {
  const costs = perNodeCosts(fact, nodeCosts);
  const perNodeSeconds = costs.reduce((sum, { seconds }) => sum + seconds, 0);
  const baseSeconds = Math.max(0, (fact.endUs - fact.startUs) / 1e6 - perNodeSeconds);
  const present = costs.filter(({ point }) => has(point));
  const share = baseSeconds / present.filter(({ point }) => runsOnce(point)).length;
  return present.map((cost) =>
    runsOnce(cost.point) ? { ...cost, seconds: cost.seconds + share } : cost,
  );
}

/** The extension points that the cycle came through, in order, without their share of the base. */
function perNodeCosts(fact: SchedulingAttemptFact, nodeCosts: NodeCosts): ExtensionPointCost[] {
  if (fact.message === NO_NODES) return [];
  const { evaluatedNodes } = fact;
  const scoredNodes = fact.feasibleNodes > 1 ? fact.feasibleNodes : 0;
  if (evaluatedNodes === 0) {
    return [once("PreFilter", "Unschedulable"), ...postFilterCost(fact, nodeCosts)];
  }
  const filterNs = nodeCosts.schedulingPerNodeFilteredNs * evaluatedNodes;
  const costs = [once("PreFilter"), perNode("Filter", filterNs, evaluatedNodes)];
  if (scoredNodes > 0) {
    const scoreNs = nodeCosts.schedulingPerNodeScoredNs * scoredNodes;
    costs.push(once("PreScore"), perNode("Score", scoreNs, scoredNodes));
  }
  costs.push(...postFilterCost(fact, nodeCosts));
  if (fact.node !== "") costs.push(once("Reserve"), once("Permit"));
  return costs;
}

function postFilterCost(
  { victimCount, dryRunNodes }: SchedulingAttemptFact,
  { schedulingPerNodeDryRunNs }: NodeCosts,
): ExtensionPointCost[] {
  if (victimCount === undefined) return [];
  const status = victimCount > 0 ? "Success" : "Unschedulable";
  const seconds = (schedulingPerNodeDryRunNs * dryRunNodes) / 1e9;
  return [{ ...once("PostFilter", status), seconds }];
}

function once(point: ExtensionPoint, status: ExtensionPointCost["status"] = "Success") {
  return { point, status, seconds: 0, calls: 1 };
}

function perNode(point: ExtensionPoint, ns: number, calls: number): ExtensionPointCost {
  return { point, status: "Success", seconds: ns / 1e9, calls };
}

const runsOnce = (point: ExtensionPoint) => point !== "Filter" && point !== "Score";
