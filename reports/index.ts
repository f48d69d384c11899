export type { Comparison, Spread } from "./comparison.ts";
export { comparisonTable } from "./comparison-table.ts";
export type { DigestCheckpoint, RunDigests } from "./digest-recorder.ts";
export { failedRequestLines } from "./failed-request-lines.ts";
export type { RefusedGroup } from "./operations-recorder.ts";
export { refusedLines } from "./refused-lines.ts";
export { type ReportFile, ReportFiles, reportFiles } from "./report-files.ts";
export { defaultTraceOptions, type TraceOptions } from "./requests/index.ts";
export { reportedResources } from "./resource-columns.ts";
export type { Cell, Row, RowSink } from "./row.ts";
export type { ManifestInput, ManifestOptions } from "./run-manifest.ts";
export { RunRecorder, type RunRecorderOptions, type RunSinks } from "./run-recorder.ts";
export { SampleSeries } from "./sample-series.ts";
export type { RunEnd, RunLabels, RunSummary } from "./summary.ts";
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
