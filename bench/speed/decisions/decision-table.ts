/** The table of a bench of decisions: the incremental evaluation beside a full one. */
import { defaultProfile } from "../../../policies/index.ts";
import type { EvaluationMode } from "../../../sim/scheduler/index.ts";
import type { BenchRow, BenchSettings } from "../bench.ts";
import { measureDecisions, type PrepareDecisions } from "./measure-decisions.ts";
import type { SteadyCluster } from "./steady-cluster.ts";

export const decisionColumns = [
  "row",
  "us/decision",
  "goal us",
  "bytes/decision",
  "full us",
  "full / this",
] as const;

export interface DecisionRow {
  readonly label: string;
  /** As in KubeSchedulerConfiguration: 100 scores all nodes, 0 is adaptive. */
  readonly percentageOfNodesToScore: number;
  /** Whose pod comes next. */
  readonly groupOf: (cluster: SteadyCluster) => () => number;
  /** Decisions before the first measured one. Default 2,000. */
  readonly warmUp?: number;
  /** As text; "": none is set. */
  readonly goalUs: string;
}

/** A quick run leaves out clusters of more nodes than this: they take too long to fill. */
const QUICK_NODES_MAX = 5_000;

/** Whether a cluster of that size is part of the run. */
export function isInRun({ isQuick }: BenchSettings, nodeCount: number): boolean {
  return !isQuick || nodeCount <= QUICK_NODES_MAX;
}

/** Measures the wanted rows of one cluster, which is made when there is any. */
export function decisionRows(
  settings: BenchSettings,
  rows: readonly DecisionRow[],
  makeCluster: () => SteadyCluster,
): BenchRow[] {
  const wanted = rows.filter(({ label }) => settings.wants(label));
  if (wanted.length === 0) return [];
  const cluster = makeCluster();
  return wanted.map((row) => {
    const { percentageOfNodesToScore } = row;
    const profile = defaultProfile({ percentageOfNodesToScore });
    const groupOf = row.groupOf(cluster);
    return measureRow(settings, row, (evaluation) => {
      const framework = cluster.framework(profile, evaluation);
      return (count) => {
        const turns = cluster.turns(count, groupOf);
        return () => cluster.run(framework, turns);
      };
    });
  });
}

/** Measures one row: the full evaluation first, then the incremental one. */
export function measureRow(
  { isQuick }: BenchSettings,
  { label, goalUs, warmUp = 2_000 }: Pick<DecisionRow, "label" | "goalUs" | "warmUp">,
  prepareFor: (evaluation: EvaluationMode) => PrepareDecisions,
): BenchRow {
  const roundMs = isQuick ? 40 : 250;
  const full = measureDecisions(prepareFor("full"), {
    warmUp: 10,
    rounds: 2,
    roundMs,
    roundDecisionsMax: 2_000,
  });
  const fast = measureDecisions(prepareFor("incremental"), {
    warmUp: isQuick ? Math.ceil(warmUp / 2) : warmUp,
    rounds: isQuick ? 2 : 5,
    roundMs,
    roundDecisionsMax: 50_000,
  });
  return [
    label,
    fast.us.toFixed(fast.us < 10 ? 2 : 1),
    goalUs,
    fast.bytes.toFixed(0),
    full.us.toFixed(0),
    (full.us / fast.us).toFixed(full.us < 10 * fast.us ? 1 : 0),
  ];
}

/** Pods of all groups, in random order. */
export const anyGroup = (cluster: SteadyCluster) => () => cluster.below(cluster.groups.length);

/** Roll-outs: an app drawn at random has all its pods replaced, then the next one. */
export const rollOuts = (replicas: number) => (cluster: SteadyCluster) => {
  let group = 0;
  let left = 0;
  return () => {
    if (left === 0) {
      group = cluster.below(cluster.groups.length);
      left = replicas;
    }
    left--;
    return group;
  };
};
