/**
 * Scores a list of feasible nodes: preScore, score, normalise, check, weigh, add up.
 */

import type { CachedNode } from "./cached-node.ts";
import type { CallSite } from "./call-site.ts";
import type { ClaimLedger } from "./claim-ledger.ts";
import type { ClusterInfo } from "./node-info.ts";
import type { PlannedPlugin } from "./plan.ts";
import type { PodInfo } from "./pod-info.ts";
import type { PodShape } from "./pod-shapes.ts";
import { prepareScore } from "./prepared-pod.ts";
import type { SchedulerCache } from "./scheduler-cache.ts";
import { badScore, isValidRaw, isValidScore, noNumber, normalizeScore } from "./scores.ts";

export interface ScoringContext {
  readonly cache: SchedulerCache;
  readonly clusters: { readonly full: ClusterInfo; readonly claimed: ClusterInfo };
  readonly site: CallSite;
  readonly ledger?: ClaimLedger | undefined;
}

/** Puts the weighted totals of the first `count` slots into `totals`, on top of nothing. */
export function scoreNodes(
  context: ScoringContext,
  scorers: readonly PlannedPlugin[],
  pod: PodInfo,
  shape: PodShape,
  slots: readonly number[],
  count: number,
  totals: number[],
): void {
  // prioritizeNodes: without any score plugin every node has a score of one.
  for (let i = 0; i < count; i++) totals[i] = scorers.length === 0 ? 1 : 0;
  for (const planned of scorers) addScores(context, planned, pod, shape, slots, count, totals);
}

/** Adds one plugin's weighted scores. */
export function addScores(
  context: ScoringContext,
  planned: PlannedPlugin,
  pod: PodInfo,
  shape: PodShape,
  slots: readonly number[],
  count: number,
  totals: number[],
): void {
  const { site } = context;
  const view = shape.views[planned.index] ?? pod;
  const cluster = planned.isClaimed ? context.clusters.claimed : context.clusters.full;
  const prepared = prepareScore(planned, view, cluster, site);
  if (!prepared.isSkipped) {
    addPreparedScores(context, planned, prepared.state, pod, shape, slots, count, totals);
  }
}

/** Adds one plugin's weighted scores, its preScore having prepared `state`. */
export function addPreparedScores(
  context: ScoringContext,
  planned: PlannedPlugin,
  state: unknown,
  pod: PodInfo,
  shape: PodShape,
  slots: readonly number[],
  count: number,
  totals: number[],
): void {
  const { cache, site, ledger } = context;
  const view = shape.views[planned.index] ?? pod;
  const { plugin, weight } = planned;
  const raws: number[] = [];
  site.enter(plugin, "score", pod.record.key);
  for (let i = 0; i < count; i++) {
    const node = cache.nodeAt(slots[i] ?? -1);
    site.nodeName = node.name;
    const seen = planned.filterReuse === "spec" ? node.fixed : node;
    const given: unknown = plugin.score?.(view, seen as CachedNode, state);
    if (typeof given !== "number") throw noNumber(given, site);
    const raw = Math.trunc(given);
    ledger?.sawScore(planned, shape, node.slot, raw);
    raws.push(raw);
  }
  site.enter(plugin, "normalize", pod.record.key);
  normalizeAll(planned, raws);
  for (let i = 0; i < count; i++) {
    const score = raws[i] ?? Number.NaN;
    if (!isValidScore(score)) {
      throw badScore(plugin, pod.record.key, cache.nodeAt(slots[i] ?? -1).name, score);
    }
    totals[i] = (totals[i] ?? 0) + weight * score;
  }
  site.leave();
}

/** Normalises in place; what is no number stays, and is refused by the range check. */
function normalizeAll({ normalize }: PlannedPlugin, raws: number[]): void {
  if (typeof normalize === "object") {
    normalize.all(raws);
    for (let i = 0; i < raws.length; i++) raws[i] = Math.trunc(raws[i] ?? Number.NaN);
    return;
  }
  if (normalize === "none") return;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const raw of raws) {
    if (!isValidRaw(raw)) return;
    if (raw < min) min = raw;
    if (raw > max) max = raw;
  }
  for (let i = 0; i < raws.length; i++) {
    raws[i] = normalizeScore(normalize, raws[i] ?? Number.NaN, min, max);
  }
}
