export * from "./framework/index.ts";
export { Scheduler, type SchedulerSettings } from "./scheduler.ts";
