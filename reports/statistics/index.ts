export { Bootstrap } from "./bootstrap.ts";
export { holm } from "./holm.ts";
export { mser5 } from "./mser5.ts";
export { type Pair, type PairedDifference, pairedDifference } from "./paired-difference.ts";
export { SEEDS_MAX } from "./seeds-needed.ts";
export { type Interval, type Spread, spreadOf } from "./spread.ts";
export {
  isSettled,
  parseStoppingRule,
  SEEDS_LEAST,
  type StoppingRule,
  seedsFor,
  type Wanted,
} from "./stopping-rule.ts";
