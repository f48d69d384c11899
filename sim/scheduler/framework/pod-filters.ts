/**
 * PodFilters: the filters that have a say about one pod, asked about one node after the other, the
 * pods nominated to a node taken into account.
 *
 * Source: RunFilterPluginsWithNominatedPods of
 * kubernetes/pkg/scheduler/framework/runtime/framework.go, v1.30.
 */
import type { CachedNode } from "./cached-node.ts";
import type { CallSite } from "./call-site.ts";
import type { ClaimLedger } from "./claim-ledger.ts";
import type { PodNominator, Verdict } from "./interface.ts";
import { Trial } from "./node-trial.ts";
import type { EvaluationPlan, PlannedPlugin } from "./plan.ts";
import type { PodInfo } from "./pod-info.ts";
import type { PodShape } from "./pod-shapes.ts";
import { activeFilters, type PreparedPod } from "./prepared-pod.ts";
import type { SchedulerCache } from "./scheduler-cache.ts";
import { checkRejected } from "./verdicts.ts";

export class PodFilters {
  readonly plan: EvaluationPlan;
  readonly cache: SchedulerCache;
  readonly nominator: PodNominator;
  readonly site: CallSite;
  /** Told about every verdict; set in `verify` mode only. */
  ledger: ClaimLedger | undefined = undefined;
  /** The filter behind the last verdict that rejected. */
  rejectedBy: PlannedPlugin | undefined = undefined;
  /** Filters that no preFilter has skipped, in profile order. */
  active: readonly PlannedPlugin[] = [];
  readonly #trial: Trial;
  #pod: PodInfo | undefined;
  #views: readonly (PodInfo | undefined)[] = [];
  #shape: PodShape | undefined;
  #states: unknown[] = [];

  constructor(
    plan: EvaluationPlan,
    cache: SchedulerCache,
    nominator: PodNominator,
    site: CallSite,
  ) {
    this.plan = plan;
    this.cache = cache;
    this.nominator = nominator;
    this.site = site;
    this.#trial = new Trial(this);
  }

  /** Takes up a pod whose preFilters did not reject it. */
  begin(pod: PodInfo, shape: PodShape, prepared: PreparedPod): void {
    this.#pod = pod;
    this.#shape = shape;
    this.#views = shape.views;
    this.#states = prepared.filters.map((filter) => filter?.state);
    this.active = activeFilters(this.plan, prepared);
  }

  get pod(): PodInfo {
    if (this.#pod === undefined) throw new Error("no pod was begun");
    return this.#pod;
  }

  viewFor(planned: PlannedPlugin): PodInfo {
    return this.#views[planned.index] ?? this.pod;
  }

  stateOf(planned: PlannedPlugin): unknown {
    return this.#states[planned.index];
  }

  /** The first rejection of the node in a slot; undefined: it passes. */
  verdictAt(slot: number): Verdict {
    const node = this.cache.nodeAt(slot);
    if (this.nominator.count > 0) {
      const nominated = this.nominatedTo(node.name);
      if (nominated.length > 0) {
        const verdict = this.#trial.verdictWith(slot, nominated);
        if (verdict !== undefined) return verdict;
      }
    }
    return this.verdictOn(node);
  }

  /** The same for a node that passes all filters but `others`, nominated pods left out. */
  verdictBeyond(slot: number, others: readonly PlannedPlugin[]): Verdict {
    const node = this.cache.nodeAt(slot);
    if (this.nominator.count > 0 && this.nominatedTo(node.name).length > 0) {
      return this.verdictAt(slot);
    }
    return this.verdictOn(node, others);
  }

  /** The first rejection of a node as it stands, nominated pods left out. */
  verdictOn(node: CachedNode, active: readonly PlannedPlugin[] = this.active): Verdict {
    const { site } = this;
    for (let i = 0; i < active.length; i++) {
      const planned = active[i]!;
      const { plugin, index } = planned;
      site.enter(plugin, "filter", site.podKey);
      site.node = node;
      const verdict = plugin.filter?.(
        this.#views[index] ?? this.pod,
        // A spec plugin is declared to read the fixed part only, and gets no more.
        (planned.filterReuse === "spec" ? node.fixed : node) as typeof node,
        this.#states[index],
      );
      if (this.ledger !== undefined && this.#shape !== undefined && !node.isScratch) {
        this.ledger.sawFilter(planned, this.#shape, node.slot, verdict !== undefined);
      }
      if (verdict === undefined) continue;
      checkRejected(verdict, site);
      this.rejectedBy = planned;
      return verdict;
    }
    return undefined;
  }

  /** The pods whose place on the node must be respected: of equal or higher priority, itself not. */
  nominatedTo(nodeName: string): readonly PodInfo[] {
    const pod = this.pod;
    return this.nominator
      .podsOn(nodeName)
      .filter((other) => other.priority >= pod.priority && other.record !== pod.record);
  }

  /** Begins a what-if for the pod in hand. */
  tryNode(slot: number): Trial {
    const trial = new Trial(this);
    trial.begin(slot);
    return trial;
  }
}
