export { balancerFromExport } from "./balancer-from-export.ts";
export { random } from "./random.ts";
export { balancerByName, balancerFault, balancerNames, describeBalancers } from "./registry.ts";
export { roundRobin } from "./round-robin.ts";
