/**
 * IncrementalEvaluator: the same answers as FullPass without asking again what cannot have changed.
 *
 * Pods of one shape share an index of all nodes (ShapeIndex), built at the shape's second use and
 * brought up to date from the list of changed nodes. Plugins that claim nothing are asked in every
 * cycle, about the nodes that the others leave over. Whatever an index cannot answer (a score out
 * of range, a plugin that throws) is left to the full pass, which then fails with the right words
 * or does not fail at all.
 */
import { chooseBest, pickIndex } from "./best-nodes.ts";
import type { CachedNode } from "./cached-node.ts";
import { type Candidates, listCandidates } from "./candidates.ts";
import {
  createEvaluation,
  type Diagnosis,
  type Evaluation,
  type Evaluator,
  NO_SLOT,
  type TieBreak,
} from "./evaluator.ts";
import { advance, FullPass } from "./full-pass.ts";
import { IndexMemory, type ShapeEntry } from "./index-memory.ts";
import type { EvaluationPlan, PlannedPlugin } from "./plan.ts";
import type { PodInfo } from "./pod-info.ts";
import type { PodShape } from "./pod-shapes.ts";
import { PreparedPod, prepareFilter, prepareScore } from "./prepared-pod.ts";
import { numFeasibleNodesToFind } from "./sampling.ts";
import type { SchedulerCache } from "./scheduler-cache.ts";
import { addPreparedScores } from "./score-nodes.ts";
import type { ShapeIndex } from "./shape-index.ts";
import { checkRejected } from "./verdicts.ts";

/** A scorer that no index covers, with what its preScore prepared for this cycle. */
interface LiveScorer {
  readonly planned: PlannedPlugin;
  readonly state: unknown;
}

export class IncrementalEvaluator implements Evaluator {
  readonly #full: FullPass;
  readonly #plan: EvaluationPlan;
  readonly #cache: SchedulerCache;
  readonly #memory: IndexMemory;
  readonly #result = createEvaluation();
  readonly #candidates: Candidates = { slots: [], start: 0, limit: 0, isSampled: false };
  readonly #feasible: number[] = [];
  readonly #totals: number[] = [];

  /** `indexBytesMax`: memory for indexes; the least recently used ones go first. Our assumption: 256 MiB. */
  constructor(plan: EvaluationPlan, cache: SchedulerCache, indexBytesMax = 256 * 1024 * 1024) {
    this.#full = new FullPass(plan, cache);
    this.#plan = plan;
    this.#cache = cache;
    this.#memory = new IndexMemory(this.#full, indexBytesMax);
  }

