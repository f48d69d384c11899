export { type OpenMetricsOptions, OpenMetricsRecorder } from "./openmetrics-recorder.ts";
