/**
 * ShapeIndex: what is remembered of all nodes for the pods of one shape. A slot's value is the sum
 * of its weighted scores that need no normalising, or REJECTED. It is brought up to date from the
 * list of changed nodes when the shape is used: at once when all nodes are to be searched, and slot
 * by slot as the walk meets them when the search stops early.
 *
 * Hot. Compared with the full pass by the property tests.
 */
import { BLOCK_SLOTS, BlockIndex, REJECTED } from "./block-index.ts";
import type { CachedNode } from "./cached-node.ts";
import type { CallSite } from "./call-site.ts";
import { KindView } from "./kind-view.ts";
import type { SchedulerCache } from "./scheduler-cache.ts";
import { isValidRaw, isValidScore, normalizeScore, type ScalarNormalize } from "./scores.ts";
import type { Asked, ShapePlan } from "./shape-plan.ts";
import { checkRejected } from "./verdicts.ts";

/** A slot whose value must be computed before it is read. */
const UNKNOWN = -2;
/** A kind of node that a spec filter rejects; that was not asked about yet. */
const NO_CLASS = -1;
const UNKNOWN_CLASS = -2;

/** Room for nodes that come later, so that not every new one makes the index void. */
const SPARE_SLOTS = 4 * BLOCK_SLOTS;

/** `stale`: the plan must be made again. `broken`: a plugin gave no usable score. */
export type IndexHealth = "ok" | "stale" | "broken";

export class ShapeIndex {
  readonly plan: ShapePlan;
  readonly blocks: BlockIndex;
  /** Values are computed when met; the blocks are not kept. */
  readonly isLazy: boolean;
  health: IndexHealth = "ok";
  /** Per class, per class scorer: the raw score. */
  readonly #classRaws: number[][] = [];
  readonly #classNumbers = new Map<string, number>();
  /** Per kind of node: its class, and what kind scorers add. */
  readonly #kindClass: number[] = [];
  readonly #kindBonus: number[] = [];
  /** In the cycle at hand, per class: feasible nodes (lazy indexes), and the normalised sum. */
  readonly classCounts: number[] = [];
  readonly bonuses: number[] = [];
  readonly #cache: SchedulerCache;
  readonly #site: CallSite;
  #seenChange = 0;

  constructor(plan: ShapePlan, cache: SchedulerCache, site: CallSite, isLazy: boolean) {
    this.plan = plan;
    this.isLazy = isLazy;
    this.#cache = cache;
    this.#site = site;
    const slots = cache.state.nodes.length + SPARE_SLOTS;
    this.blocks = new BlockIndex(Math.ceil(slots / BLOCK_SLOTS) * BLOCK_SLOTS);
    if (isLazy) this.blocks.values.fill(UNKNOWN);
  }

  get bytes(): number {
    return this.blocks.bytes;
  }

  get isTooSmall(): boolean {
    return this.#cache.state.nodes.length > this.blocks.values.length;
  }

  /** Takes in what has changed since the last use. O(changed nodes). */
  catchUp(): void {
    const { changes, state } = this.#cache;
    const { numbers, older } = changes;
    const { values } = this.blocks;
    const seen = this.#seenChange;
    for (let slot = changes.head; slot >= 0 && numbers[slot]! > seen; slot = older[slot]!) {
      if (this.isLazy) {
        values[slot] = UNKNOWN;
        continue;
      }
      const node = state.nodes[slot];
      const value = node === undefined ? REJECTED : this.#evaluate(node);
      this.blocks.set(
        slot,
        value < 0 || node === undefined ? 0 : this.#kindClass[node.kind]!,
        value,
      );
      if (this.health !== "ok") return;
    }
    this.#seenChange = changes.latest;
  }

  /** The value of a slot that holds a node, computed if need be. */
  valueAt(slot: number): number {
    let value = this.blocks.values[slot]!;
    if (value === UNKNOWN) {
      value = this.#evaluate(this.#cache.nodeAt(slot));
      this.blocks.values[slot] = value;
    }
    return value;
  }

  /** The class of a node that is feasible. */
  classAt(slot: number): number {
    return this.#classRaws.length === 1 ? 0 : this.#kindClass[this.#cache.nodeAt(slot).kind]!;
  }

  get classCount(): number {
    return this.#classRaws.length;
  }

