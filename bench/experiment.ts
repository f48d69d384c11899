/**
 * An experiment: one workload on one cluster, once for each policy and seed. This is the resolved
 * form, every default filled in; `resolveExperiment` makes it from a file and flags.
 */
import type { NodeGridOptions, ReportFile, TraceOptions, WarmupRule } from "../reports/index.ts";
import type { Fault } from "../sim/index.ts";
import type { Micros } from "../sim/kernel/index.ts";
import type { ServiceModelSettings, TrafficSettings } from "../sim/network/index.ts";
import type { ClusterOptions } from "../sim/options/index.ts";
import type { WorkloadSpec } from "../workloads/index.ts";

export interface Experiment {
  /** For titles and the run's record: the file's `name`, or its file name, or the workload's. */
  readonly name: string;
  /** Everything about the cluster but the seed. */
  readonly cluster: Omit<ClusterOptions, "seed">;
  readonly workload: WorkloadSpec;
  /** Absolute folder that the workload's relative paths start from. */
  readonly workloadBase: string;
  /** At least one, labels are unique. */
  readonly policies: readonly PolicyRef[];
  /** At least one, each once. */
  readonly seeds: readonly string[];
  /** Virtual time at which a run ends; `auto`: when nothing but periodic chores is left to do. */
  readonly horizonUs: Micros | "auto";
  readonly outputs: OutputSettings;
  /** What figures and means leave out of each run's beginning. */
  readonly analysis: WarmupRule;
  readonly traffic: readonly TrafficSettings[];
  /** What pods do with requests, by `namespace/name` of their Service. */
  readonly services: Readonly<Record<string, ServiceModelSettings>>;
  /** What goes wrong, as listed. */
  readonly faults: readonly Fault[];
}

/** A policy: built into this package, or a file of the user. */
export interface PolicyRef {
  /** Its name in tables and CSV files. */
  readonly label: string;
  /** Absolute path of the user's file; `undefined`: `label` is the name of a built-in policy. */
  readonly path: string | undefined;
}

export interface OutputSettings {
  /** Absolute path. */
  readonly directory: string;
  /** CSV files to write, in the order of `reportFiles`. run.json is always written. */
  readonly files: readonly ReportFile[];
  /** Width of a row of utilization.csv and requests.csv. */
  readonly utilizationIntervalUs: Micros;
  /** How large nodes.csv of a run may get. */
  readonly nodeGrid: NodeGridOptions;
  /** Which trees of calls request-traces.csv has. */
  readonly traces: TraceOptions;
}

/** One run of an experiment. */
export interface ExperimentRun {
  readonly policy: PolicyRef;
  readonly seed: string;
  readonly options: ClusterOptions;
}

/** All runs: for each policy, as listed, each seed, as listed. */
export function runsOf(experiment: Experiment): ExperimentRun[] {
  return experiment.policies.flatMap((policy) =>
    experiment.seeds.map((seed) => ({ policy, seed, options: { ...experiment.cluster, seed } })),
  );
}
