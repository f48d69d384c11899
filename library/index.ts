export type { RunProgress } from "../bench/index.ts";
export type {
  ClusterMoment,
  Comparison,
  OwnFigures,
  OwnMetric,
  PodStory,
  Recorder,
  ReportFile,
  Results,
  RunDifference,
  RunEnd,
  RunLabels,
  RunSummary,
  TextRow,
  Timeline,
} from "../reports/index.ts";
export type { Trace } from "../sim/api/index.ts";
export { type ClusterCreation, createCluster, type NodeGroupSettings } from "./create-cluster.ts";
export type { Duration } from "./duration.ts";
export { type ExportOptions, exportRun } from "./export-run.ts";
export type { KindName, KubernetesObject, ObjectOf, ObjectTypes } from "./object-types.ts";
export type { PolicyChoice, PolicyObject } from "./policy-choice.ts";
export {
  type ClusterAtOptions,
  type ClusterAtResult,
  clusterAt,
  type DiffOptions,
  type DiffResult,
  diff,
  type ExplainOptions,
  type ExplainResult,
  explain,
  type RecordedRunChoice,
  type RepeatSettings,
  type TimelineOptions,
  type TimelineResult,
  timeline,
} from "./recorded-runs.ts";
export { openResults, type ReportSettings, report } from "./results.ts";
export type {
  ExperimentSettings,
  RunSettings,
  Seeds,
  WatchedRunSettings,
} from "./run-settings.ts";
export {
  type CompareOptions,
  type CompareResult,
  compare,
  type RunOptions,
  type SimulateOptions,
  type SimulateResult,
  simulate,
} from "./simulate.ts";
export type {
  DeleteOptions,
  FactOf,
  ListOptions,
  ManifestSource,
  SimulatedCluster,
  UserOperation,
} from "./simulated-cluster.ts";
export {
  type Plan,
  type PlanOptions,
  type PlanRun,
  plan,
  type StudyOptions,
  type SweepOptions,
  type SweepResult,
  sweep,
} from "./sweep.ts";
