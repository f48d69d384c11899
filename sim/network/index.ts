export { CONCURRENCY_ANNOTATION, QUEUE_LIMIT_ANNOTATION } from "./backend/index.ts";
export type { IngressRequest } from "./ingress/index.ts";
export { createNetwork, type Network, type NetworkSettings } from "./network.ts";
export {
  type BalanceRequest,
  type Balancer,
  type BalancerDefinition,
  balancerNameOf,
  defineBalancer,
  type Endpoint,
  type EndpointSet,
  type ServiceView,
  WEIGHT_ANNOTATION,
} from "./proxy/index.ts";
export {
  type ClientSettings,
  checkModels,
  defaultClient,
  type ServiceCallSettings,
  type ServiceModelSettings,
  splitTarget,
  TARGET_WANTED,
} from "./services/index.ts";
export {
  isEndless,
  ProcessForm,
  parseArrivalProcess,
  type TrafficSettings,
} from "./traffic/index.ts";
