/**
 * TaintToleration rejects nodes with a NoSchedule or NoExecute taint that the pod does not
 * tolerate, and prefers nodes with few untolerated PreferNoSchedule taints.
 *
 * Raw score: number of untolerated PreferNoSchedule taints; only tolerations with that effect, or
 * with none, count there. Normalised so that the fewest is best; 100 for all when none applies.
 *
 * Source: kubernetes/pkg/scheduler/framework/plugins/tainttoleration, v1.30.
 */
import {
  findUntoleratedTaint,
  type Taint,
  type Toleration,
  tolerates,
} from "../../sim/api/index.ts";
import { definePlugin, type Plugin, type Rejection } from "../../sim/scheduler/index.ts";
import { NODE_ADDED_OR_UPDATED } from "../cluster-events.ts";

const NO_TOLERATIONS: readonly Toleration[] = [];
const HARD_EFFECTS = ["NoSchedule", "NoExecute"];

export function taintToleration(): Plugin<undefined, readonly Toleration[]> {
  /** The rejection for each taint: a cache by identity, since a filter runs once per node. */
  const rejections = new WeakMap<Taint, Rejection>();

  return definePlugin<undefined, readonly Toleration[]>({
    name: "TaintToleration",
    locality: "spec",
    reads: ["tolerations"],
    requeueOn: NODE_ADDED_OR_UPDATED,
    normalize: "maxReversed",

    filter({ pod }, { taints }) {
      const taint = findUntoleratedTaint(taints, pod.spec.tolerations, HARD_EFFECTS);
      return taint === undefined ? undefined : rejectionOf(rejections, taint);
    },

    preScore: ({ pod }) => ({ state: (pod.spec.tolerations ?? NO_TOLERATIONS).filter(softens) }),

    score(_pod, { taints }, tolerations) {
      let untolerated = 0;
      for (const taint of taints) {
        if (taint.effect === "PreferNoSchedule" && !toleratesOne(tolerations, taint)) untolerated++;
      }
      return untolerated;
    },
  });
}

function softens({ effect }: Toleration): boolean {
  return effect === undefined || effect === "" || effect === "PreferNoSchedule";
}

function toleratesOne(tolerations: readonly Toleration[], taint: Taint): boolean {
  for (const toleration of tolerations) if (tolerates(toleration, taint)) return true;
  return false;
}

function rejectionOf(rejections: WeakMap<Taint, Rejection>, taint: Taint): Rejection {
  let rejection = rejections.get(taint);
  if (rejection === undefined) {
    const reason = `node(s) had untolerated taint {${taint.key}: ${taint.value ?? ""}}`;
    rejection = { code: "UnschedulableAndUnresolvable", reasons: [reason] };
    rejections.set(taint, rejection);
  }
  return rejection;
}
