export { buildTimeline } from "./build-timeline.ts";
export type { ObjectName } from "./object-log.ts";
export { TIMELINE_KINDS } from "./readiness.ts";
export type { Hop, HopStep, Timeline, Verification } from "./timeline.ts";
export { timelineJson } from "./timeline-json.ts";
export { TimelineRecorder } from "./timeline-recorder.ts";
export { timelineText } from "./timeline-text.ts";
