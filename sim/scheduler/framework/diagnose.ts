/**
 * Why a pod fits nowhere: the first rejection of each node, over all nodes.
 */
import type { CachedNode } from "./cached-node.ts";
import type { CallSite } from "./call-site.ts";
import type { Diagnosis } from "./evaluator.ts";
import type { Rejection, Verdict } from "./interface.ts";
import type { EvaluationPlan } from "./plan.ts";
import type { PodInfo } from "./pod-info.ts";
import type { PodShape } from "./pod-shapes.ts";
import { activeFilters, preparePod } from "./prepared-pod.ts";
import type { ScoringContext } from "./score-nodes.ts";
import { rejectionOf } from "./verdicts.ts";

/** What a full pass works with. */
export interface DiagnosisContext extends ScoringContext {
  readonly plan: EvaluationPlan;
}

/**
 * How many nodes a filter rejected with one verdict. Verdicts are mostly constants, so that a node
 * costs one look-up, whatever the number of reasons.
 */
interface Tally {
  readonly rejection: Rejection;
  nodes: number;
}

function count(tallies: Map<Verdict, Tally>, verdict: Verdict, site: CallSite): Rejection {
  const known = tallies.get(verdict);
  if (known !== undefined) {
    known.nodes++;
    return known.rejection;
  }
  const rejection = rejectionOf(verdict, site);
  if (rejection === undefined) throw new Error("a verdict that rejects has no rejection");
  tallies.set(verdict, { rejection, nodes: 1 });
  return rejection;
}

/** Asks the preFilters, then each node until its first rejection. */
export function diagnosePod(context: DiagnosisContext, pod: PodInfo, shape: PodShape): Diagnosis {
  const { cache, plan, site } = context;
  const prepared = preparePod(plan, shape, pod, context.clusters, site);
  const { reject, rejectedBy } = prepared;
  if (reject !== undefined) {
    site.leave();
    return {
      nodeCount: cache.nodeCount,
      reasonCounts: new Map(),
      preFilterMessage: reject.reasons.join(", "),
      rejectingPlugins: rejectedBy === undefined ? [] : [rejectedBy.plugin.name],
      rejections: new Map(cache.slots().map((slot) => [slot, reject])),
    };
  }
  const names = prepared.nodeNames === undefined ? undefined : new Set(prepared.nodeNames);
  const rejections = new Map<number, Rejection>();
  const filters = activeFilters(plan, prepared);
  const tallies = filters.map(() => new Map<Verdict, Tally>());
  for (const slot of cache.slots()) {
    const node = cache.nodeAt(slot);
    if (names !== undefined && !names.has(node.name)) continue;
    for (let i = 0; i < filters.length; i++) {
      const { plugin, index, filterReuse } = filters[i]!;
      site.enter(plugin, "filter", pod.record.key);
      site.nodeName = node.name;
      const seen = (filterReuse === "spec" ? node.fixed : node) as CachedNode;
      const state = prepared.filters[index]?.state;
      const verdict = plugin.filter?.(shape.views[index] ?? pod, seen, state);
      if (verdict === undefined) continue;
      rejections.set(slot, count(tallies[i]!, verdict, site));
      break;
    }
  }
  const reasonCounts = new Map<string, number>();
  const rejecting = new Set<string>();
  for (const [i, tally] of tallies.entries()) {
    if (tally.size > 0) rejecting.add(filters[i]!.plugin.name);
    for (const { rejection, nodes } of tally.values()) {
      for (const reason of rejection.reasons) {
        reasonCounts.set(reason, (reasonCounts.get(reason) ?? 0) + nodes);
      }
    }
  }
  site.leave();
  // A preFilter that names nodes has part in the failure: it left the others out.
  for (const { plugin, index } of plan.plugins) {
    if (prepared.filters[index]?.nodeNames !== undefined) rejecting.add(plugin.name);
  }
  const rejectingPlugins = plan.plugins
    .map(({ plugin }) => plugin.name)
    .filter((name) => rejecting.has(name));
  return {
    nodeCount: cache.nodeCount,
    reasonCounts,
    preFilterMessage: "",
    rejectingPlugins,
    rejections,
  };
}
