/**
 * Plain pods: cpu and memory only. `NODESxSHAPES`, all nodes scored or adaptive sampling; `few`:
 * only a quarter of the nodes has room, so that sampling must look at four times as many.
 */
import type { Bench, BenchRow, BenchSettings } from "../bench.ts";
import {
  anyGroup,
  type DecisionRow,
  decisionColumns,
  decisionRows,
  isInRun,
} from "./decision-table.ts";
import { type PodGroup, plainGroups, specOf } from "./pod-group.ts";
import { SteadyCluster } from "./steady-cluster.ts";

const NODES = [1_000, 5_000, 10_000] as const;
const SHAPES = [1, 20, 200, 2_000] as const;

/** Goals in microseconds by row; the one of 10,000 nodes is relative to 5,000. */
const GOALS: Readonly<Record<string, string>> = {
  "5000x20 all": "< 5",
  "5000x200 all": "< 20",
  "5000x2000 all": "< 100",
  "10000x20 all": "< 1.5 x 5000x20",
  "5000x20 adaptive": "< 15",
  "5000x20 adaptive few": "< 40",
};

export const decisionsPlain: Bench = {
  name: "decisions plain",
  columns: decisionColumns,
  async run(settings) {
    const rows: BenchRow[] = [];
    for (const nodeCount of NODES.filter((count) => isInRun(settings, count))) {
      for (const shapes of SHAPES) rows.push(...plainRows(settings, nodeCount, shapes));
      rows.push(...fewFeasibleRows(settings, nodeCount));
    }
    return rows;
  },
};

function plainRows(settings: BenchSettings, nodeCount: number, shapes: number): BenchRow[] {
  const row = (mode: string, percentageOfNodesToScore: number): DecisionRow => {
    const label = `${nodeCount}x${shapes} ${mode}`;
    const goalUs = GOALS[label] ?? "";
    const warmUp = Math.max(2_000, 4 * shapes);
    return { label, percentageOfNodesToScore, groupOf: anyGroup, warmUp, goalUs };
  };
  return decisionRows(
    settings,
    [row("all", 100), row("adaptive", 0)],
    () => new SteadyCluster({ nodeCount, groups: plainGroups(shapes) }),
  );
}

/** Some pods that fit only on the largest type of machine, a quarter of the nodes. */
function largeGroups(): PodGroup[] {
  return Array.from({ length: 20 }, (_, index) => ({
    name: `large-${index}`,
    labels: {},
    spec: specOf(19_000 + 100 * index, 1_000 + 10 * index),
    sharesSpec: false,
  }));
}

function fewFeasibleRows(settings: BenchSettings, nodeCount: number): BenchRow[] {
  const plain = plainGroups(20);
  const large = largeGroups();
  const label = `${nodeCount}x20 adaptive few`;
  const row: DecisionRow = {
    label,
    percentageOfNodesToScore: 0,
    groupOf: (cluster) => () => plain.length + cluster.below(large.length),
    warmUp: 2_000,
    goalUs: GOALS[label] ?? "",
  };
  const options = { nodeCount, groups: [...plain, ...large], boundGroups: plain.length };
  // Of 64 cores some 21 to 25 are free, of 48 less than 19.
  const makeCluster = () => new SteadyCluster({ ...options, fill: [0.61, 0.67] });
  return decisionRows(settings, [row], makeCluster);
}
