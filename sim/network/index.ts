export {
  type BalanceRequest,
  type Balancer,
  type BalancerDefinition,
  defineBalancer,
  type Endpoint,
  type ServiceView,
} from "./balancer.ts";
export { createNetwork, type Network, type NetworkSettings } from "./network.ts";
export type { PodLiveness, RecordFinder } from "./pod-liveness.ts";
export type { TrafficSettings } from "./traffic-settings.ts";
