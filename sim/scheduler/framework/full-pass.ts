/**
 * FullPass: every plugin on every node. The reference for every quicker way, and the way itself
 * where plugins claim nothing.
 *
 * Source of the cycle: schedulePod, findNodesThatFitPod, prioritizeNodes and selectHost of
 * kubernetes/pkg/scheduler/schedule_one.go, v1.30, with one worker.
 */
import { chooseBest } from "./best-nodes.ts";
import { CallSite } from "./call-site.ts";
import { type Candidates, listCandidates } from "./candidates.ts";
import type { ClaimLedger } from "./claim-ledger.ts";
import { ClaimedCluster } from "./claimed-cluster.ts";
import { diagnosePod } from "./diagnose.ts";
import {
  createEvaluation,
  type Diagnosis,
  type Evaluation,
  type Evaluator,
  NO_SLOT,
  type TieBreak,
} from "./evaluator.ts";
import type { ClusterInfo } from "./node-info.ts";
import type { EvaluationPlan, PlannedPlugin } from "./plan.ts";
import type { PodInfo } from "./pod-info.ts";
import { type PodShape, PodShapes } from "./pod-shapes.ts";
import { activeFilters, type PreparedPod, preparePod } from "./prepared-pod.ts";
import type { SchedulerCache } from "./scheduler-cache.ts";
import { scoreNodes } from "./score-nodes.ts";
import { checkRejected } from "./verdicts.ts";

export class FullPass implements Evaluator {
  readonly plan: EvaluationPlan;
  readonly cache: SchedulerCache;
  readonly clusters: { readonly full: ClusterInfo; readonly claimed: ClusterInfo };
  readonly site = new CallSite();
  /** Told about every verdict; set in `verify` mode only. */
  ledger: ClaimLedger | undefined = undefined;
  readonly #shapes: PodShapes;
  #epoch = 0;
  readonly #result = createEvaluation();
  readonly #candidates: Candidates = { slots: [], start: 0, limit: 0, isSampled: false };
  readonly #feasible: number[] = [];
  readonly #totals: number[] = [];

  constructor(plan: EvaluationPlan, cache: SchedulerCache, shapes = new PodShapes(plan)) {
    this.plan = plan;
    this.cache = cache;
    this.#shapes = shapes;
    this.clusters = { full: cache.cluster, claimed: new ClaimedCluster(cache.cluster) };
  }

  evaluate(pod: PodInfo, tie: TieBreak): Evaluation {
    this.site.podKey = pod.record.key;
    try {
      return this.#evaluate(pod, tie);
    } catch (error) {
      throw this.site.explain(error);
    }
  }

  /** The pod's shape. A restored state may number resources otherwise: the old shapes are void. */
  shapeOf(pod: PodInfo): PodShape {
    if (this.#epoch !== this.cache.epoch) {
      this.#epoch = this.cache.epoch;
      this.#shapes.forget();
    }
    return this.#shapes.shapeOf(pod);
  }

  diagnose(pod: PodInfo): Diagnosis {
    this.site.podKey = pod.record.key;
    try {
      return diagnosePod(this, pod, this.shapeOf(pod));
    } catch (error) {
      throw this.site.explain(error);
    }
  }

  #evaluate(pod: PodInfo, tie: TieBreak): Evaluation {
    const { plan, cache } = this;
    const result = this.#result;
    const shape = this.shapeOf(pod);
    const prepared = preparePod(plan, shape, pod, this.clusters, this.site);
    result.bestTotal = 0;
    result.bestCount = 0;
    result.chosenSlot = NO_SLOT;
    result.feasibleCount = 0;
    result.evaluatedCount = 0;
    result.nextStartIndex = cache.state.nextStartIndex;
    if (prepared.reject === undefined) {
      listCandidates(this.#candidates, cache, prepared.nodeNames, plan.percentageOfNodesToScore);
      this.#findFeasible(pod, shape, prepared);
      const count = result.feasibleCount;
      result.nextStartIndex = advance(result, cache);
      if (count === 1) {
        result.bestCount = 1;
        result.chosenSlot = this.#feasible[0] ?? NO_SLOT;
      } else if (count > 1) {
        scoreNodes(this, plan.scorers, pod, shape, this.#feasible, count, this.#totals);
        chooseBest(result, this.#feasible, this.#totals, count, cache, tie);
      }
    }
    this.site.leave();
    return result;
  }

  #findFeasible(pod: PodInfo, shape: PodShape, prepared: PreparedPod): void {
    const { slots, start, limit } = this.#candidates;
    const result = this.#result;
    const filters = activeFilters(this.plan, prepared);
    let feasible = 0;
    let rejected = 0;
    for (let i = 0; i < slots.length; i++) {
      let at = start + i;
      if (at >= slots.length) at -= slots.length;
      const slot = slots[at] ?? NO_SLOT;
      if (!this.#passes(filters, pod, shape, prepared, slot)) rejected++;
      else if (feasible === limit) break;
      else this.#feasible[feasible++] = slot;
    }
    result.feasibleCount = feasible;
    result.evaluatedCount = feasible + rejected;
  }

  #passes(
    filters: readonly PlannedPlugin[],
    pod: PodInfo,
    shape: PodShape,
    prepared: PreparedPod,
    slot: number,
  ): boolean {
    const node = this.cache.nodeAt(slot);
    for (let f = 0; f < filters.length; f++) {
      const planned = filters[f] as PlannedPlugin;
      this.site.enter(planned.plugin, "filter", this.site.podKey);
      this.site.nodeName = node.name;
      const verdict = planned.plugin.filter?.(
        shape.views[planned.index] ?? pod,
        // A spec plugin is declared to read the fixed part only, and gets no more.
        (planned.filterReuse === "spec" ? node.fixed : node) as typeof node,
        prepared.filters[planned.index]?.state,
      );
      this.ledger?.sawFilter(planned, shape, slot, verdict !== undefined);
      if (verdict === undefined) continue;
      checkRejected(verdict, this.site);
      return false;
    }
    return true;
  }
}

/** The start index of the next cycle: moved by all nodes that were looked at. */
export function advance(result: Evaluation, cache: SchedulerCache): number {
  const { nextStartIndex } = cache.state;
  if (cache.nodeCount === 0) return nextStartIndex;
  return (nextStartIndex + result.evaluatedCount) % cache.nodeCount;
}
