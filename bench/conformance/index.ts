export {
  type ConformanceRequest,
  type ConformanceResult,
  runConformance,
} from "./run-conformance.ts";
