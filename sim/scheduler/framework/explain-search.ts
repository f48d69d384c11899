/**
 * explainSearch: one scheduling cycle as it was, for people who ask why: which nodes it looked at, in
 * which order, what every filter says of each node that does not fit, and how the nodes that it found
 * were scored. By the full pass.
 */
import { type Candidates, listCandidates } from "./candidates.ts";
import { NO_SLOT } from "./evaluator.ts";
import { feasibleNodes } from "./feasible-nodes.ts";
import type { FullPass } from "./full-pass.ts";
import type { PluginRejection } from "./plugin-rejection.ts";
import type { PodInfo } from "./pod-info.ts";
import type { PodShape } from "./pod-shapes.ts";
import { prepareScorer, rawScores, weigh } from "./score-nodes.ts";
import { rejectionOf } from "./verdicts.ts";

/** A score plugin's part in the cycle. Arrays are in the order of `SearchDetail.found`. */
export interface ScorerDetail {
  readonly plugin: string;
  readonly weight: number;
  /** preScore skipped this pod: it adds nothing, and the arrays are empty. */
  readonly isSkipped: boolean;
  readonly raw: readonly number[];
  /** Weight times the normalised score, which is 0..100. */
  readonly weighted: readonly number[];
}

/** Names of nodes are in the order in which the cycle looks at them. */
export interface SearchDetail {
  /** A preFilter rejected the pod on all nodes at once; `plugin` "" when several plugins together did. */
  readonly preFilter: PluginRejection | undefined;
  /** Names of nodes that a preFilter left out. */
  readonly excluded: readonly string[];
  /** The pod's own nominated node alone was looked at, and it passed. */
  readonly isNominatedNodeOnly: boolean;
  /** The search ends when enough nodes are found (percentageOfNodesToScore): not all are looked at. */
  readonly isSampled: boolean;
  /** Nodes that fit and are scored. The tie among the best is drawn in this order. */
  readonly found: readonly string[];
  /** Nodes at which the search did not arrive, those that fit and those that do not. */
  readonly unseen: readonly string[];
  /** What the filters say of each node that does not fit, seen or unseen: at least one, in profile order. */
  readonly rejections: ReadonlyMap<string, readonly PluginRejection[]>;
  /** Nodes that would take the pod if it were not for pods nominated to them. */
  readonly keptForNominated: ReadonlySet<string>;
  readonly scorers: readonly ScorerDetail[];
  /** In the order of `found`; a single node that fits has a total, too. */
  readonly totals: readonly number[];
}

const NOTHING: SearchDetail = {
  preFilter: undefined,
  excluded: [],
  isNominatedNodeOnly: false,
  isSampled: false,
  found: [],
  unseen: [],
  rejections: new Map(),
  keptForNominated: new Set(),
  scorers: [],
  totals: [],
};

/** `startIndex`: where the cycle's walk began in the node order. Throws as `evaluate` does. */
export function explainSearch(full: FullPass, pod: PodInfo, startIndex: number): SearchDetail {
  full.site.podKey = pod.record.key;
  try {
    return search(full, pod, startIndex);
  } catch (error) {
    throw full.site.explain(error);
  } finally {
    full.site.leave();
  }
}

function search(full: FullPass, pod: PodInfo, startIndex: number): SearchDetail {
  const { cache, filters } = full;
  const shape = full.shapeOf(pod);
  const prepared = full.prepare(pod, shape);
  if (prepared.reject !== undefined) {
    const plugin = prepared.rejectedBy?.plugin.name ?? "";
    return { ...NOTHING, preFilter: { ...prepared.reject, plugin } };
  }
  const nameOf = (slot: number): string => cache.nodeAt(slot).name;
  const own = full.nominatedSlot(pod);
  if (own !== NO_SLOT && filters.verdictAt(own) === undefined) {
    const unseen = cache.slots().flatMap((slot) => (slot === own ? [] : [nameOf(slot)]));
    return { ...NOTHING, isNominatedNodeOnly: true, unseen, ...scored(full, pod, shape, [own]) };
  }
  const candidates: Candidates = { slots: [], start: 0, limit: 0, isSampled: false };
  listCandidates(candidates, cache, prepared.nodeNames, full.plan, startIndex);
  const walk = new Walk(full);
  const { slots, start, limit, isSampled } = candidates;
  for (let i = 0; i < slots.length; i++)
    walk.visit(slots[(start + i) % slots.length] ?? NO_SLOT, limit);
  const walked = new Set(slots);
  const excluded = cache.slots().flatMap((slot) => (walked.has(slot) ? [] : [nameOf(slot)]));
  const { unseen, rejections, keptForNominated, found } = walk;
  const parts = { excluded, isSampled, unseen, rejections, keptForNominated };
  return { ...NOTHING, ...parts, ...scored(full, pod, shape, found) };
}

/** Goes from node to node, past the place where the search ends. */
class Walk {
  readonly found: number[] = [];
  readonly unseen: string[] = [];
  readonly rejections = new Map<string, readonly PluginRejection[]>();
  readonly keptForNominated = new Set<string>();
  readonly #full: FullPass;
  #isOver = false;

  constructor(full: FullPass) {
    this.#full = full;
  }

  visit(slot: number, limit: number): void {
    const { cache, filters, site } = this.#full;
    const { name } = cache.nodeAt(slot);
    const first = rejectionOf(filters.verdictAt(slot), site);
    // The search ends when it comes to one that fits beyond the limit; rejected ones before it count.
    if (first === undefined && this.found.length === limit) this.#isOver = true;
    if (this.#isOver) this.unseen.push(name);
    if (first === undefined) {
      if (!this.#isOver) this.found.push(slot);
      return;
    }
    const firstPlugin = filters.rejectedBy?.plugin.name ?? "";
    const all = this.#allRejections(slot);
    if (all.length === 0) this.keptForNominated.add(name);
    this.rejections.set(name, all.length > 0 ? all : [{ ...first, plugin: firstPlugin }]);
  }

  /** What each filter says of the node by itself. A cycle stops at the first that rejects. */
  #allRejections(slot: number): PluginRejection[] {
    const { cache, filters, site } = this.#full;
    const node = cache.nodeAt(slot);
    return filters.active.flatMap((planned) => {
      const rejection = rejectionOf(filters.verdictOn(node, [planned]), site);
      return rejection === undefined ? [] : [{ ...rejection, plugin: planned.plugin.name }];
    });
  }
}

function scored(
  full: FullPass,
  pod: PodInfo,
  shape: PodShape,
  slots: readonly number[],
): Pick<SearchDetail, "found" | "scorers" | "totals"> {
  const { cache, plan } = full;
  const count = slots.length;
  const totals = slots.map((): number => (plan.scorers.length === 0 ? 1 : 0));
  const nodes = feasibleNodes(cache, slots, count);
  const scorers = (count === 0 ? [] : plan.scorers).map((planned): ScorerDetail => {
    const { weight } = planned;
    const plugin = planned.plugin.name;
    const { isSkipped, state } = prepareScorer(full, planned, pod, shape, nodes);
    if (isSkipped) return { plugin, weight, isSkipped, raw: [], weighted: [] };
    const raw = rawScores(full, planned, state, pod, shape, slots, count);
    const weighted = [...raw];
    weigh(full, planned, pod, slots, count, weighted);
    for (let i = 0; i < count; i++) totals[i] = totals[i]! + weighted[i]!;
    return { plugin, weight, isSkipped, raw, weighted };
  });
  return { found: slots.map((slot) => cache.nodeAt(slot).name), scorers, totals };
}
