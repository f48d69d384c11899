/**
 * Pods that fit nowhere, `NODESxSHAPES`. `1%`: one of a hundred arrivals, half of them too large for
 * every node, half with a node selector that no node has; preemption is tried, and finds no lower
 * priority. `stays`: one that is tried again and again while nothing changes.
 */
import type { Bench, BenchRow } from "../bench.ts";
import { type DecisionRow, decisionColumns, decisionRows, isInRun } from "./decision-table.ts";
import { type PodGroup, plainGroups, specOf } from "./pod-group.ts";
import { SteadyCluster } from "./steady-cluster.ts";

const SHAPES = 20;

const tooLarge: PodGroup = {
  name: "too-large",
  labels: {},
  spec: specOf(200_000, 1_024),
  sharesSpec: false,
};
const selectsNothing: PodGroup = {
  name: "selects-nothing",
  labels: {},
  spec: { ...specOf(500, 1_024), nodeSelector: { disk: "none-such" } },
  sharesSpec: false,
};

export const decisionsUnschedulable: Bench = {
  name: "decisions unschedulable",
  columns: decisionColumns,
  async run(settings) {
    const inRun = [1_000, 5_000, 10_000].filter((count) => isInRun(settings, count));
    return inRun.flatMap((nodeCount): BenchRow[] => {
      const row = (name: string, goalUs: string, groupOf: DecisionRow["groupOf"]): DecisionRow => ({
        label: `${nodeCount}x${SHAPES} ${name}`,
        percentageOfNodesToScore: 100,
        groupOf,
        goalUs,
      });
      return decisionRows(
        settings,
        [
          row("1%", "", onePercent),
          row("stays too-large", "O(1)", () => () => SHAPES),
          row("stays selects-nothing", "O(1)", () => () => SHAPES + 1),
        ],
        () => {
          const groups = [...plainGroups(SHAPES), tooLarge, selectsNothing];
          return new SteadyCluster({ nodeCount, groups, boundGroups: SHAPES });
        },
      );
    });
  },
};

const onePercent = (cluster: SteadyCluster) => () =>
  cluster.below(100) === 0 ? SHAPES + cluster.below(2) : cluster.below(SHAPES);
