export { type BackendOptions, type BackendSettings, Backends } from "./backends.ts";
export type { BackendHost, PodBackends } from "./pod-backends.ts";
export type { PodLiveness, RecordFinder } from "./pod-liveness.ts";
export {
  CONCURRENCY_ANNOTATION,
  QUEUE_LIMIT_ANNOTATION,
  type ServerLimits,
  type ServiceLimits,
} from "./server-limits.ts";