  evaluate(pod: PodInfo, tie: TieBreak): Evaluation {
    const shape = this.#full.shapeOf(pod);
    const entry = this.#memory.entryOf(shape);
    if (entry.failedVersion === this.#cache.version) return this.#failAgain(entry);
    let isAnswered = false;
    if (entry.useCount > 1 && entry.isIndexable) {
      this.#full.site.podKey = pod.record.key;
      try {
        isAnswered = this.#evaluate(entry, shape, pod, tie);
      } catch (error) {
        // A plugin threw; about a node that the full pass might not ask about. Let it decide.
        if (this.#full.site.plugin === undefined) throw error;
        this.#memory.giveUp(entry);
      }
      this.#full.site.leave();
    }
    const result = isAnswered ? this.#result : this.#full.evaluate(pod, tie);
    if (result.feasibleCount === 0 && entry.index?.plan.isRepeatable === true) {
      entry.failedVersion = this.#cache.version;
      entry.failedEvaluatedCount = result.evaluatedCount;
      // Known reasons are those of the version before: a pod may fail again for other ones.
      entry.diagnosis = undefined;
    }
    return result;
  }

  diagnose(pod: PodInfo): Diagnosis {
    const entry = this.#memory.entryOf(this.#full.shapeOf(pod));
    const isKnown = entry.failedVersion === this.#cache.version;
    if (isKnown && entry.diagnosis !== undefined) return entry.diagnosis;
    const diagnosis = this.#full.diagnose(pod);
    entry.diagnosis = isKnown ? diagnosis : undefined;
    return diagnosis;
  }

  #failAgain(entry: ShapeEntry): Evaluation {
    const result = this.#clear();
    result.evaluatedCount = entry.failedEvaluatedCount;
    result.nextStartIndex = advance(result, this.#cache);
    return result;
  }

  #clear(): Evaluation {
    const result = this.#result;
    result.feasibleCount = 0;
    result.evaluatedCount = 0;
    result.bestTotal = 0;
    result.bestCount = 0;
    result.chosenSlot = NO_SLOT;
    result.nextStartIndex = this.#cache.state.nextStartIndex;
    return result;
  }

  /** Fills in the result from the shape's index; false when the full pass has to answer. */
  #evaluate(entry: ShapeEntry, shape: PodShape, pod: PodInfo, tie: TieBreak): boolean {
    const { percentageOfNodesToScore } = this.#plan;
    const cache = this.#cache;
    const isSampled =
      numFeasibleNodesToFind(percentageOfNodesToScore, cache.nodeCount) < cache.nodeCount;
    const index = this.#memory.indexFor(entry, shape, isSampled);
    if (index === undefined) return false;
    const result = this.#clear();
    const prepared = index.plan.prepared ?? this.#prepare(shape, pod);
    if (prepared.reject !== undefined) return true;
    const isWhole = prepared.nodeNames === undefined && !isSampled;
    if (isWhole && !index.isLazy && index.plan.liveFilters.length === 0) {
      const isDone = this.#answerFromBlocks(index, pod, tie);
      if (isDone !== undefined) return isDone;
    }
    listCandidates(this.#candidates, cache, prepared.nodeNames, percentageOfNodesToScore);
    this.#walk(index, prepared, pod);
    if (index.health !== "ok") {
      this.#memory.release(entry);
      return false;
    }
    result.nextStartIndex = advance(result, cache);
    if (result.feasibleCount === 1) {
      result.bestCount = 1;
      result.chosenSlot = this.#feasible[0] ?? NO_SLOT;
    }
    return result.feasibleCount < 2 || this.#score(index, shape, pod, tie);
  }

  /** Asks the live preFilters; the claiming plugins' verdicts are known. */
  #prepare(shape: PodShape, pod: PodInfo): PreparedPod {
    const prepared = new PreparedPod();
    for (const planned of this.#plan.plugins) {
      const known = this.#memory.preparedFilter(shape, planned);
      const { full } = this.#full.clusters;
      const verdict = known ?? prepareFilter(planned, pod, full, this.#full.site);
      if (!prepared.add(planned, verdict)) break;
    }
    return prepared;
  }

  /** The answer over all nodes; undefined when live scorers have to be asked about each node. */
  #answerFromBlocks(index: ShapeIndex, pod: PodInfo, tie: TieBreak): boolean | undefined {
    const { blocks } = index;
    const result = this.#result;
    const feasibleCount = blocks.feasibleCount;
    if (feasibleCount > 1 && this.#liveScorers(index, pod).length > 0) return undefined;
    result.feasibleCount = feasibleCount;
    result.evaluatedCount = this.#cache.nodeCount;
    result.nextStartIndex = advance(result, this.#cache);
    if (feasibleCount === 0) return true;
    if (feasibleCount === 1) {
      result.bestCount = 1;
      result.chosenSlot = blocks.firstFeasible();
      return true;
    }
    if (!index.normalize((c) => blocks.totalOf(c))) return false;
    blocks.findBest(index.bonuses);
    result.bestTotal = blocks.bestTotal + (this.#plan.scorers.length === 0 ? 1 : 0);
    result.bestCount = blocks.bestCount;
    result.chosenSlot =
      tie === undefined
        ? this.#lowestName(index)
        : blocks.bestSlot(pickIndex(tie, blocks.bestCount));
    return true;
  }

  #lowestName(index: ShapeIndex): number {
    const { blocks } = index;
    let lowest = "";
    let chosen = NO_SLOT;
    blocks.eachBest((slot) => {
      const { name } = this.#cache.nodeAt(slot);
      if (chosen !== NO_SLOT && name >= lowest) return;
      lowest = name;
      chosen = slot;
    });
    return chosen;
  }

  /** Collects the feasible nodes among the candidates. */
  #walk(index: ShapeIndex, prepared: PreparedPod, pod: PodInfo): void {
    const { slots, start, limit } = this.#candidates;
    const liveFilters = index.plan.liveFilters.filter(
      ({ index: at }) => prepared.filters[at]?.isSkipped !== true,
    );
    const count = slots.length;
    const feasible = this.#feasible;
    let found = 0;
    let rejected = 0;
    for (let i = 0, at = start; i < count; i++, at++) {
      if (at === count) at = 0;
      const slot = slots[at]!;
      if (index.valueAt(slot) < 0) rejected++;
      else if (liveFilters.length > 0 && !this.#passesLive(liveFilters, prepared, pod, slot)) {
        rejected++;
      } else if (found === limit) break;
      else feasible[found++] = slot;
    }
    this.#result.feasibleCount = found;
    this.#result.evaluatedCount = found + rejected;
  }

  #passesLive(
    filters: readonly PlannedPlugin[],
    prepared: PreparedPod,
    pod: PodInfo,
    slot: number,
  ): boolean {
    const node: CachedNode = this.#cache.nodeAt(slot);
    const { site } = this.#full;
    for (const { plugin, index } of filters) {
      site.enter(plugin, "filter", pod.record.key);
      site.nodeName = node.name;
      const verdict = plugin.filter?.(pod, node, prepared.filters[index]?.state);
      if (verdict === undefined) continue;
      checkRejected(verdict, site);
      return false;
    }
    return true;
  }

