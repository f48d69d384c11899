export { timelineOf } from "./timeline-of.ts";
