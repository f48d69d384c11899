export type { InterPodAffinityArgs } from "./filter-score/inter-pod-affinity.ts";
export type { NodeAffinityArgs } from "./filter-score/node-affinity.ts";
export type { NodeResourcesFitArgs } from "./filter-score/node-resources-fit.ts";
export type { PodTopologySpreadArgs } from "./filter-score/pod-topology-spread-args.ts";
export type { VolumeBindingArgs } from "./filter-score/volume-binding.ts";
export type { ReservedVolumes } from "./filter-score/volume-binding-reserved.ts";
export type { ResourceSpec } from "./plugin-args.ts";
export { defaultPreemption } from "./post-filter/default-preemption.ts";
export type { DefaultPreemptionArgs } from "./post-filter/default-preemption-args.ts";
export { defaultProfile } from "./profiles/default-profile.ts";
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
export type { GpuBestFitArgs } from "./research/gpu-best-fit.ts";
export type { NodeResourcesBalancedAllocationArgs } from "./score/node-resources-balanced-allocation.ts";
export type { ScoringStrategy } from "./score/scoring-strategy.ts";
