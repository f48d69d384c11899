/**
 * explainCycle: one scheduling cycle in full detail, by the full pass: what every filter and score
 * plugin says of every node. For `stowage conformance`, which compares it with recordings.
 */
import { NO_SLOT } from "./evaluator.ts";
import { feasibleNodes } from "./feasible-nodes.ts";
import type { FullPass } from "./full-pass.ts";
import type { PluginRejection } from "./plugin-rejection.ts";
import type { PodInfo } from "./pod-info.ts";
import type { PodShape } from "./pod-shapes.ts";
import { prepareScorer, weightedScores } from "./score-nodes.ts";
import { rejectionOf } from "./verdicts.ts";

/** Names of nodes are in slot order. */
export interface CycleDetail {
  /** A preFilter rejected the pod on all nodes at once; `plugin` "" when several plugins together did. */
  readonly preFilter: PluginRejection | undefined;
  /** Names of nodes that a preFilter left out. */
  readonly excluded: readonly string[];
  /** The pod's own nominated node alone was looked at, and it passed. */
  readonly isNominatedNodeOnly: boolean;
  /** First rejection, by node name. */
  readonly filtered: ReadonlyMap<string, PluginRejection>;
  readonly feasible: readonly string[];
  /** Weighted, normalised scores by plugin, in the order of `feasible`; skipped plugins are missing. */
  readonly scores: ReadonlyMap<string, readonly number[]>;
  /** In the order of `feasible`. A single feasible node has a total, too. */
  readonly totals: readonly number[];
}

const NOTHING: CycleDetail = {
  preFilter: undefined,
  excluded: [],
  isNominatedNodeOnly: false,
  filtered: new Map(),
  feasible: [],
  scores: new Map(),
  totals: [],
};

/** All nodes are looked at, whatever the percentage of nodes to score. Throws as `evaluate` does. */
export function explainCycle(full: FullPass, pod: PodInfo): CycleDetail {
  full.site.podKey = pod.record.key;
  try {
    return explain(full, pod, full.shapeOf(pod));
  } catch (error) {
    throw full.site.explain(error);
  } finally {
    full.site.leave();
  }
}

function explain(full: FullPass, pod: PodInfo, shape: PodShape): CycleDetail {
  const { cache, filters, site } = full;
  const prepared = full.prepare(pod, shape);
  if (prepared.reject !== undefined) {
    const plugin = prepared.rejectedBy?.plugin.name ?? "";
    return { ...NOTHING, preFilter: { ...prepared.reject, plugin } };
  }
  const own = full.nominatedSlot(pod);
  if (own !== NO_SLOT && filters.verdictAt(own) === undefined) {
    return { ...NOTHING, isNominatedNodeOnly: true, ...scored(full, pod, shape, [own]) };
  }
  const names = prepared.nodeNames === undefined ? undefined : new Set(prepared.nodeNames);
  const excluded: string[] = [];
  const filtered = new Map<string, PluginRejection>();
  const feasible: number[] = [];
  for (const slot of cache.slots()) {
    const { name } = cache.nodeAt(slot);
    if (names !== undefined && !names.has(name)) {
      excluded.push(name);
      continue;
    }
    const rejection = rejectionOf(filters.verdictAt(slot), site);
    const plugin = filters.rejectedBy?.plugin.name ?? "";
    if (rejection === undefined) feasible.push(slot);
    else filtered.set(name, { ...rejection, plugin });
  }
  return { ...NOTHING, excluded, filtered, ...scored(full, pod, shape, feasible) };
}

function scored(
  full: FullPass,
  pod: PodInfo,
  shape: PodShape,
  slots: readonly number[],
): Pick<CycleDetail, "feasible" | "scores" | "totals"> {
  const { cache, plan } = full;
  const count = slots.length;
  const totals = slots.map((): number => (plan.scorers.length === 0 ? 1 : 0));
  const scores = new Map<string, readonly number[]>();
  const nodes = feasibleNodes(cache, slots, count);
  for (const planned of count === 0 ? [] : plan.scorers) {
    const prepared = prepareScorer(full, planned, pod, shape, nodes);
    if (prepared.isSkipped) continue;
    const row = weightedScores(full, planned, prepared.state, pod, shape, slots, count);
    scores.set(planned.plugin.name, row);
    for (let i = 0; i < count; i++) totals[i] = totals[i]! + row[i]!;
  }
  return { feasible: slots.map((slot) => cache.nodeAt(slot).name), scores, totals };
}
