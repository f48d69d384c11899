/**
 * The package's public face. What a policy file imports:
 *
 *   import { definePlugin } from "stowage";
 *   export default definePlugin({ name: "LeastPods", locality: "node", score: (pod, node) => ... });
 *
 * and a balancer's file likewise: `export default defineBalancer({ name: "first", choose: () => 0 });`
 *
 * And all that the command line does, as functions: `simulate`, `compare`, `sweep`, `createCluster`,
 * `openResults`, `report`, `explain` ... Importing is cheap: each loads what it needs when called.
 */
export * from "./library/index.ts";
export { InputError } from "./sim/kernel/index.ts";
export {
  type BalanceRequest,
  type Balancer,
  type BalancerDefinition,
  defineBalancer,
  type Endpoint,
  type EndpointSet,
  type ServiceView,
} from "./sim/network/index.ts";
export {
  type AffinityTerms,
  type AnyPlugin,
  type AssumedObjects,
  type ByCounts,
  type ClusterChange,
  type ClusterEventName,
  type ClusterInfo,
  type CycleContext,
  definePlugin,
  type FeasibleNodes,
  type Locality,
  type NodeCounts,
  type NodeInfo,
  type NodeKind,
  type NodeSpecInfo,
  type NodeTrial,
  type Normalize,
  type ObjectLister,
  type Plugin,
  type PluginError,
  type PluginRequests,
  type PodField,
  type PodInfo,
  type PodNominator,
  type PodQuery,
  type PostFilterContext,
  type PostFilterResult,
  type PreemptionDetail,
  type PreFilterResult,
  type Profile,
  type ProfilePlugin,
  type QueuedPod,
  type RejectCode,
  type Rejection,
  type RetryLater,
  SKIP,
  UNSCORED,
  type Verdict,
} from "./sim/scheduler/index.ts";
