export { createMetrics, type MetricsSettings } from "./metrics-pipeline.ts";
export type { PodStore, PodWork } from "./pod-store.ts";
