export {
  type TimelineAnswer,
  type TimelineHooks,
  type TimelineQuery,
  timelineOf,
} from "./repeat-run.ts";
