/** createCluster: a cluster to run step by step. */
import type { Cluster } from "../sim/index.ts";
import type { PolicyChoice } from "./policy-choice.ts";
import { type ExperimentSettings, experimentOf, hooksOf } from "./run-settings.ts";
import type { ManifestSource, SimulatedCluster } from "./simulated-cluster.ts";

/** Nodes that are alike: `{ count: 3, cpu: 4, memory: "16Gi" }`. */
export type NodeGroupSettings = Omit<
  NonNullable<
    NonNullable<NonNullable<ExperimentSettings["workload"]>["synthetic"]>["nodes"]
  >[number],
  "name"
> & {
  /** Nodes are called `name-0`, `name-1`, ...; `node` if absent. */
  readonly name?: string | undefined;
};

/** Options of {@link createCluster}. */
export interface ClusterCreation {
  /** Nodes that are there and ready at time 0. */
  readonly nodes?: NodeGroupSettings | readonly NodeGroupSettings[] | undefined;
  /** Further objects that are there at time 0. */
  readonly objects?: ManifestSource | undefined;
  /** Settings of the cluster (docs/latency-model.md), as `cluster` of an experiment file. */
  readonly cluster?: ExperimentSettings["cluster"] | undefined;
  /**
   * In place of `nodes` and `cluster`: path or settings of an experiment, whose workload, requests
   * and faults come as time passes. All operations of its workload are read at once.
   */
  readonly experiment?: string | ExperimentSettings | undefined;
  /** `default` if absent, or the experiment's first one. */
  readonly policy?: PolicyChoice | undefined;
  /** 1 if absent, or the experiment's first one. */
  readonly seed?: string | number | undefined;
  /** Settings by path, as for `simulate`. */
  readonly set?: Readonly<Record<string, unknown>> | undefined;
  /** Sees the cluster before its first event: the place to subscribe to what happens at time 0. */
  readonly attach?: ((trace: Cluster["trace"]) => void) | undefined;
  /** Where relative paths start; absent: the working directory of the process. */
  readonly workingDirectory?: string | undefined;
  /** Told what the user should know and is no error. */
  readonly onNotice?: ((text: string) => void) | undefined;
}

/**
 * Makes a cluster at virtual time 0 that goes on when it is told to, step by step. All its methods
 * are synchronous.
 *
 * Rejects with {@link InputError} for a mistake in the input.
 *
 * @example
 * ```ts
 * const cluster = await createCluster({ nodes: { count: 3, cpu: 4 } });
 * cluster.apply("apiVersion: v1\nkind: Pod\n...");
 * cluster.runUntil("30s");
 * console.log(cluster.get("Pod", "web")?.status.phase);
 * ```
 */
export async function createCluster(options: ClusterCreation = {}): Promise<SimulatedCluster> {
  const { policy, seed, objects = [], attach, set, onNotice, workingDirectory } = options;
  const { openCluster } = await import("../bench/index.ts");
  const { decodeSource, SimulatedCluster } = await import("./simulated-cluster.ts");
  const settings = { experiment: settingsOf(options), set, onNotice, workingDirectory };
  const policies = policy === undefined ? undefined : [policy];
  const seeds = seed === undefined ? undefined : [seed];
  const experiment = await experimentOf(settings, policies, { seeds });
  const cluster = await openCluster(
    {
      experiment,
      objects: decodeSource(objects, "objects", (text) => onNotice?.(text)),
      attach: ({ trace }) => attach?.(trace),
    },
    hooksOf(settings, policies),
  );
  return new SimulatedCluster(cluster, (text) => onNotice?.(text));
}

function settingsOf({ experiment, nodes = [], cluster }: ClusterCreation) {
  if (experiment !== undefined) return experiment;
  const groups = (Array.isArray(nodes) ? nodes : [nodes]) as readonly NodeGroupSettings[];
  const named = groups.map((group) => ({ ...group, name: group.name ?? "node" }));
  return {
    name: "cluster",
    workload: { synthetic: { nodes: named } },
    ...(cluster === undefined ? {} : { cluster }),
  };
}
