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
import type { PodNominator } from "./interface.ts";
import { NO_NOMINATIONS } from "./no-nominations.ts";
import type { ClusterInfo } from "./node-info.ts";
import type { EvaluationPlan } from "./plan.ts";
import { PodFilters } from "./pod-filters.ts";
import type { PodInfo } from "./pod-info.ts";
import { type PodShape, PodShapes } from "./pod-shapes.ts";
import { type PreparedPod, preparePod } from "./prepared-pod.ts";
import type { SchedulerCache } from "./scheduler-cache.ts";
import { scoreNodes } from "./score-nodes.ts";

export class FullPass implements Evaluator {
  readonly plan: EvaluationPlan;
  readonly cache: SchedulerCache;
  readonly clusters: { readonly full: ClusterInfo; readonly claimed: ClusterInfo };
  readonly site = new CallSite();
  readonly filters: PodFilters;
  readonly #shapes: PodShapes;
  #ledger: ClaimLedger | undefined = undefined;
  #epoch = 0;
  readonly #result = createEvaluation();
  readonly #candidates: Candidates = { slots: [], start: 0, limit: 0, isSampled: false };
  readonly #feasible: number[] = [];
  readonly #totals: number[] = [];

  constructor(
    plan: EvaluationPlan,
    cache: SchedulerCache,
    nominator: PodNominator = NO_NOMINATIONS,
  ) {
    this.plan = plan;
    this.cache = cache;
    this.#shapes = new PodShapes(plan);
    this.clusters = { full: cache.cluster, claimed: new ClaimedCluster(cache.cluster) };
    this.filters = new PodFilters(plan, cache, nominator, this.site);
  }

  /** Told about every verdict; set in `verify` mode only. */
  get ledger(): ClaimLedger | undefined {
    return this.#ledger;
  }

  set ledger(ledger: ClaimLedger | undefined) {
    this.#ledger = ledger;
    this.filters.ledger = ledger;
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

  /** Runs all preFilters and, unless they reject the pod, makes its filters ready to be asked. */
  prepare(pod: PodInfo, shape: PodShape): PreparedPod {
    const prepared = preparePod(this.plan, shape, pod, this.clusters, this.site);
    if (prepared.reject === undefined) this.filters.begin(pod, shape, prepared);
    return prepared;
  }

  /**
   * The slot of the node that the pod's own status nominates (evaluateNominatedNode), or NO_SLOT
   * when there is none.
   */
  nominatedSlot({ pod }: PodInfo): number {
    const name = pod.status.nominatedNodeName ?? "";
    return name === "" ? NO_SLOT : (this.cache.state.slotOf.get(name) ?? NO_SLOT);
  }

  #evaluate(pod: PodInfo, tie: TieBreak): Evaluation {
    const { plan, cache } = this;
    const shape = this.shapeOf(pod);
    const prepared = this.prepare(pod, shape);
    const result = clearEvaluation(this.#result, cache);
    if (prepared.reject === undefined && !this.#takeNominatedNode(pod)) {
      listCandidates(this.#candidates, cache, prepared.nodeNames, plan);
      this.#findFeasible();
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

  /** The pod's own nominated node comes first, and alone; the start index stays where it is. */
  #takeNominatedNode(pod: PodInfo): boolean {
    const slot = this.nominatedSlot(pod);
    if (slot === NO_SLOT || this.filters.verdictAt(slot) !== undefined) return false;
    takeOnly(this.#result, slot);
    return true;
  }

  #findFeasible(): void {
    const { slots, start, limit } = this.#candidates;
    const result = this.#result;
    let feasible = 0;
    let rejected = 0;
    for (let i = 0; i < slots.length; i++) {
      let at = start + i;
      if (at >= slots.length) at -= slots.length;
      const slot = slots[at] ?? NO_SLOT;
      if (this.filters.verdictAt(slot) !== undefined) rejected++;
      else if (feasible === limit) break;
      else this.#feasible[feasible++] = slot;
    }
    result.feasibleCount = feasible;
    result.evaluatedCount = feasible + rejected;
  }
}

/** The result of a cycle that has not begun to look. */
export function clearEvaluation(result: Evaluation, cache: SchedulerCache): Evaluation {
  result.bestTotal = 0;
  result.bestCount = 0;
  result.chosenSlot = NO_SLOT;
  result.feasibleCount = 0;
  result.evaluatedCount = 0;
  result.nextStartIndex = cache.state.nextStartIndex;
  return result;
}

/** The result when one node was looked at, and passed. */
export function takeOnly(result: Evaluation, slot: number): void {
  result.feasibleCount = 1;
  result.evaluatedCount = 1;
  result.bestCount = 1;
  result.chosenSlot = slot;
}

/** The start index of the next cycle: moved by all nodes that were looked at. */
export function advance(result: Evaluation, cache: SchedulerCache): number {
  const { nextStartIndex } = cache.state;
  if (cache.nodeCount === 0) return nextStartIndex;
  return (nextStartIndex + result.evaluatedCount) % cache.nodeCount;
}
