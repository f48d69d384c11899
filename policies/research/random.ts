/**
 * Random makes every feasible node equal, so that the scheduler's seeded draw among equals picks
 * one uniformly. It needs `ties: seeded` (the default); with `lowest-name` it becomes first fit by
 * name.
 *
 * A hash of pod and node as a score would do the same less well: 0..100 has 101 values only, and
 * the draw would have to be made for every node. The claim stays honest and cheap this way.
 *
 * Source: the usual baseline of placement studies.
 */
import { type AnyPlugin, definePlugin } from "../../sim/scheduler/index.ts";

export function random(): AnyPlugin {
  return definePlugin({
    name: "Random",
    locality: "spec",
    reads: [],
    requeueOn: [], // it never rejects
    score: () => 0,
  });
}
