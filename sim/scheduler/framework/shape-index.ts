/**
 * ShapeIndex: what is remembered of all nodes for the pods of one local shape. A position's value is
 * the sum of its weighted scores that need no normalising, or a negative code that says why the node
 * is rejected. It is brought up to date from the list of changed positions when the shape is used: at
 * once when all nodes are to be searched, and one by one as the walk meets them when the search stops
 * early.
 *
 * Hot. Compared with the full pass by the property tests.
 */
import type { CachedNode } from "./cached-node.ts";
import type { CallSite } from "./call-site.ts";
import { UNSCORED, type Verdict } from "./interface.ts";
import { KindView } from "./kind-view.ts";
import { MIXED, type NodeLayout, PAGE_NODES } from "./node-layout.ts";
import { PageIndex, REJECTED } from "./page-index.ts";
import type { PlannedPlugin } from "./plan.ts";
import type { SchedulerCache } from "./scheduler-cache.ts";
import { isValidRaw, isValidScore, normalizeScore, type ScalarNormalize } from "./scores.ts";
import type { Asked, ShapePlan } from "./shape-plan.ts";
import { checkRejected } from "./verdicts.ts";

/** A position whose value must be computed before it is read. */
const UNKNOWN = -2;
/** Values from here down are rejections: REASON_FIRST - n is the n-th distinct one. */
const REASON_FIRST = -3;
/** A plugin that makes up a new rejection for each node could fill the memory. */
const REASONS_MAX = 1000;
/** A kind of node that a spec filter rejects; that was not asked about yet. */
const NO_CLASS = -1;
const UNKNOWN_CLASS = -2;

/** Room for nodes that come later, so that not every new page makes the index void. */
const SPARE_PAGES = 4;

/** With more changes per page it pays to go by position and not by recency. Measured. */
const CHANGES_PER_PAGE_MAX = 12;

/** `stale`: the plan must be made again. `broken`: a plugin gave no usable score. */
export type IndexHealth = "ok" | "stale" | "broken";

/** Why nodes are rejected: by whom, and with which verdict. */
export interface Reason {
  readonly planned: PlannedPlugin;
  readonly verdict: Verdict;
}

export class ShapeIndex {
  readonly plan: ShapePlan;
  readonly pages: PageIndex;
  /** Values are computed when met; the pages are not kept. */
  readonly isLazy: boolean;
  health: IndexHealth = "ok";
  /** Per class, per class scorer: the raw score. Kinds of nodes whose raw scores agree are a class. */
  readonly #classRaws: number[][] = [];
  readonly #classNumbers = new Map<string, number>();
  /** Per kind of node: its class, what kind scorers add, and for a rejected kind why. */
  readonly #kindClass: number[] = [];
  readonly #kindBonus: number[] = [];
  readonly #kindReason: (Reason | undefined)[] = [];
  readonly #reasons: Reason[] = [];
  readonly #reasonCodes = new Map<PlannedPlugin, Map<Verdict, number>>();
  /** In the cycle at hand, per class: feasible nodes, and the normalised sum. */
  readonly classCounts: number[] = [];
  readonly bonuses: number[] = [];
  readonly #cache: SchedulerCache;
  readonly #layout: NodeLayout;
  readonly #site: CallSite;
  #seenChange = 0;

  /** `layout` must be up to date, at every use. */
  constructor(
    plan: ShapePlan,
    cache: SchedulerCache,
    layout: NodeLayout,
    site: CallSite,
    isLazy: boolean,
  ) {
    this.plan = plan;
    this.isLazy = isLazy;
    this.#cache = cache;
    this.#layout = layout;
    this.#site = site;
    this.pages = new PageIndex(layout.pageKinds.length + SPARE_PAGES);
    if (isLazy) this.pages.values.fill(UNKNOWN);
  }

  get bytes(): number {
    return this.pages.bytes;
  }

  get isTooSmall(): boolean {
    return this.#layout.size > this.pages.values.length;
  }

