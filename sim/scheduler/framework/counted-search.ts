/**
 * CountedSearch: the best of all nodes for a pod about which plugins have a say whose answers depend
 * on the kind of node and on a few counts (spreading, affinity, images), or for which nominated pods
 * must be respected. Nodes where a count is not 0, or to which pods are nominated, are exceptions and
 * looked at one by one; the others of a kind differ in the index's value only.
 *
 * Hot. Compared with the full pass by the property tests.
 */
import { DenseCounts } from "./cell-memo.ts";
import { CountedFilter } from "./counted-filter.ts";
import { CountedScorer } from "./counted-scorer.ts";
import type { Evaluation, TieBreak } from "./evaluator.ts";
import { ExceptionList } from "./exception-list.ts";
import { FeasibleKinds } from "./feasible-kinds.ts";
import { advance, type FullPass } from "./full-pass.ts";
import type { NodeCounts } from "./interface.ts";
import type { NodeLayout } from "./node-layout.ts";
import { type KindBonuses, PageSearch } from "./page-search.ts";
import type { PlannedPlugin } from "./plan.ts";
import type { PodInfo } from "./pod-info.ts";
import type { PodShape } from "./pod-shapes.ts";
import type { PreparedPod, PreparedScore } from "./prepared-pod.ts";
import { prepareScorer } from "./score-nodes.ts";
import type { ShapeIndex } from "./shape-index.ts";

const NO_COUNTS: readonly NodeCounts[] = [];

/** A scorer that takes part in this cycle, with what its preScore prepared. */
export interface CycleScorer {
  readonly planned: PlannedPlugin;
  readonly prepared: PreparedScore;
}

/** `walk`: a scorer must be asked about each node. `failed`: an answer was no usable score. */
export type SearchOutcome = "done" | "walk" | "failed";

export class CountedSearch {
  /** Scorers of the cycle that do not skip the pod; valid after `search`. */
  scorers: readonly CycleScorer[] = [];
  readonly #full: FullPass;
  readonly #dense = new DenseCounts();
  readonly #exceptions = new ExceptionList();
  readonly #layout: NodeLayout;
  readonly #pages: PageSearch;
  readonly #feasible: FeasibleKinds;
  /** By plan index. */
  readonly #filterOf: CountedFilter[] = [];
  readonly #scorerOf: CountedScorer[] = [];
  /** Those of the cycle: the first so many. Arrays are never shortened: V8 would make them anew. */
  readonly #filters: CountedFilter[] = [];
  #filterCount = 0;
  readonly #counted: CountedScorer[] = [];
  #countedCount = 0;

  /** By kind, for pods that no other plugin has a say about. */
  readonly #plainBonuses: number[] = [];

  constructor(full: FullPass, layout: NodeLayout) {
    this.#full = full;
    this.#layout = layout;
    this.#pages = new PageSearch(full.cache, layout, this.#exceptions);
    this.#feasible = new FeasibleKinds(full.cache);
  }

