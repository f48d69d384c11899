export { diffRuns } from "./diff-runs.ts";
