export {
  type CalibrationHooks,
  type Estimate,
  estimateTime,
} from "./calibrate.ts";
export { experimentSchemaText } from "./json-schema.ts";
export {
  type PlanHooks,
  type PlannedRun,
  planStudy,
  type StudyPlan,
} from "./plan-study.ts";
export { resolveStudy, sweepFiles } from "./resolve-study.ts";
export type { Study, StudyPoint } from "./study.ts";