  /**
   * Normalises the class scorers over the classes with feasible nodes (`countOf` class above 0)
   * and puts each class's sum into `bonuses`. False when a score is out of range.
   */
  normalize(countOf: (classNumber: number) => number): boolean {
    const { classScorers } = this.plan;
    for (let c = 0; c < this.#classRaws.length; c++) this.bonuses[c] = 0;
    for (let s = 0; s < classScorers.length; s++) {
      const { planned } = classScorers[s] as Asked;
      let min = Number.POSITIVE_INFINITY;
      let max = Number.NEGATIVE_INFINITY;
      for (let c = 0; c < this.#classRaws.length; c++) {
        if (countOf(c) === 0) continue;
        const raw = this.#classRaws[c]![s]!;
        if (raw < min) min = raw;
        if (raw > max) max = raw;
      }
      for (let c = 0; c < this.#classRaws.length; c++) {
        if (countOf(c) === 0) continue;
        const raw = this.#classRaws[c]![s]!;
        const score = normalizeScore(planned.normalize as ScalarNormalize, raw, min, max);
        if (!isValidScore(score)) return false;
        this.bonuses[c] = this.bonuses[c]! + planned.weight * score;
      }
    }
    return true;
  }

  #evaluate(node: CachedNode): number {
    const { nodeFilters, nodeScorers } = this.plan;
    const site = this.#site;
    const kindClass = this.#classOfKind(node);
    if (kindClass === NO_CLASS) return REJECTED;
    site.nodeName = node.name;
    for (let i = 0; i < nodeFilters.length; i++) {
      const { planned, view, state, isFixed } = nodeFilters[i]!;
      site.plugin = planned.plugin;
      site.point = "filter";
      const seen = isFixed ? (node.fixed as CachedNode) : node;
      const verdict = planned.plugin.filter!(view, seen, state);
      if (verdict === undefined) continue;
      checkRejected(verdict, site);
      return REJECTED;
    }
    let total = this.#kindBonus[node.kind]!;
    for (let i = 0; i < nodeScorers.length; i++) {
      const { planned, view, state, isFixed } = nodeScorers[i]!;
      site.plugin = planned.plugin;
      site.point = "score";
      const seen = isFixed ? (node.fixed as CachedNode) : node;
      const raw = planned.plugin.score!(view, seen, state);
      const score = Math.trunc(raw);
      if (typeof raw !== "number" || !isValidScore(score)) {
        this.health = "broken";
        return REJECTED;
      }
      total += planned.weight * score;
    }
    return total;
  }

  #classOfKind(node: CachedNode): number {
    const known = this.#kindClass[node.kind] ?? UNKNOWN_CLASS;
    if (known !== UNKNOWN_CLASS) return known;
    while (this.#kindClass.length <= node.kind) {
      this.#kindClass.push(UNKNOWN_CLASS);
      this.#kindBonus.push(0);
    }
    const kindClass = this.#askKind(node);
    this.#kindClass[node.kind] = kindClass;
    return kindClass;
  }

  /** Asks the spec plugins about a kind that this node stands for. */
  #askKind(node: CachedNode): number {
    const site = this.#site;
    site.nodeName = node.name;
    let isRejected = false;
    for (const { planned, view, state, verdicts } of this.plan.kindFilters) {
      const kind = new KindView(node.fixed);
      site.plugin = planned.plugin;
      site.point = "filter";
      const verdict = planned.plugin.filter?.(view, kind as unknown as CachedNode, state);
      if (kind.isPersonal) {
        verdicts.isFilterPersonal = true;
        this.health = "stale";
      } else if (verdict !== undefined) {
        checkRejected(verdict, site);
        isRejected = true;
      }
    }
    if (isRejected || this.health !== "ok") return NO_CLASS;
    let bonus = 0;
    for (const asked of this.plan.kindScorers) {
      const score = this.#askScore(asked, node);
      if (!isValidScore(score)) this.#break();
      bonus += asked.planned.weight * score;
    }
    const raws = this.plan.classScorers.map((asked) => this.#askScore(asked, node));
    if (!raws.every(isValidRaw)) this.#break();
    if (this.health !== "ok") return NO_CLASS;
    this.#kindBonus[node.kind] = bonus;
    return this.#classOfRaws(raws);
  }

  #askScore({ planned, view, state, verdicts }: Asked, node: CachedNode): number {
    const kind = new KindView(node.fixed);
    this.#site.plugin = planned.plugin;
    this.#site.point = "score";
    const raw = planned.plugin.score?.(view, kind as unknown as CachedNode, state);
    if (kind.isPersonal) {
      verdicts.isScorePersonal = true;
      this.health = "stale";
      return 0;
    }
    return typeof raw === "number" ? Math.trunc(raw) : Number.NaN;
  }

  #break(): void {
    if (this.health === "ok") this.health = "broken";
  }

  #classOfRaws(raws: number[]): number {
    const key = raws.join();
    const known = this.#classNumbers.get(key);
    if (known !== undefined) return known;
    this.#classNumbers.set(key, this.#classRaws.length);
    this.blocks.addClass();
    return this.#classRaws.push(raws) - 1;
  }
}
