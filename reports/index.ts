export type { Comparison, Scenario } from "./comparison.ts";
export { comparisonTable } from "./comparison-table.ts";
export {
  differenceText,
  type Meant,
  nodeIn,
  Onlooker,
  partingReasons,
  type RunDifference,
  settingDifferences,
} from "./diff/index.ts";
export type { DigestCheckpoint, RunDigests } from "./digest-recorder.ts";
export {
  type Attempt,
  type AttemptLimits,
  type ClusterMoment,
  clusterMoment,
  ExplainRecorder,
  momentText,
  nodeMomentText,
  type PodStory,
  QueueRecorder,
  storyText,
} from "./explain/index.ts";
export { failedRequestLines } from "./failed-request-lines.ts";
export {
  type ReportFormat,
  type ReportOptions,
  type ReportProgress,
  type WrittenReport,
  writeReport,
} from "./html/index.ts";
export { leftOutLines } from "./left-out-lines.ts";
export type { NodeGridOptions } from "./node-groups.ts";
export { defaultNodeGrid } from "./nodes-recorder.ts";
export { type OpenMetricsOptions, OpenMetricsRecorder } from "./openmetrics/index.ts";
export type { RefusedGroup } from "./operations-recorder.ts";
export { noWarmup, type WarmupRule, warmupSeries } from "./outcomes/index.ts";
export { outputError, prepareOutputDirectory, writeWhole } from "./output-directory.ts";
export { type OwnFigures, type OwnMetric, ownMetrics, type Recorder } from "./own-recorder.ts";
export { type PerfettoOptions, PerfettoRecorder } from "./perfetto/index.ts";
export { refusedLines } from "./refused-lines.ts";
export { type ReportFile, reportFiles } from "./report-columns.ts";
export { ReportFiles } from "./report-files.ts";
export { ReportRows, type RowsByFile, type TextRow } from "./report-rows.ts";
export type { ReportRequest, ReportTarget } from "./report-target.ts";
export { defaultTraceOptions, type TraceOptions } from "./requests/index.ts";
export { reportedResources } from "./resource-columns.ts";
export {
  compareResults,
  type FailedRun,
  isStudyFolder,
  openResults,
  openStudyFolder,
  type ResultRun,
  type Results,
  readStudyRecord,
  STUDY_FILE,
  type StudyRun,
  studyJson,
  writeStudyFiles,
} from "./results/index.ts";
export type { Cell, Row, RowSink } from "./row.ts";
export type { ManifestInput, ManifestOptions } from "./run-manifest.ts";
export { RunRecorder, type RunRecorderOptions, type RunSinks } from "./run-recorder.ts";
export { SampleSeries } from "./sample-series.ts";
export type { SchedulerMetricsOptions } from "./scheduler-metrics-recorder.ts";
export {
  isSettled,
  parseStoppingRule,
  SEEDS_LEAST,
  type Spread,
  type StoppingRule,
  seedsFor,
} from "./statistics/index.ts";
export type { RunEnd, RunLabels, RunSummary } from "./summary.ts";
export {
  MAIN_METRICS,
  type Metric,
  type MetricKind,
  type MetricUnit,
  summaryMetricNames,
} from "./summary-metrics.ts";
export {
  buildTimeline,
  type Hop,
  type HopStep,
  type ObjectName,
  TIMELINE_KINDS,
  type Timeline,
  TimelineRecorder,
  timelineJson,
  timelineText,
  type Verification,
} from "./timeline/index.ts";
export { unplacedLines } from "./unplaced-lines.ts";
export type { UnplacedGroup } from "./unplaced-pods.ts";
export type { ResourceUse } from "./utilization-recorder.ts";
export { verdict } from "./verdict.ts";
