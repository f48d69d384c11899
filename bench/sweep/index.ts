export { kubernetesJob, slurmScript } from "./emit.ts";
export { queueExecutor } from "./queue/queue-executor.ts";
export { workQueue } from "./queue/queue-worker.ts";
export { runStudy, type StudyResult } from "./run-study.ts";
export type { Executor } from "./run-task.ts";
export { finishedRuns, type Shard, type SweepProgress, uniqueRuns } from "./sweep.ts";
export { untilSettled } from "./until-settled.ts";
export { threadExecutor, workerTask } from "./worker-threads.ts";
