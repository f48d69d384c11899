/**
 * Pods of apps, `NODESxREPLICAS`, in roll-outs: spreading and preferred anti-affinity as the pods ask
 * for it, required anti-affinity, and plain Deployments behind Services, which the system's default
 * constraints spread.
 */
import type { Bench, BenchRow } from "../bench.ts";
import {
  type AppRules,
  appGroups,
  deploymentGroups,
  exclusiveRules,
  spreadingRules,
} from "./app-groups.ts";
import {
  type DecisionRow,
  decisionColumns,
  decisionRows,
  isInRun,
  rollOuts,
} from "./decision-table.ts";
import type { PodGroup } from "./pod-group.ts";
import { SteadyCluster } from "./steady-cluster.ts";

interface AppCase {
  readonly nodeCount: number;
  readonly replicas: number;
  /** For 5,000 nodes with all of them scored. */
  readonly goalUs: string;
}

export const decisionsSpreading = appBench("decisions spreading", byRules(spreadingRules), [
  { nodeCount: 1_000, replicas: 30, goalUs: "" },
  { nodeCount: 5_000, replicas: 30, goalUs: "< 30" },
  { nodeCount: 10_000, replicas: 30, goalUs: "" },
]);

export const decisionsAntiAffinity = appBench("decisions anti-affinity", byRules(exclusiveRules), [
  { nodeCount: 1_000, replicas: 30, goalUs: "" },
  { nodeCount: 5_000, replicas: 30, goalUs: "" },
  { nodeCount: 10_000, replicas: 30, goalUs: "" },
]);

export const decisionsDeployments = appBench("decisions deployments", deploymentGroups, [
  { nodeCount: 5_000, replicas: 5, goalUs: "< 15" },
  { nodeCount: 5_000, replicas: 30, goalUs: "< 15" },
  { nodeCount: 5_000, replicas: 100, goalUs: "< 15" },
  { nodeCount: 5_000, replicas: 1_000, goalUs: "< 60" },
  { nodeCount: 5_000, replicas: 3_000, goalUs: "< 60" },
  { nodeCount: 1_000, replicas: 30, goalUs: "" },
  { nodeCount: 10_000, replicas: 30, goalUs: "" },
]);

type MakeGroups = (nodeCount: number, replicas: number) => PodGroup[];

function byRules(rules: AppRules): MakeGroups {
  return (nodeCount, replicas) => appGroups(nodeCount, replicas, rules);
}

function appBench(name: string, makeGroups: MakeGroups, cases: readonly AppCase[]): Bench {
  return {
    name,
    columns: decisionColumns,
    async run(settings) {
      const inRun = cases.filter(({ nodeCount }) => isInRun(settings, nodeCount));
      return inRun.flatMap(({ nodeCount, replicas, goalUs }): BenchRow[] => {
        const groupOf = rollOuts(replicas);
        const warmUp = Math.max(2_000, 2 * replicas);
        const row = (mode: string, percentageOfNodesToScore: number, goal: string): DecisionRow => {
          const label = `${nodeCount}x${replicas} ${mode}`;
          return { label, percentageOfNodesToScore, groupOf, warmUp, goalUs: goal };
        };
        return decisionRows(
          settings,
          [row("all", 100, goalUs), row("adaptive", 0, "")],
          () => new SteadyCluster({ nodeCount, groups: makeGroups(nodeCount, replicas), replicas }),
        );
      });
    },
  };
}
