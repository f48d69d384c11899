export { type AttemptLimits, attemptOf } from "./attempt-of.ts";
export { accountLines } from "./attempt-text.ts";
export { ExplainRecorder } from "./explain-recorder.ts";
export { type ClusterMoment, clusterMoment } from "./moment.ts";
export { momentText, nodeMomentText } from "./moment-text.ts";
export type { Attempt, CycleAccount, PodStory } from "./pod-story.ts";
export { QueueRecorder } from "./queue-recorder.ts";
export { storyText } from "./story-text.ts";
