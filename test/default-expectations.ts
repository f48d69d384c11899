/** What the tests of profiles expect of kube-scheduler v1.30's default profile. */
import { UNSUPPORTED_PLUGINS } from "../policies/index.ts";
import type { Profile } from "../sim/scheduler/index.ts";

const isSupported = (name: string): boolean => !UNSUPPORTED_PLUGINS.includes(name);

/** The filters, in their order. */
export const DEFAULT_FILTERS: readonly string[] = [
  "NodeUnschedulable",
  "NodeName",
  "TaintToleration",
  "NodeAffinity",
  "NodePorts",
  "NodeResourcesFit",
  "VolumeRestrictions",
  "EBSLimits",
  "GCEPDLimits",
  "NodeVolumeLimits",
  "AzureDiskLimits",
  "VolumeBinding",
  "VolumeZone",
  "PodTopologySpread",
  "InterPodAffinity",
].filter(isSupported);

/** The weights of the scores. */
export const DEFAULT_SCORES: Readonly<Record<string, number>> = Object.fromEntries(
  Object.entries({
    TaintToleration: 3,
    NodeAffinity: 2,
    NodeResourcesFit: 1,
    PodTopologySpread: 2,
    InterPodAffinity: 2,
    NodeResourcesBalancedAllocation: 1,
    ImageLocality: 1,
  }).filter(([name]) => isSupported(name)),
);

/** Names of the plugins that score, with their weights. */
export function scorers({ plugins }: Profile): Record<string, number> {
  const scoring = plugins.filter(({ plugin, weight }) => plugin.score !== undefined && weight > 0);
  return Object.fromEntries(scoring.map(({ plugin, weight }) => [plugin.name, weight]));
}

/** Names of the plugins that filter, in their order. */
export function filters({ plugins }: Profile): readonly string[] {
  return plugins.filter(({ plugin }) => plugin.filter !== undefined).map((p) => p.plugin.name);
}