  /** Takes in what has changed since the last use. O(changed nodes). */
  catchUp(): void {
    const { changes } = this.#layout;
    const { pages } = this;
    const behind = changes.latest - this.#seenChange;
    if (this.isLazy) this.#forgetChanged();
    else if (behind > CHANGES_PER_PAGE_MAX * pages.max.length) this.#catchUpInOrder();
    else this.#catchUpByRecency();
    if (this.health === "ok") this.#seenChange = changes.latest;
  }

  #forgetChanged(): void {
    const { head, numbers, older } = this.#layout.changes;
    const { values } = this.pages;
    const seen = this.#seenChange;
    for (let at = head; at >= 0 && numbers[at]! > seen; at = older[at]!) values[at] = UNKNOWN;
  }

  #catchUpByRecency(): void {
    const { head, numbers, older } = this.#layout.changes;
    const { slotAt } = this.#layout;
    const { nodes } = this.#cache.state;
    const { pages } = this;
    const seen = this.#seenChange;
    for (let at = head; at >= 0 && numbers[at]! > seen; at = older[at]!) {
      const slot = slotAt[at]!;
      pages.set(at, slot < 0 ? REJECTED : this.#evaluate(nodes[slot]!));
      if (this.health !== "ok") return;
    }
  }

  /** Far behind: memory is read in order, and each page is looked at once, at the end. */
  #catchUpInOrder(): void {
    const { slotAt, size } = this.#layout;
    const { numbers } = this.#layout.changes;
    const { nodes } = this.#cache.state;
    const { values } = this.pages;
    const seen = this.#seenChange;
    for (let at = 0; at < size; at++) {
      if (numbers[at]! <= seen) continue;
      const slot = slotAt[at]!;
      values[at] = slot < 0 ? REJECTED : this.#evaluate(nodes[slot]!);
      if (this.health !== "ok") return;
    }
    this.pages.rebuild();
  }

  /** The value of a slot that holds a node, computed if need be. */
  valueAt(slot: number): number {
    return this.valueOf(slot, this.#layout.positions[slot]!);
  }

  /** The same, with the slot's position at hand. */
  valueOf(slot: number, position: number): number {
    let value = this.pages.values[position]!;
    if (value === UNKNOWN) {
      value = this.#evaluate(this.#cache.nodeAt(slot));
      this.pages.values[position] = value;
    }
    return value;
  }

  /** Counts the feasible nodes per class into `classCounts`. Not for lazy indexes. */
  countClasses(): void {
    const { classCounts } = this;
    if (this.#classRaws.length === 1) {
      classCounts[0] = this.pages.feasibleCount;
      return;
    }
    for (let c = 0; c < this.#classRaws.length; c++) classCounts[c] = 0;
    this.eachFeasible((kind, nodes) => {
      const c = this.#kindClass[kind]!;
      classCounts[c] = classCounts[c]! + nodes;
    });
  }

  /** Tells how many feasible nodes a kind has, a kind's in several parts. */
  eachFeasible(tell: (kind: number, nodes: number) => void): void {
    const { pageKinds, kindAt } = this.#layout;
    const { feasible, values } = this.pages;
    for (let page = 0; page < pageKinds.length; page++) {
      if (feasible[page] === 0) continue;
      const kind = pageKinds[page]!;
      if (kind !== MIXED) {
        tell(kind, feasible[page]!);
        continue;
      }
      const end = (page + 1) * PAGE_NODES;
      for (let at = page * PAGE_NODES; at < end; at++) if (values[at]! >= 0) tell(kindAt[at]!, 1);
    }
  }

  /** The number of the reason why a value is negative; below 0: none is known, ask the plugins. */
  reasonNumber(value: number): number {
    return REASON_FIRST - value;
  }

  reasonAt(number: number): Reason {
    const reason = this.#reasons[number];
    if (reason === undefined) throw new Error(`the index has no reason number ${number}`);
    return reason;
  }

  /** The class of a kind with feasible nodes. */
  classOfKind(kind: number): number {
    return this.#kindClass[kind]!;
  }

  get classCount(): number {
    return this.#classRaws.length;
  }

  /**
   * Normalises the class scorers over the classes with feasible nodes (`classCounts` above 0) and
   * puts each class's sum into `bonuses`. False when a score is out of range.
   */
  normalize(): boolean {
    const { classScorers } = this.plan;
    const { bonuses, classCounts } = this;
    const classes = this.#classRaws.length;
    for (let c = 0; c < classes; c++) bonuses[c] = 0;
    for (let s = 0; s < classScorers.length; s++) {
      const { planned } = classScorers[s] as Asked;
      let min = Number.POSITIVE_INFINITY;
      let max = Number.NEGATIVE_INFINITY;
      for (let c = 0; c < classes; c++) {
        if (classCounts[c] === 0) continue;
        const raw = this.#classRaws[c]![s]!;
        if (raw === UNSCORED) continue;
        if (raw < min) min = raw;
        if (raw > max) max = raw;
      }
      for (let c = 0; c < classes; c++) {
        if (classCounts[c] === 0) continue;
        const raw = this.#classRaws[c]![s]!;
        const score = normalizeScore(planned.normalize as ScalarNormalize, raw, min, max);
        if (!isValidScore(score)) return false;
        bonuses[c] = bonuses[c]! + planned.weight * score;
      }
    }
    return true;
  }

  #evaluate(node: CachedNode): number {
    const { nodeFilters, nodeScorers } = this.plan;
    const site = this.#site;
    const isFeasibleKind = this.#classOfKind(node) !== NO_CLASS;
    site.node = node;
    const kindReason = isFeasibleKind ? undefined : this.#kindReason[node.kind];
    site.point = "filter";
    for (let i = 0; i < nodeFilters.length; i++) {
      const asked = nodeFilters[i]!;
      // The filter that rejected the kind comes before this one.
      if (kindReason !== undefined && kindReason.planned.index < asked.index) break;
      site.plugin = asked.plugin;
      const seen = asked.isFixed ? (node.fixed as CachedNode) : node;
      const verdict = asked.plugin.filter!(asked.view, seen, asked.state);
      if (verdict === undefined) continue;
      checkRejected(verdict, site);
      return this.#codeOf(asked.planned, verdict);
    }
    if (!isFeasibleKind) {
      return kindReason === undefined
        ? REJECTED
        : this.#codeOf(kindReason.planned, kindReason.verdict);
    }
    let total = this.#kindBonus[node.kind]!;
    site.point = "score";
    for (let i = 0; i < nodeScorers.length; i++) {
      const asked = nodeScorers[i]!;
      site.plugin = asked.plugin;
      const seen = asked.isFixed ? (node.fixed as CachedNode) : node;
      const raw: unknown = asked.plugin.score!(asked.view, seen, asked.state);
      const score = typeof raw === "number" ? Math.trunc(raw) : Number.NaN;
      if (!isValidScore(score)) {
        this.health = "broken";
        return REJECTED;
      }
      total += asked.planned.weight * score;
    }
    return total;
  }

  #codeOf(planned: PlannedPlugin, verdict: Verdict): number {
    let codes = this.#reasonCodes.get(planned);
    if (codes === undefined) {
      codes = new Map();
      this.#reasonCodes.set(planned, codes);
    }
    let code = codes.get(verdict);
    if (code === undefined) {
      if (this.#reasons.length >= REASONS_MAX) return REJECTED;
      code = REASON_FIRST - this.#reasons.length;
      this.#reasons.push({ planned, verdict });
      codes.set(verdict, code);
    }
    return code;
  }

  #classOfKind(node: CachedNode): number {
    const known = this.#kindClass[node.kind] ?? UNKNOWN_CLASS;
    if (known !== UNKNOWN_CLASS) return known;
    while (this.#kindClass.length <= node.kind) {
      this.#kindClass.push(UNKNOWN_CLASS);
      this.#kindBonus.push(0);
      this.#kindReason.push(undefined);
    }
    const kindClass = this.#askKind(node);
    this.#kindClass[node.kind] = kindClass;
    return kindClass;
  }

  /** Asks the spec plugins about a kind that this node stands for. */
  #askKind(node: CachedNode): number {
    const site = this.#site;
    site.node = node;
    let reason: Reason | undefined;
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
        reason ??= { planned, verdict };
      }
    }
    this.#kindReason[node.kind] = reason;
    if (reason !== undefined || this.health !== "ok") return NO_CLASS;
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
    return this.#classRaws.push(raws) - 1;
  }
}
