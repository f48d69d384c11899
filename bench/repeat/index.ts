export type { RunChoice } from "./choose-run.ts";
export type { RecordedConfiguration } from "./recorded-run.ts";
export {
  type RepeatedRun,
  type RepeatHooks,
  type RepeatObserver,
  type RepeatQuery,
  repeatRun,
} from "./repeat-run.ts";
