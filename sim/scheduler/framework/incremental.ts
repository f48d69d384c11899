/**
 * IncrementalEvaluator: the same answers as FullPass without asking again what cannot have changed.
 *
 * Pods of one local shape share an index of all nodes (ShapeIndex), built at the shape's second use
 * and brought up to date from the list of changed nodes. What other plugins say depends either on
 * the kind of node and a few counts (spreading, affinity: CountedSearch), and is asked once per
 * combination, or on anything: then every node that is left over is asked about. Whatever an index
 * cannot answer (a score out of range, a plugin that throws) is left to the full pass, which then
 * fails with the right words or does not fail at all.
 */
import { chooseBest } from "./best-nodes.ts";
import { type Candidates, listCandidates } from "./candidates.ts";
import { CountedSearch, type CycleScorer } from "./counted-search.ts";
import { preFilterDiagnosis } from "./diagnose.ts";
import {
  createEvaluation,
  type Diagnosis,
  type Evaluation,
  type Evaluator,
  NO_SLOT,
  type TieBreak,
} from "./evaluator.ts";
import { feasibleNodes } from "./feasible-nodes.ts";
import { advance, clearEvaluation, FullPass, takeOnly } from "./full-pass.ts";
import { diagnoseByIndex } from "./index-diagnosis.ts";
import { type IndexEntry, IndexMemory } from "./index-memory.ts";
import type { PodNominator } from "./interface.ts";
import { NO_NOMINATIONS } from "./no-nominations.ts";
import { NodeLayout } from "./node-layout.ts";
import type { EvaluationPlan, PlannedPlugin } from "./plan.ts";
import type { PodInfo } from "./pod-info.ts";
import type { PodShape } from "./pod-shapes.ts";
import { PreparedPod, prepareFilter } from "./prepared-pod.ts";
import { nodesToFind } from "./sampling.ts";
import type { SchedulerCache } from "./scheduler-cache.ts";
import { prepareScorer, weightedScores } from "./score-nodes.ts";
import type { ShapeIndex } from "./shape-index.ts";

export interface IncrementalOptions {
  readonly nominator?: PodNominator;
  /** Memory for indexes; the least recently used ones go first. Our assumption: 256 MiB. */
  readonly indexBytesMax?: number;
}

export class IncrementalEvaluator implements Evaluator {
  readonly #full: FullPass;
  readonly #nominator: PodNominator;
  readonly #plan: EvaluationPlan;
  readonly #cache: SchedulerCache;
  readonly #layout: NodeLayout;
  readonly #memory: IndexMemory;
  readonly #search: CountedSearch;
  readonly #result = createEvaluation();
  readonly #candidates: Candidates = { slots: [], start: 0, limit: 0, isSampled: false };
  readonly #feasible: number[] = [];
  /** In the order of `#feasible`: the index's values, then the totals; and the kinds. */
  readonly #totals: number[] = [];
  readonly #kinds: number[] = [];

  constructor(
    plan: EvaluationPlan,
    cache: SchedulerCache,
    { nominator = NO_NOMINATIONS, indexBytesMax = 256 * 1024 * 1024 }: IncrementalOptions = {},
  ) {
    this.#nominator = nominator;
    this.#full = new FullPass(plan, cache, nominator);
    this.#plan = plan;
    this.#cache = cache;
    this.#layout = new NodeLayout(cache);
    this.#memory = new IndexMemory(this.#full, this.#layout, indexBytesMax);
    this.#search = new CountedSearch(this.#full, this.#layout);
  }

  evaluate(pod: PodInfo, tie: TieBreak): Evaluation {
    this.#memory.forgetWhatIsVoid();
    const shape = this.#full.shapeOf(pod);
    const entry = this.#memory.entryOf(shape.local);
    this.#full.site.podKey = pod.record.key;
    let isAnswered = false;
    try {
      const failure = this.#failureOf(shape, pod);
      if (failure !== undefined) return this.#failAgain(failure.evaluatedCount);
      if (entry.useCount > 1 && entry.isIndexable)
        isAnswered = this.#evaluate(entry, shape, pod, tie);
    } catch (error) {
      // A plugin threw; about a node that the full pass might not ask about. Let it decide.
      if (this.#full.site.plugin === undefined) throw error;
      this.#memory.giveUp(entry);
    }
    this.#full.site.leave();
    const result = isAnswered ? this.#result : this.#full.evaluate(pod, tie);
    if (result.feasibleCount === 0) this.#keepFailure(shape, pod, result);
    return result;
  }

  diagnose(pod: PodInfo): Diagnosis {
    const shape = this.#full.shapeOf(pod);
    const failure = this.#failureOf(shape, pod);
    if (failure?.diagnosis !== undefined) return failure.diagnosis;
    const diagnosis = this.#diagnose(shape, pod) ?? this.#full.diagnose(pod);
    if (failure !== undefined) failure.diagnosis = diagnosis;
    return diagnosis;
  }

  /** What is known of pods like this one having fitted nowhere, if nothing has changed since. */
  #failureOf(shape: PodShape, pod: PodInfo) {
    const failure = this.#memory.failureOf(shape);
    const holds =
      failure !== undefined &&
      failure.cacheVersion === this.#cache.version &&
      failure.nominatorVersion === this.#nominator.version &&
      failure.priority === pod.priority &&
      this.#isRepeatable(shape, pod);
    return holds ? failure : undefined;
  }

