/**
 * Why a pod fits nowhere: the first rejection of each node, over all nodes.
 */
import type { CallSite } from "./call-site.ts";
import type { Diagnosis } from "./evaluator.ts";
import type { FullPass } from "./full-pass.ts";
import type { Rejection, Verdict } from "./interface.ts";
import type { PlannedPlugin } from "./plan.ts";
import type { PodInfo } from "./pod-info.ts";
import type { PodShape } from "./pod-shapes.ts";
import type { PreparedPod } from "./prepared-pod.ts";
import type { SchedulerCache } from "./scheduler-cache.ts";
import { rejectionOf } from "./verdicts.ts";

/**
 * How many nodes were rejected with one verdict. Verdicts are mostly constants, so that a node
 * costs one look-up, whatever the number of reasons.
 */
interface Tally {
  readonly rejection: Rejection;
  readonly plugin: PlannedPlugin;
  nodes: number;
}

/** Counts rejections; makes the Diagnosis of them. */
export class RejectionTally {
  readonly #site: CallSite;
  /** By plan index of the plugin. */
  readonly #tallies: Map<Verdict, Tally>[] = [];

  constructor(site: CallSite) {
    this.#site = site;
  }

  /** Takes in that `nodes` nodes got this verdict. */
  add(plugin: PlannedPlugin, verdict: Verdict, nodes: number): Rejection {
    const byVerdict = this.#tallies[plugin.index] ?? new Map<Verdict, Tally>();
    this.#tallies[plugin.index] = byVerdict;
    const known = byVerdict.get(verdict);
    if (known !== undefined) {
      known.nodes += nodes;
      return known.rejection;
    }
    const rejection = rejectionOf(verdict, this.#site);
    if (rejection === undefined) throw new Error("a verdict that rejects has no rejection");
    byVerdict.set(verdict, { rejection, plugin, nodes });
    return rejection;
  }

  diagnosis(
    plugins: readonly PlannedPlugin[],
    prepared: PreparedPod,
    nodeCount: number,
    bySlot: Pick<Diagnosis, "rejectionAt" | "unschedulableSlots">,
  ): Diagnosis {
    const reasonCounts = new Map<string, number>();
    const rejecting = new Set<PlannedPlugin>();
    for (const byVerdict of this.#tallies) {
      for (const { rejection, plugin, nodes } of byVerdict?.values() ?? []) {
        if (nodes === 0) continue;
        rejecting.add(plugin);
        for (const reason of rejection.reasons) {
          reasonCounts.set(reason, (reasonCounts.get(reason) ?? 0) + nodes);
        }
      }
    }
    // A preFilter that names nodes has part in the failure: it left the others out.
    const rejectingPlugins = plugins
      .filter(
        (planned) =>
          rejecting.has(planned) || prepared.filters[planned.index]?.nodeNames !== undefined,
      )
      .map(({ plugin }) => plugin.name);
    return { nodeCount, reasonCounts, preFilterMessage: "", rejectingPlugins, ...bySlot };
  }
}

/** Asks the preFilters, then each node until its first rejection. */
export function diagnosePod(full: FullPass, pod: PodInfo, shape: PodShape): Diagnosis {
  const { cache, plan, site, filters } = full;
  const prepared = full.prepare(pod, shape);
  if (prepared.reject !== undefined) {
    site.leave();
    return preFilterDiagnosis(prepared, prepared.reject, cache);
  }
  const names = prepared.nodeNames === undefined ? undefined : new Set(prepared.nodeNames);
  const tally = new RejectionTally(site);
  const rejections = new Map<number, Rejection>();
  for (const slot of cache.slots()) {
    if (names !== undefined && !names.has(cache.nodeAt(slot).name)) continue;
    const verdict = filters.verdictAt(slot);
    if (verdict === undefined || filters.rejectedBy === undefined) continue;
    rejections.set(slot, tally.add(filters.rejectedBy, verdict, 1));
  }
  site.leave();
  return tally.diagnosis(plan.plugins, prepared, cache.nodeCount, {
    rejectionAt: (slot) => rejections.get(slot),
    unschedulableSlots: () =>
      cache.order().filter((slot) => rejections.get(slot)?.code === "Unschedulable"),
  });
}

/** A preFilter rejected the pod on all nodes at once. */
export function preFilterDiagnosis(
  { rejectedBy }: PreparedPod,
  reject: Rejection,
  cache: SchedulerCache,
): Diagnosis {
  return {
    nodeCount: cache.nodeCount,
    reasonCounts: new Map(),
    preFilterMessage: reject.reasons.join(", "),
    rejectingPlugins: rejectedBy === undefined ? [] : [rejectedBy.plugin.name],
    rejectionAt: () => reject,
    unschedulableSlots: () => (reject.code === "Unschedulable" ? cache.order() : []),
  };
}
