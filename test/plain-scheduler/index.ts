export { type Expected, runPlainScheduler } from "./plain-scheduler.ts";
export { type RandomScenarioRequest, randomScenario } from "./random-scenario.ts";
