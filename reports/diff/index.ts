export { differenceText } from "./difference-text.ts";
export { type Meant, nodeIn, Onlooker } from "./onlooker.ts";
export { partingReasons } from "./parting-reasons.ts";
export { type RunDifference, settingDifferences } from "./run-difference.ts";
