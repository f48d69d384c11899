/** The cluster of an experiment, for somebody who runs it step by step. */
import { Cluster } from "../sim/index.ts";
import { openWorkload } from "../workloads/index.ts";
import { loadBalancers } from "./balancers.ts";
import { withConfiguredSettings } from "./configured-settings.ts";
import { type Experiment, runsOf } from "./experiment.ts";
import { loadPolicies } from "./run-experiment.ts";
import type { RunHooks } from "./run-hooks.ts";
import { startCluster } from "./run-one.ts";

export interface OpenClusterRequest {
  /** Its first policy and seed are taken. */
  readonly experiment: Experiment;
  /** Objects that are there at time 0 beside the workload's: valid ones. */
  readonly objects: Parameters<Cluster["bootstrap"]>[0];
  /** Sees the cluster before its first event. */
  readonly attach: (cluster: Cluster) => void;
}

/**
 * A cluster at time 0, its components started. All operations of the workload are read at once, each
 * waits for its time. Rejects with InputError.
 */
export async function openCluster(
  { experiment, objects, attach }: OpenClusterRequest,
  hooks: Pick<RunHooks, "loadPolicy" | "loadBalancer" | "notice">,
): Promise<Cluster> {
  const [run] = runsOf(experiment);
  if (run === undefined) throw new Error("an experiment without a run");
  const balancers = await loadBalancers(experiment, hooks);
  const policies = await loadPolicies({ ...experiment, policies: [run.policy] }, balancers, hooks);
  const policy = policies.get(run.policy);
  if (policy === undefined) throw new Error(`policy ${run.policy.label} was not loaded`);
  const workload = await openWorkload(experiment.workload, {
    baseDirectory: experiment.workloadBase,
    notice: hooks.notice,
  });
  const cluster = new Cluster(
    withConfiguredSettings(run.options, policy.settings),
    policy.policies,
  );
  attach(cluster);
  startCluster(cluster, experiment, [...workload.initialObjects, ...objects]);
  for await (const operation of workload.operations(run.seed))
    cluster.operations.append(operation.timeUs, operation);
  cluster.operations.close();
  return cluster;
}
