export { random } from "./random.ts";
export { balancerByName, balancerNames } from "./registry.ts";
export { roundRobin } from "./round-robin.ts";