  /** Adds up the totals of the feasible nodes and chooses. */
  #score(index: ShapeIndex, shape: PodShape, pod: PodInfo, tie: TieBreak): boolean {
    const count = this.#result.feasibleCount;
    const feasible = this.#feasible;
    const totals = this.#totals;
    const { classCounts } = index;
    for (let c = 0; c < index.classCount; c++) classCounts[c] = 0;
    for (let i = 0; i < count; i++) {
      const c = index.classAt(feasible[i]!);
      classCounts[c] = classCounts[c]! + 1;
    }
    if (!index.normalize((c) => classCounts[c] ?? 0)) return false;
    const base = this.#plan.scorers.length === 0 ? 1 : 0;
    for (let i = 0; i < count; i++) {
      const slot = feasible[i]!;
      totals[i] = base + index.valueAt(slot) + index.bonuses[index.classAt(slot)]!;
    }
    for (const { planned, state } of this.#liveScorers(index, pod)) {
      addPreparedScores(this.#full, planned, state, pod, shape, feasible, count, totals);
    }
    chooseBest(this.#result, feasible, totals, count, this.#cache, tie);
    return true;
  }

  /** Scorers to be asked in this cycle: those that do not skip it. */
  #liveScorers(index: ShapeIndex, pod: PodInfo): readonly LiveScorer[] {
    const { liveScorers } = index.plan;
    if (liveScorers.length === 0) return [];
    const scorers: LiveScorer[] = [];
    const { clusters, site } = this.#full;
    const { views } = this.#full.shapeOf(pod);
    for (const planned of liveScorers) {
      const view = views[planned.index] ?? pod;
      const cluster = planned.isClaimed ? clusters.claimed : clusters.full;
      const prepared = prepareScore(planned, view, cluster, site);
      if (!prepared.isSkipped) scorers.push({ planned, state: prepared.state });
    }
    return scorers;
  }
}
