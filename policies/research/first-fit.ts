/**
 * FirstFit takes the first feasible node in the order in which nodes joined the cluster (the slot
 * of a node that left is given to the next one that joins).
 *
 * Source: first fit of the bin-packing literature: Johnson, "Near-optimal bin packing algorithms",
 * 1973. Raw score: minus the slot; normalised to 100 for the first and 0 for the others.
 */
import { type AnyPlugin, definePlugin } from "../../sim/scheduler/index.ts";

export function firstFit(): AnyPlugin {
  return definePlugin({
    name: "FirstFit",
    locality: "node",
    reads: [],
    requeueOn: [], // it never rejects
    normalize: (raw, _min, max) => (raw === max ? 100 : 0),
    score: (_pod, node) => -node.slot,
  });
}
