/**
 * CountedScorer: one score plugin whose answers depend on the kind of node and on counts: asked once
 * per cell, normalised over the cells that have feasible nodes.
 *
 * Hot.
 */
import type { CachedNode } from "./cached-node.ts";
import type { CallSite } from "./call-site.ts";
import { Cells, type DenseCounts } from "./cell-memo.ts";
import type { ExceptionList } from "./exception-list.ts";
import type { FeasibleKinds } from "./feasible-kinds.ts";
import { type NodeCounts, UNSCORED } from "./interface.ts";
import type { NodeLayout } from "./node-layout.ts";
import type { PlannedPlugin } from "./plan.ts";
import type { PodInfo } from "./pod-info.ts";
import { isValidRaw, isValidScore, normalizeScore, type ScalarNormalize } from "./scores.ts";

/** Not asked yet: no plugin can give it, since a raw score that is no number is refused. */
const UNKNOWN = Number.NaN;
const NO_CELL = -1;

export class CountedScorer {
  readonly planned: PlannedPlugin;
  counts: readonly NodeCounts[] = [];
  readonly #cells = new Cells();
  #view: PodInfo | undefined = undefined;
  #state: unknown = undefined;
  /** By cell: the raw score, and the normalised one times the weight. */
  #raws = new Float64Array(64);
  #scores = new Float64Array(64);
  /** By exception: its cell. */
  #cellOf = new Int32Array(0);
  /** By exception, where there are no cells, and by place in the list of kinds: the raw score. */
  readonly #exceptionRaws: number[] = [];
  readonly #kindRaws: number[] = [];

  constructor(planned: PlannedPlugin) {
    this.planned = planned;
  }

  /** Begins a cycle. */
  begin(
    view: PodInfo,
    state: unknown,
    counts: readonly NodeCounts[],
    dense: DenseCounts,
    layout: NodeLayout,
  ): void {
    this.#view = view;
    this.#state = state;
    this.counts = counts;
    this.#cells.begin(dense, counts, layout);
    const { count } = this.#cells;
    if (this.#raws.length < count) {
      this.#raws = new Float64Array(2 * count);
      this.#scores = new Float64Array(2 * count);
    }
    this.#raws.fill(UNKNOWN, 0, count);
    this.#scores.fill(UNKNOWN, 0, count);
  }

  /**
   * Adds the weighted scores to the kinds' bonuses and the exceptions' totals. `plainNode` gives a
   * node of a kind that is no exception. False: some score is no usable one.
   */
  addScores(
    feasible: FeasibleKinds,
    exceptions: ExceptionList,
    plainNode: (kind: number) => CachedNode,
    nodes: readonly (CachedNode | undefined)[],
    site: CallSite,
  ): boolean {
    const { every, plain, bonuses } = feasible;
    const { count, slots, kinds, isRejected, totals } = exceptions;
    const kindRaws = this.#kindRaws;
    const exceptionRaws = this.#exceptionRaws;
    site.plugin = this.planned.plugin;
    site.point = "score";
    let min = Number.POSITIVE_INFINITY;
    let max = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < every.length; k++) {
      const kind = every[k]!.number;
      if (plain[kind] === 0) continue;
      const raw = this.#ask(plainNode(kind), site);
      if (!isValidRaw(raw)) return false;
      kindRaws[k] = raw;
      if (raw === UNSCORED) continue;
      if (raw < min) min = raw;
      if (raw > max) max = raw;
    }
    if (this.#cellOf.length < count) this.#cellOf = new Int32Array(2 * count);
    const cellOf = this.#cellOf;
    const hasCells = this.#cells.count > 0;
    for (let e = 0; e < count; e++) {
      if (isRejected[e] !== 0) continue;
      const cell = hasCells ? this.#cells.of(kinds[e]!, slots[e]!) : NO_CELL;
      cellOf[e] = cell;
      let raw = hasCells ? this.#raws[cell]! : UNKNOWN;
      if (Number.isNaN(raw)) {
        raw = this.#ask(nodes[slots[e]!]!, site);
        if (!isValidRaw(raw)) return false;
        if (hasCells) this.#raws[cell] = raw;
      }
      if (!hasCells) exceptionRaws[e] = raw;
      if (raw === UNSCORED) continue;
      if (raw < min) min = raw;
      if (raw > max) max = raw;
    }
    for (let k = 0; k < every.length; k++) {
      const kind = every[k]!.number;
      if (plain[kind] === 0) continue;
      const score = this.#weighted(kindRaws[k]!, min, max);
      if (score < 0) return false;
      bonuses[kind] = bonuses[kind]! + score;
    }
    for (let e = 0; e < count; e++) {
      if (isRejected[e] !== 0) continue;
      const cell = cellOf[e]!;
      let score = hasCells ? this.#scores[cell]! : UNKNOWN;
      if (Number.isNaN(score)) {
        score = this.#weighted(hasCells ? this.#raws[cell]! : exceptionRaws[e]!, min, max);
        if (score < 0) return false;
        if (hasCells) this.#scores[cell] = score;
      }
      totals[e] = totals[e]! + score;
    }
    return true;
  }

  /** The truncated raw score of a node; NaN: the plugin gave no number. */
  #ask(node: CachedNode, site: CallSite): number {
    site.node = node;
    const given: unknown = this.planned.plugin.score?.(this.#view!, node, this.#state);
    return typeof given === "number" ? Math.trunc(given) : Number.NaN;
  }

  /** The normalised score times the weight; -1: it is out of range. */
  #weighted(raw: number, min: number, max: number): number {
    const { normalize, weight } = this.planned;
    const score = normalizeScore(normalize as ScalarNormalize, raw, min, max);
    return isValidScore(score) ? weight * score : -1;
  }
}
