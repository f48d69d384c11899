export { defaultBinder } from "./bind/default-binder.ts";
export { azureDiskLimits, ebsLimits, gcePdLimits } from "./filter/in-tree-volume-limits.ts";
export { nodeName } from "./filter/node-name.ts";
export { nodePorts } from "./filter/node-ports.ts";
export { nodeUnschedulable } from "./filter/node-unschedulable.ts";
export { nodeVolumeLimits } from "./filter/node-volume-limits.ts";
export { volumeRestrictions } from "./filter/volume-restrictions.ts";
export { volumeZone } from "./filter/volume-zone.ts";
export { type InterPodAffinityArgs, interPodAffinity } from "./filter-score/inter-pod-affinity.ts";
export { type NodeAffinityArgs, nodeAffinity } from "./filter-score/node-affinity.ts";
export { type NodeResourcesFitArgs, nodeResourcesFit } from "./filter-score/node-resources-fit.ts";
export { podTopologySpread } from "./filter-score/pod-topology-spread.ts";
export type { PodTopologySpreadArgs } from "./filter-score/pod-topology-spread-args.ts";
export { taintToleration } from "./filter-score/taint-toleration.ts";
export { type VolumeBindingArgs, volumeBinding } from "./filter-score/volume-binding.ts";
export { type ReservedVolumes, reservedVolumes } from "./filter-score/volume-binding-reserved.ts";
export type { ResourceSpec } from "./plugin-args.ts";
export { defaultPreemption } from "./post-filter/default-preemption.ts";
export type { DefaultPreemptionArgs } from "./post-filter/default-preemption-args.ts";
export { schedulingGates } from "./pre-enqueue/scheduling-gates.ts";
export { defaultProfile, profileWithScores } from "./profiles/default-profile.ts";
export { makePlugin, pluginNames, UNSUPPORTED_PLUGINS } from "./profiles/in-tree.ts";
export {
  type ConfiguredScheduler,
  type ConfiguredSettings,
  configureScheduler,
  type KubeSchedulerConfiguration,
  profilesFromConfiguration,
} from "./profiles/kube-scheduler-configuration.ts";
export {
  type PluginChoice,
  type ProfileForm,
  profileFromPlugin,
} from "./profiles/profile-from-plugin.ts";
export type { ProfileOptions } from "./profiles/profile-options.ts";
export {
  describeProfiles,
  type ProfileFactory,
  profileByName,
  profileNames,
} from "./profiles/registry.ts";
export { prioritySort } from "./queue-sort/priority-sort.ts";
export { firstFit } from "./research/first-fit.ts";
export { type GpuBestFitArgs, gpuBestFit } from "./research/gpu-best-fit.ts";
export { random } from "./research/random.ts";
export { imageLocality } from "./score/image-locality.ts";
export {
  type NodeResourcesBalancedAllocationArgs,
  nodeResourcesBalancedAllocation,
} from "./score/node-resources-balanced-allocation.ts";
export type { ScoringStrategy } from "./score/scoring-strategy.ts";
