/**
 * Scores a list of feasible nodes: preScore, score, normalise, check, weigh, add up.
 */

import type { CachedNode } from "./cached-node.ts";
import type { CallSite } from "./call-site.ts";
import type { ClaimLedger } from "./claim-ledger.ts";
import { CLAIMED_FEASIBLE, feasibleNodes } from "./feasible-nodes.ts";
import { UNSCORED } from "./interface.ts";
import type { ClusterInfo, FeasibleNodes } from "./node-info.ts";
import type { PlannedPlugin } from "./plan.ts";
import type { PodInfo } from "./pod-info.ts";
import type { PodShape } from "./pod-shapes.ts";
import { type PreparedScore, prepareScore } from "./prepared-pod.ts";
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
  const feasible = feasibleNodes(context.cache, slots, count);
  for (const planned of scorers) {
    const prepared = prepareScorer(context, planned, pod, shape, feasible);
    if (prepared.isSkipped) continue;
    const { state } = prepared;
    const scores = weightedScores(context, planned, state, pod, shape, slots, count);
    for (let i = 0; i < count; i++) totals[i] = totals[i]! + scores[i]!;
  }
}

/** Asks one plugin's preScore about this cycle. */
export function prepareScorer(
  context: ScoringContext,
  planned: PlannedPlugin,
  pod: PodInfo,
  shape: PodShape,
  feasible: FeasibleNodes,
): PreparedScore {
  const { clusters, site } = context;
  const view = shape.views[planned.index] ?? pod;
  return planned.isClaimed
    ? prepareScore(planned, view, clusters.claimed, CLAIMED_FEASIBLE, site)
    : prepareScore(planned, view, clusters.full, feasible, site);
}

/** One plugin's weighted scores of the first `count` slots, its preScore having prepared `state`. */
export function weightedScores(
  context: ScoringContext,
  planned: PlannedPlugin,
  state: unknown,
  pod: PodInfo,
  shape: PodShape,
  slots: readonly number[],
  count: number,
): number[] {
  const scores = rawScores(context, planned, state, pod, shape, slots, count);
  weigh(context, planned, pod, slots, count, scores);
  return scores;
}

/** The same before they are normalised: as the plugin gave them, truncated. */
export function rawScores(
  context: ScoringContext,
  planned: PlannedPlugin,
  state: unknown,
  pod: PodInfo,
  shape: PodShape,
  slots: readonly number[],
  count: number,
): number[] {
  const { cache, site, ledger } = context;
  const view = shape.views[planned.index] ?? pod;
  const { plugin } = planned;
  const scores: number[] = [];
  site.enter(plugin, "score", pod.record.key);
  for (let i = 0; i < count; i++) {
    const node = cache.nodeAt(slots[i] ?? -1);
    site.node = node;
    const seen = planned.filterReuse === "spec" ? node.fixed : node;
    const given: unknown = plugin.score?.(view, seen as CachedNode, state);
    if (typeof given !== "number") throw noNumber(given, site);
    const raw = Math.trunc(given);
    ledger?.sawScore(planned, shape, node.slot, raw);
    scores.push(raw);
  }
  return scores;
}

/** Turns raw scores into weighted ones, in place. Throws InputError for one beyond 0..100. */
export function weigh(
  { cache, site }: ScoringContext,
  planned: PlannedPlugin,
  pod: PodInfo,
  slots: readonly number[],
  count: number,
  scores: number[],
): void {
  const { plugin, weight } = planned;
  site.enter(plugin, "normalize", pod.record.key);
  normalizeAll(planned, scores);
  for (let i = 0; i < count; i++) {
    const score = scores[i] ?? Number.NaN;
    if (!isValidScore(score)) {
      throw badScore(plugin, pod.record.key, cache.nodeAt(slots[i] ?? -1).name, score);
    }
    scores[i] = weight * score;
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
    if (raw === UNSCORED) continue;
    if (raw < min) min = raw;
    if (raw > max) max = raw;
  }
  for (let i = 0; i < raws.length; i++) {
    raws[i] = normalizeScore(normalize, raws[i] ?? Number.NaN, min, max);
  }
}