  /** `filters`: the active ones that no index covers, each with counts. */
  search(
    index: ShapeIndex,
    pod: PodInfo,
    shape: PodShape,
    prepared: PreparedPod,
    filters: readonly PlannedPlugin[],
    tie: TieBreak,
    result: Evaluation,
  ): SearchOutcome {
    this.#exceptions.begin(this.#layout);
    this.#feasible.begin(index);
    this.scorers = [];
    try {
      this.#beginFilters(pod, shape, prepared, filters);
      this.#findExceptions(index);
      if (this.#filterCount > 0 || this.#exceptions.count > 0) this.#filterKinds(index);
      return this.#choose(index, pod, shape, tie, result);
    } finally {
      this.#dense.clear();
      this.#exceptions.clear();
    }
  }

  #beginFilters(
    pod: PodInfo,
    shape: PodShape,
    prepared: PreparedPod,
    filters: readonly PlannedPlugin[],
  ): void {
    this.#filterCount = 0;
    for (const planned of filters) {
      const filter = this.#filterOf[planned.index] ?? new CountedFilter(planned);
      this.#filterOf[planned.index] = filter;
      const view = shape.views[planned.index] ?? pod;
      filter.begin(view, prepared.filters[planned.index]!, this.#dense, this.#layout);
      this.#filters[this.#filterCount++] = filter;
    }
  }

  /** Takes the exceptions out of their kinds; those with nominated pods are decided at once. */
  #findExceptions(index: ShapeIndex): void {
    const exceptions = this.#exceptions;
    const layout = this.#layout;
    const { positions } = layout;
    const { values } = index.pages;
    const { filters } = this.#full;
    for (let f = 0; f < this.#filterCount; f++) {
      for (const { slots } of this.#filters[f]!.counts) {
        for (let i = 0; i < slots.length; i++) {
          const slot = slots[i]!;
          if (values[positions[slot]!]! >= 0) exceptions.add(slot, layout);
        }
      }
    }
    const plainCount = exceptions.count;
    for (let e = 0; e < plainCount; e++) this.#filterException(e);
    if (filters.nominator.count === 0) return;
    for (const name of filters.nominator.nodeNames) {
      const slot = this.#full.cache.state.slotOf.get(name);
      if (slot === undefined || values[positions[slot]!]! < 0) continue;
      if (filters.nominatedTo(name).length === 0) continue;
      const e = exceptions.add(slot, layout);
      exceptions.isRejected[e] = filters.verdictAt(slot) === undefined ? 0 : 1;
    }
  }

