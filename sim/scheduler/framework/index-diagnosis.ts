/**
 * Why a pod fits nowhere, from the codes in its index. Only nodes that the index does not reject, or
 * to which pods are nominated, are asked about.
 */
import { RejectionTally } from "./diagnose.ts";
import type { Diagnosis } from "./evaluator.ts";
import type { FullPass } from "./full-pass.ts";
import type { Rejection } from "./interface.ts";
import type { NodeLayout } from "./node-layout.ts";
import type { PreparedPod } from "./prepared-pod.ts";
import type { ShapeIndex } from "./shape-index.ts";

/** The filters of the pod in hand were begun; those that the index covers come first. */
export function diagnoseByIndex(
  index: ShapeIndex,
  layout: NodeLayout,
  full: FullPass,
  prepared: PreparedPod,
): Diagnosis {
  const { cache, plan, site, filters } = full;
  const names = prepared.nodeNames === undefined ? undefined : new Set(prepared.nodeNames);
  const isNamed = (slot: number): boolean => names?.has(cache.nodeAt(slot).name) ?? true;
  const asked = nominatedSlots(full);
  const tally = new RejectionTally(site);
  /** Rejections of nodes that were asked about. */
  const singles = new Map<number, Rejection>();
  /** By the number of the index's reason: nodes, then the rejection. */
  const counts: number[] = [];
  const { slotAt, size } = layout;
  for (let position = 0; position < size; position++) {
    const slot = slotAt[position]!;
    if (slot < 0 || (names !== undefined && !isNamed(slot))) continue;
    const reason = index.reasonNumber(index.valueOf(slot, position));
    if (reason >= 0 && (asked.size === 0 || !asked.has(slot))) {
      counts[reason] = (counts[reason] ?? 0) + 1;
      continue;
    }
    const verdict = filters.verdictAt(slot);
    if (verdict === undefined || filters.rejectedBy === undefined) continue;
    singles.set(slot, tally.add(filters.rejectedBy, verdict, 1));
  }
  const rejections: (Rejection | undefined)[] = [];
  for (const [reason, count] of counts.entries()) {
    if (count === undefined) continue;
    const { planned, verdict } = index.reasonAt(reason);
    rejections[reason] = tally.add(planned, verdict, count);
  }
  const reasonOf = (slot: number): Rejection | undefined =>
    rejections[index.reasonNumber(index.valueAt(slot))];
  const rejectionAt = (slot: number): Rejection | undefined =>
    isNamed(slot) ? (singles.get(slot) ?? reasonOf(slot)) : undefined;
  const unschedulableSlots = (): readonly number[] => {
    const isPreemptable = rejections.map((rejection) => rejection?.code === "Unschedulable");
    const isEverywhere =
      singles.size === 0 && names === undefined && !isPreemptable.includes(false);
    if (isEverywhere) return cache.order();
    return cache.order().filter((slot) => {
      const single = singles.size === 0 ? undefined : singles.get(slot);
      if (single !== undefined) return single.code === "Unschedulable";
      const reason = index.reasonNumber(index.valueAt(slot));
      return isPreemptable[reason] === true && (names === undefined || isNamed(slot));
    });
  };
  const bySlot = { rejectionAt, unschedulableSlots };
  return tally.diagnosis(plan.plugins, prepared, cache.nodeCount, bySlot);
}

/** Nodes with nominated pods that the pod in hand must respect: the reason may be another. */
function nominatedSlots({ cache, filters }: FullPass): ReadonlySet<number> {
  const slots = new Set<number>();
  if (filters.nominator.count === 0) return slots;
  for (const name of filters.nominator.nodeNames) {
    const slot = cache.state.slotOf.get(name);
    if (slot !== undefined && filters.nominatedTo(name).length > 0) slots.add(slot);
  }
  return slots;
}