  #keepFailure(shape: PodShape, pod: PodInfo, { evaluatedCount }: Evaluation): void {
    if (!this.#isRepeatable(shape, pod)) return;
    this.#memory.keepFailure(shape, {
      cacheVersion: this.#cache.version,
      nominatorVersion: this.#nominator.version,
      priority: pod.priority,
      evaluatedCount,
      diagnosis: undefined,
    });
  }

  /** The verdict depends on nothing but the shape and what has a version number. */
  #isRepeatable(shape: PodShape, pod: PodInfo): boolean {
    if (this.#nominator.count > 0 && this.#nominator.nodeOf(pod.record) !== "") return false;
    if (pod.pod.status.nominatedNodeName !== undefined) return false;
    for (const planned of this.#plan.plugins) {
      const { plugin, index } = planned;
      if (shape.keys[index] !== undefined) continue;
      if (plugin.preFilter === undefined && plugin.filter === undefined) continue;
      const { clusters, site } = this.#full;
      if (!prepareFilter(planned, pod, clusters.full, site).isSkipped) return false;
    }
    return true;
  }

  #failAgain(evaluatedCount: number): Evaluation {
    const result = clearEvaluation(this.#result, this.#cache);
    result.evaluatedCount = evaluatedCount;
    result.nextStartIndex = advance(result, this.#cache);
    this.#full.site.leave();
    return result;
  }

  /** Fills in the result from the shape's index; false when the full pass has to answer. */
  #evaluate(entry: IndexEntry, shape: PodShape, pod: PodInfo, tie: TieBreak): boolean {
    const cache = this.#cache;
    const isSampled = nodesToFind(this.#plan, cache.nodeCount) < cache.nodeCount;
    const index = this.#memory.indexFor(entry, shape, isSampled);
    if (index === undefined) return false;
    const result = clearEvaluation(this.#result, cache);
    const prepared = this.#prepare(shape, pod);
    if (prepared.reject !== undefined) return true;
    this.#full.filters.begin(pod, shape, prepared);
    const own = this.#full.nominatedSlot(pod);
    if (own !== NO_SLOT && this.#full.filters.verdictAt(own) === undefined) {
      takeOnly(result, own);
      return true;
    }
    const filters = index.plan.liveFilters.filter(
      ({ index: at }) => prepared.filters[at]?.isSkipped !== true,
    );
    const areCounted = filters.every(({ index: at }) => prepared.filters[at]?.counts !== undefined);
    let scorers: readonly CycleScorer[] | undefined;
    if (!isSampled && prepared.nodeNames === undefined && areCounted) {
      const outcome = this.#search.search(index, pod, shape, prepared, filters, tie, result);
      if (outcome !== "walk") return outcome === "done";
      scorers = this.#search.scorers;
    }
    listCandidates(this.#candidates, cache, prepared.nodeNames, this.#plan);
    this.#walk(index, filters);
    if (index.health !== "ok") {
      this.#memory.release(entry);
      return false;
    }
    result.nextStartIndex = advance(result, cache);
    if (result.feasibleCount === 1) {
      result.bestCount = 1;
      result.chosenSlot = this.#feasible[0] ?? NO_SLOT;
    }
    return result.feasibleCount < 2 || this.#score(index, shape, pod, tie, scorers);
  }

  /** Asks the preFilters of this cycle; what `spec` and `node` plugins say is known. */
  #prepare(shape: PodShape, pod: PodInfo): PreparedPod {
    const prepared = new PreparedPod();
    const { clusters, site } = this.#full;
    for (const planned of this.#plan.plugins) {
      const verdict =
        this.#memory.preparedFilter(shape, planned) ??
        prepareFilter(planned, shape.views[planned.index] ?? pod, clusters.full, site);
      if (!prepared.add(planned, verdict)) break;
    }
    return prepared;
  }

  /** Collects the feasible nodes among the candidates. */
  #walk(index: ShapeIndex, liveFilters: readonly PlannedPlugin[]): void {
    const { slots, start, limit } = this.#candidates;
    const { filters } = this.#full;
    const isPlain = liveFilters.length === 0 && this.#nominator.count === 0;
    const { positions, kindAt } = this.#layout;
    const count = slots.length;
    const feasible = this.#feasible;
    let found = 0;
    let rejected = 0;
    for (let i = 0, at = start; i < count; i++, at++) {
      if (at === count) at = 0;
      const slot = slots[at]!;
      const position = positions[slot]!;
      const value = index.valueOf(slot, position);
      if (value < 0) rejected++;
      else if (!isPlain && filters.verdictBeyond(slot, liveFilters) !== undefined) rejected++;
      else if (found === limit) break;
      else {
        feasible[found] = slot;
        this.#totals[found] = value;
        this.#kinds[found++] = kindAt[position]!;
      }
    }
    this.#result.feasibleCount = found;
    this.#result.evaluatedCount = found + rejected;
  }

  /** Adds up the totals of the feasible nodes and chooses. `scorers`: if they are prepared already. */
  #score(
    index: ShapeIndex,
    shape: PodShape,
    pod: PodInfo,
    tie: TieBreak,
    scorers: readonly CycleScorer[] | undefined,
  ): boolean {
    const count = this.#result.feasibleCount;
    const feasible = this.#feasible;
    const totals = this.#totals;
    const { classCounts, bonuses } = index;
    for (let c = 0; c < index.classCount; c++) classCounts[c] = 0;
    for (let i = 0; i < count; i++) {
      const c = index.classOfKind(this.#kinds[i]!);
      classCounts[c] = classCounts[c]! + 1;
    }
    if (!index.normalize()) return false;
    const base = this.#plan.scorers.length === 0 ? 1 : 0;
    for (let i = 0; i < count; i++) {
      totals[i] = totals[i]! + base + bonuses[index.classOfKind(this.#kinds[i]!)]!;
    }
    for (const { planned, prepared } of scorers ?? this.#prepareScorers(index, shape, pod)) {
      const { state } = prepared;
      const scores = weightedScores(this.#full, planned, state, pod, shape, feasible, count);
      for (let i = 0; i < count; i++) totals[i] = totals[i]! + scores[i]!;
    }
    chooseBest(this.#result, feasible, totals, count, this.#cache, tie);
    return true;
  }

  /** Asks the preScores of the scorers that no index covers. */
  #prepareScorers(index: ShapeIndex, shape: PodShape, pod: PodInfo): readonly CycleScorer[] {
    const feasible = feasibleNodes(this.#cache, this.#feasible, this.#result.feasibleCount);
    return index.plan.liveScorers
      .map((planned) => ({
        planned,
        prepared: prepareScorer(this.#full, planned, pod, shape, feasible),
      }))
      .filter(({ prepared }) => !prepared.isSkipped);
  }

  /**
   * Why the pod fits nowhere, from the codes in its index; undefined when the index cannot tell.
   * Only nodes that it does not reject, or to which pods are nominated, are asked about.
   */
  #diagnose(shape: PodShape, pod: PodInfo): Diagnosis | undefined {
    this.#memory.forgetWhatIsVoid();
    const { index } = this.#memory.entryOf(shape.local);
    this.#layout.catchUp();
    if (index === undefined || index.isTooSmall) return undefined;
    index.catchUp();
    if (index.health !== "ok") return undefined;
    const { site, filters } = this.#full;
    site.podKey = pod.record.key;
    const prepared = this.#prepare(shape, pod);
    site.leave();
    if (prepared.reject !== undefined) {
      return preFilterDiagnosis(prepared, prepared.reject, this.#cache);
    }
    filters.begin(pod, shape, prepared);
    if (!isIndexedFirst(filters.active)) return undefined;
    const diagnosis = diagnoseByIndex(index, this.#layout, this.#full, prepared);
    site.leave();
    return diagnosis;
  }
}

/** Every filter that the index covers comes before those that it does not: its reason is the first. */
function isIndexedFirst(active: readonly PlannedPlugin[]): boolean {
  let isBehind = false;
  for (const { filterReuse } of active) {
    if (filterReuse === "live") isBehind = true;
    else if (isBehind) return false;
  }
  return true;
}
