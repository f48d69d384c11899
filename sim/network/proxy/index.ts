export {
  type BalanceRequest,
  type Balancer,
  type BalancerDefinition,
  defineBalancer,
} from "./balancer.ts";
export type { Endpoint, EndpointSet, ServiceView } from "./endpoint.ts";
export type { NodeReach } from "./entry-nodes.ts";
export { followName, type NameLead, OutsideHost, serviceNamed } from "./external-name.ts";
export { KubeProxies, type KubeProxiesSettings } from "./kube-proxies.ts";
export { balancerNameOf } from "./proxy-mode.ts";
export type { BalanceSite, ServiceRouting, Target } from "./service-routing.ts";
export { type RecordFinder, WEIGHT_ANNOTATION } from "./slice-endpoints.ts";
