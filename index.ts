/**
 * The package's public face: what a policy file imports from "stowage".
 *
 *   import { definePlugin } from "stowage";
 *   export default definePlugin({ name: "LeastPods", locality: "node", score: (pod, node) => ... });
 */
export { InputError } from "./sim/kernel/index.ts";
export {
  type AnyPlugin,
  type ClusterEventName,
  type ClusterInfo,
  type CycleContext,
  definePlugin,
  type Locality,
  type NodeInfo,
  type NodeSpecInfo,
  type Normalize,
  type Plugin,
  type PodField,
  type PodInfo,
  type PreFilterResult,
  type Profile,
  type ProfilePlugin,
  type QueuedPod,
  type RejectCode,
  type Rejection,
  SKIP,
  type Verdict,
} from "./sim/scheduler/index.ts";
