export { Distribution, distributionColumns } from "./distribution.ts";
export { namespaceColumns } from "./namespace-uses.ts";
export { OutcomesRecorder } from "./outcomes-recorder.ts";
export {
  noWarmup,
  WARMUP_STEP,
  type WarmupRule,
  type WarmupSeries,
  warmupSeries,
} from "./warmup.ts";
