export type { CycleFact, ResourceRoom } from "./cycle-watch.ts";
export * from "./framework/index.ts";
export {
  addNominatedPod,
  createNominatedPods,
  deleteNominatedPod,
  NominatedPodsView,
} from "./queue/pod-nominator.ts";
export { Scheduler, type SchedulerSettings } from "./scheduler.ts";