  #filterException(e: number): void {
    const { slots, kinds, isRejected } = this.#exceptions;
    isRejected[e] = this.#isRejected(kinds[e]!, slots[e]!) ? 1 : 0;
  }

  #isRejected(kind: number, slot: number): boolean {
    const { cache, site } = this.#full;
    for (let f = 0; f < this.#filterCount; f++) {
      if (this.#filters[f]!.verdictOf(kind, slot, cache, site) !== undefined) return true;
    }
    return false;
  }

  /** Takes what filters reject out of the feasible nodes. */
  #filterKinds(index: ShapeIndex): void {
    const feasible = this.#feasible;
    feasible.list();
    feasible.setApart(this.#exceptions, 0);
    for (let i = 0; this.#filterCount > 0 && i < feasible.every.length; i++) {
      const { number: kind } = feasible.every[i]!;
      if (feasible.plain[kind] === 0) feasible.isRejected[kind] = true;
      else if (this.#isRejected(kind, this.#pages.plainSlotOf(index, kind))) feasible.reject(kind);
    }
  }

  #choose(
    index: ShapeIndex,
    pod: PodInfo,
    shape: PodShape,
    tie: TieBreak,
    result: Evaluation,
  ): SearchOutcome {
    const feasible = this.#feasible;
    result.feasibleCount = feasible.count;
    result.evaluatedCount = this.#full.cache.nodeCount;
    result.nextStartIndex = advance(result, this.#full.cache);
    if (feasible.count === 0) return "done";
    // kube-scheduler does not score a single feasible node: its total is none.
    const isScored = feasible.count > 1;
    if (isScored && !this.#prepareScorers(index, pod, shape)) return "walk";
    const base = this.#full.plan.scorers.length === 0 ? 1 : 0;
    const isPlain = this.#exceptions.count + this.#filterCount + this.scorers.length === 0;
    if (isPlain) {
      index.countClasses();
      if (!index.normalize()) return "failed";
      this.#takeBest(index, this.#bonusesOf(index, base), tie, result);
    } else {
      if (!this.#addUp(index, pod, shape, base)) return "failed";
      this.#takeBest(index, feasible.bonuses, tie, result);
    }
    if (!isScored) {
      result.bestTotal = 0;
      result.bestCount = 1;
    }
    return "done";
  }

  /** By kind, what the index's class scorers add. */
  #bonusesOf(index: ShapeIndex, base: number): KindBonuses {
    const bonuses = this.#plainBonuses;
    for (const { number } of this.#full.cache.cluster.kinds) {
      const c = index.classOfKind(number);
      bonuses[number] = c < 0 ? -1 : base + index.bonuses[c]!;
    }
    return bonuses;
  }

  #takeBest(index: ShapeIndex, bonuses: KindBonuses, tie: TieBreak, result: Evaluation): void {
    const pages = this.#pages;
    // No plugin is asked any more: whatever goes wrong from here on is a mistake of our own.
    this.#full.site.leave();
    pages.findBest(index, bonuses);
    result.bestTotal = pages.bestTotal;
    result.bestCount = pages.bestCount;
    result.chosenSlot = pages.pick(index, bonuses, result.feasibleCount === 1 ? undefined : tie);
  }

  /** Adds up what kinds and exceptions get beside the index's values; false: no usable score. */
  #addUp(index: ShapeIndex, pod: PodInfo, shape: PodShape, base: number): boolean {
    const feasible = this.#feasible;
    feasible.list();
    this.#beginScorers(pod, shape);
    this.#addScoreExceptions(index);
    feasible.countClasses(index);
    if (!index.normalize()) return false;
    feasible.takeBonuses(index, base);
    const { count, positions, kinds, isRejected, totals } = this.#exceptions;
    const { values } = index.pages;
    for (let e = 0; e < count; e++) {
      if (isRejected[e] === 0) totals[e] = values[positions[e]!]! + feasible.bonuses[kinds[e]!]!;
    }
    const { site, cache } = this.#full;
    const { nodes } = cache.state;
    const plainNode = (kind: number) => cache.nodeAt(this.#pages.plainSlotOf(index, kind));
    for (let s = 0; s < this.#countedCount; s++) {
      const scorer = this.#counted[s]!;
      if (!scorer.addScores(feasible, this.#exceptions, plainNode, nodes, site)) return false;
    }
    feasible.rejectPlain();
    return true;
  }

  /** Asks the preScores; false: some scorer must be asked about each node. */
  #prepareScorers(index: ShapeIndex, pod: PodInfo, shape: PodShape): boolean {
    const scorers: CycleScorer[] = [];
    let areCounted = true;
    for (const planned of index.plan.liveScorers) {
      const prepared = prepareScorer(this.#full, planned, pod, shape, this.#feasible);
      if (prepared.isSkipped) continue;
      scorers.push({ planned, prepared });
      if (prepared.counts === undefined || typeof planned.normalize === "object") {
        areCounted = false;
      }
    }
    this.scorers = scorers;
    return areCounted;
  }

  #beginScorers(pod: PodInfo, shape: PodShape): void {
    this.#countedCount = 0;
    for (const { planned, prepared } of this.scorers) {
      const scorer = this.#scorerOf[planned.index] ?? new CountedScorer(planned);
      this.#scorerOf[planned.index] = scorer;
      const view = shape.views[planned.index] ?? pod;
      const { state, counts = NO_COUNTS } = prepared;
      scorer.begin(view, state, counts, this.#dense, this.#layout);
      this.#counted[this.#countedCount++] = scorer;
    }
  }

  #addScoreExceptions(index: ShapeIndex): void {
    const exceptions = this.#exceptions;
    const { isRejected } = this.#feasible;
    const layout = this.#layout;
    const { positions, kindAt } = layout;
    const { values } = index.pages;
    const before = exceptions.count;
    for (let s = 0; s < this.#countedCount; s++) {
      for (const { slots } of this.#counted[s]!.counts) {
        for (let i = 0; i < slots.length; i++) {
          const at = positions[slots[i]!]!;
          if (values[at]! >= 0 && isRejected[kindAt[at]!] === false) {
            exceptions.add(slots[i]!, layout);
          }
        }
      }
    }
    this.#feasible.setApart(exceptions, before);
  }
}
