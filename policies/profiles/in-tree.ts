/**
 * The plugins that a profile can name, and what kube-scheduler switches on by default.
 *
 * Source of order and weights: kubernetes/pkg/scheduler/apis/config/v1/default_plugins.go, v1.30.
 */
import { InputError, nearestName } from "../../sim/kernel/index.ts";
import { type AnyPlugin, markBuiltIn } from "../../sim/scheduler/index.ts";
import { defaultBinder } from "../bind/default-binder.ts";
import { azureDiskLimits, ebsLimits, gcePdLimits } from "../filter/in-tree-volume-limits.ts";
import { nodeName } from "../filter/node-name.ts";
import { nodePorts } from "../filter/node-ports.ts";
import { nodeUnschedulable } from "../filter/node-unschedulable.ts";
import { nodeVolumeLimits } from "../filter/node-volume-limits.ts";
import { volumeRestrictions } from "../filter/volume-restrictions.ts";
import { volumeZone } from "../filter/volume-zone.ts";
import { interPodAffinity } from "../filter-score/inter-pod-affinity.ts";
import { nodeAffinity } from "../filter-score/node-affinity.ts";
import { nodeResourcesFit } from "../filter-score/node-resources-fit.ts";
import { podTopologySpread } from "../filter-score/pod-topology-spread.ts";
import { taintToleration } from "../filter-score/taint-toleration.ts";
import { volumeBinding } from "../filter-score/volume-binding.ts";
import { checkArgs, type TypedArgs } from "../plugin-args.ts";
import { checkPluginArgs } from "../plugin-args-validation.ts";
import { defaultPreemption } from "../post-filter/default-preemption.ts";
import { schedulingGates } from "../pre-enqueue/scheduling-gates.ts";
import { prioritySort } from "../queue-sort/priority-sort.ts";
import { firstFit } from "../research/first-fit.ts";
import { gpuBestFit } from "../research/gpu-best-fit.ts";
import { random } from "../research/random.ts";
import { imageLocality } from "../score/image-locality.ts";
import { nodeResourcesBalancedAllocation } from "../score/node-resources-balanced-allocation.ts";

/** Makes a plugin from its KubeSchedulerConfiguration arguments. Throws InputError. */
export type PluginFactory = (args: TypedArgs) => AnyPlugin;

const factories: ReadonlyMap<string, PluginFactory> = new Map([
  withoutArgs("SchedulingGates", schedulingGates),
  withoutArgs("PrioritySort", prioritySort),
  withoutArgs("NodeUnschedulable", nodeUnschedulable),
  withoutArgs("NodeName", nodeName),
  withoutArgs("TaintToleration", taintToleration),
  ["NodeAffinity", (args: TypedArgs) => nodeAffinity(args)],
  withoutArgs("NodePorts", nodePorts),
  ["NodeResourcesFit", (args: TypedArgs) => nodeResourcesFit(args)],
  ["PodTopologySpread", (args: TypedArgs) => podTopologySpread(args)],
  ["InterPodAffinity", (args: TypedArgs) => interPodAffinity(args)],
  ["DefaultPreemption", (args: TypedArgs) => defaultPreemption(args)],
  ["NodeResourcesBalancedAllocation", (args: TypedArgs) => nodeResourcesBalancedAllocation(args)],
  withoutArgs("ImageLocality", imageLocality),
  withoutArgs("VolumeRestrictions", volumeRestrictions),
  withoutArgs("EBSLimits", ebsLimits),
  withoutArgs("GCEPDLimits", gcePdLimits),
  withoutArgs("NodeVolumeLimits", nodeVolumeLimits),
  withoutArgs("AzureDiskLimits", azureDiskLimits),
  ["VolumeBinding", (args: TypedArgs) => volumeBinding(args)],
  withoutArgs("VolumeZone", volumeZone),
  withoutArgs("DefaultBinder", defaultBinder),
  withoutArgs("Random", random),
  withoutArgs("FirstFit", firstFit),
  ["GpuBestFit", (args: TypedArgs) => gpuBestFit(args)],
]);

/** A plugin by name with its weight: an entry of `plugins` in a profile. */
export interface NamedPlugin {
  readonly name: string;
  readonly weight: number;
}

/** What kube-scheduler enables by default, in its order. Weight 0: does not score. */
export const DEFAULT_PLUGINS: readonly NamedPlugin[] = [
  { name: "SchedulingGates", weight: 0 },
  { name: "PrioritySort", weight: 0 },
  { name: "NodeUnschedulable", weight: 0 },
  { name: "NodeName", weight: 0 },
  { name: "TaintToleration", weight: 3 },
  { name: "NodeAffinity", weight: 2 },
  { name: "NodePorts", weight: 0 },
  { name: "NodeResourcesFit", weight: 1 },
  { name: "VolumeRestrictions", weight: 0 },
  { name: "EBSLimits", weight: 0 },
  { name: "GCEPDLimits", weight: 0 },
  { name: "NodeVolumeLimits", weight: 0 },
  { name: "AzureDiskLimits", weight: 0 },
  { name: "VolumeBinding", weight: 0 },
  { name: "VolumeZone", weight: 0 },
  { name: "PodTopologySpread", weight: 2 },
  { name: "InterPodAffinity", weight: 2 },
  { name: "DefaultPreemption", weight: 0 },
  { name: "NodeResourcesBalancedAllocation", weight: 1 },
  { name: "ImageLocality", weight: 1 },
  { name: "DefaultBinder", weight: 0 },
];

/** Default plugins of kube-scheduler that Stowage does not have; a profile leaves them out. */
export const UNSUPPORTED_PLUGINS: readonly string[] = DEFAULT_PLUGINS.map(
  (plugin) => plugin.name,
).filter((name) => !factories.has(name));

/** Makes the plugin called `name`. Throws InputError when there is none or the args are wrong. */
export function makePlugin(name: string, args: TypedArgs = {}): AnyPlugin {
  const factory = factories.get(name);
  if (factory !== undefined) return markBuiltIn(factory(checkPluginArgs(name, args)));
  const known = [...factories.keys()];
  const near = nearestName(name, known);
  const hint = near === undefined ? "" : ` Did you mean ${near}?`;
  throw new InputError(`There is no plugin "${name}".${hint} Known: ${known.join(", ")}.`);
}

/** Names of all plugins that makePlugin makes. */
export function pluginNames(): readonly string[] {
  return [...factories.keys()];
}

function withoutArgs(name: string, make: () => AnyPlugin): [string, PluginFactory] {
  return [
    name,
    (args) => {
      checkArgs(name, args, []);
      return make();
    },
  ];
}
