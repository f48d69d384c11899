export {
  AFFINITY_TERM_GROUPS,
  type AffinityTermLists,
  affinityTermsOf,
} from "./affinity-terms.ts";
export { createPodInfo, normalizedImageName, updatedPodInfo } from "./create-pod-info.ts";
export { definePlugin } from "./define-plugin.ts";
export { describeValue } from "./describe-value.ts";
export type { Diagnosis, Evaluation, Evaluator, TieBreak } from "./evaluator.ts";
export { NO_SLOT } from "./evaluator.ts";
export type { CycleDetail } from "./explain.ts";
export type { ScorerDetail, SearchDetail } from "./explain-search.ts";
export { fitErrorMessage } from "./fit-error.ts";
export type {
  EvaluationMode,
  FrameworkOptions,
  PreBindFailure,
  PreBindPause,
  PreBindProgress,
} from "./framework.ts";
export { Framework } from "./framework.ts";
export { FullPass } from "./full-pass.ts";
export { IncrementalEvaluator } from "./incremental.ts";
export type * from "./interface.ts";
export { SKIP, UNSCORED } from "./interface.ts";
export { narrowingOf } from "./narrowing.ts";
export { type EvaluationPlan, planEvaluation } from "./plan.ts";
export { markBuiltIn, markFile } from "./plugin-origin.ts";
export type { PluginRejection } from "./plugin-rejection.ts";
export type { HostPort } from "./pod-info.ts";
export type { PostFilterAttempt, PostFilterOutcome } from "./post-filters.ts";
export { CPU, ResourceTable } from "./resource-table.ts";
export type { PlacedPod, SchedulerCacheState } from "./scheduler-cache.ts";
export { SchedulerCache } from "./scheduler-cache.ts";
export type { SchedulerObjects } from "./scheduler-objects.ts";
export { normalizeScore } from "./scores.ts";
