export type {
  Experiment,
  ExperimentRun,
  PolicyRef,
} from "./experiment.ts";
export type { ExperimentFlags } from "./experiment-flags.ts";
export type { ExperimentInput } from "./experiment-schema.ts";
export type { ExperimentRequest } from "./fill-experiment.ts";
export { openCluster } from "./open-cluster.ts";
export { resolveExperiment } from "./resolve-experiment.ts";
export { runExperiment } from "./run-experiment.ts";
export type {
  BalancerCode,
  ExperimentResult,
  PolicyCode,
  RunHooks,
  RunProgress,
} from "./run-hooks.ts";
