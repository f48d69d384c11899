export { type HopSettings, Hops } from "./hops.ts";
export { type NetworkNode, NetworkNodes, OUTSIDE } from "./network-nodes.ts";
