/**
 * CountedFilter: one filter whose verdicts depend on the kind of node and on counts: asked once per
 * cell. Used again in every cycle.
 *
 * Hot.
 */
import type { CallSite } from "./call-site.ts";
import { Cells, type DenseCounts } from "./cell-memo.ts";
import type { NodeCounts, Verdict } from "./interface.ts";
import type { NodeLayout } from "./node-layout.ts";
import type { PlannedPlugin } from "./plan.ts";
import type { PodInfo } from "./pod-info.ts";
import type { PreparedFilter } from "./prepared-pod.ts";
import type { SchedulerCache } from "./scheduler-cache.ts";
import { checkRejected } from "./verdicts.ts";

const NO_COUNTS: readonly NodeCounts[] = [];
const PASSES = Symbol("passes");

export class CountedFilter {
  readonly planned: PlannedPlugin;
  counts: readonly NodeCounts[] = NO_COUNTS;
  readonly #cells = new Cells();
  /** By cell. */
  readonly #verdicts: (Verdict | typeof PASSES)[] = [];
  #view: PodInfo | undefined = undefined;
  #state: unknown = undefined;

  constructor(planned: PlannedPlugin) {
    this.planned = planned;
  }

  /** Begins a cycle. */
  begin(
    view: PodInfo,
    { state, counts = NO_COUNTS }: PreparedFilter,
    dense: DenseCounts,
    layout: NodeLayout,
  ): void {
    this.#view = view;
    this.#state = state;
    this.counts = counts;
    this.#cells.begin(dense, counts, layout);
    const { count } = this.#cells;
    const verdicts = this.#verdicts;
    while (verdicts.length < count) verdicts.push(undefined);
    for (let i = 0; i < count; i++) verdicts[i] = undefined;
  }

  /** What the filter says of the node in a slot, which is of this kind. */
  verdictOf(kind: number, slot: number, cache: SchedulerCache, site: CallSite): Verdict {
    const cell = this.#cells.count === 0 ? -1 : this.#cells.of(kind, slot);
    const known = cell < 0 ? undefined : this.#verdicts[cell];
    if (known !== undefined) return known === PASSES ? undefined : known;
    const { plugin } = this.planned;
    const node = cache.nodeAt(slot);
    site.plugin = plugin;
    site.point = "filter";
    site.node = node;
    const verdict = plugin.filter?.(this.#view!, node, this.#state);
    if (verdict !== undefined) checkRejected(verdict, site);
    if (cell >= 0) this.#verdicts[cell] = verdict ?? PASSES;
    return verdict;
  }
}
