/** PreFilter and Filter: pkg/scheduler/schedule_one.go and framework/runtime/framework.go. */
import type { IncomingPod } from "./incoming-pod.ts";
import { nodesNamedByAffinity } from "./node-affinity.ts";
import {
  nodeAffinity,
  nodeName,
  nodePorts,
  nodeResourcesFit,
  nodeUnschedulable,
  taintToleration,
} from "./node-filters.ts";
import type { NodeState } from "./node-state.ts";
import { PodAffinityCounts } from "./pod-affinity.ts";
import { keyOf, type Pod, priorityOf } from "./scenario.ts";
import { type Status, unresolvable } from "./step.ts";
import { SpreadCounts } from "./topology-spread.ts";
import { filterVolumes, intersection, type PodClaims, podClaimsOf } from "./volume-binding.ts";
import { AZURE, EBS, filterCsiVolumes, filterDisks, GCE } from "./volume-limits.ts";
import { ExclusiveClaims } from "./volume-restrictions.ts";
import { filterZones, type ZoneRule, zoneRulesOf } from "./volume-zone.ts";

/** The parts of the cycle state that change with pods (PreFilterExtensions). */
export interface PodCounts {
  readonly exclusive: ExclusiveClaims | undefined;
  readonly spread: SpreadCounts | undefined;
  readonly affinity: PodAffinityCounts | undefined;
}

/** The incoming pod after PreFilter. */
export interface Attempt extends IncomingPod {
  readonly counts: PodCounts;
  readonly claims: PodClaims | undefined;
  readonly zoneRules: readonly ZoneRule[];
  /** The only nodes to look at; undefined: all. */
  readonly nodeNames: ReadonlySet<string> | undefined;
}

const isStatus = (value: object | undefined): value is Status =>
  value !== undefined && "code" in value;

/** RunPreFilterPlugins: a status rejects the pod on every node. */
export function preFilter(incoming: IncomingPod): Attempt | Status {
  const { pod, scenario, profile } = incoming;
  const isOn = (plugin: string): boolean => profile.weight(plugin, "preFilter") > 0;
  const named = isOn("NodeAffinity") ? nodesNamedByAffinity(pod) : undefined;
  if (named?.size === 0) return unresolvable("NodeAffinity", "pod affinity terms conflict");
  const exclusive = isOn("VolumeRestrictions") ? ExclusiveClaims.of(incoming) : undefined;
  if (isStatus(exclusive)) return exclusive;
  const claims = isOn("VolumeBinding") ? podClaimsOf(pod, scenario) : undefined;
  if (isStatus(claims)) return claims;
  const nodeNames = bothOf(named, claims?.nodeNames);
  if (nodeNames?.size === 0) return nobodyLeft(named !== undefined);
  const zoneRules = isOn("VolumeZone") ? zoneRulesOf(pod, scenario) : [];
  if (isStatus(zoneRules)) return zoneRules;
  const spread = isOn("PodTopologySpread") ? SpreadCounts.of(incoming) : undefined;
  const affinity = isOn("InterPodAffinity") ? PodAffinityCounts.of(incoming) : undefined;
  return { ...incoming, counts: { exclusive, spread, affinity }, claims, zoneRules, nodeNames };
}

/** PreFilterResult.Merge */
function bothOf(
  one: ReadonlySet<string> | undefined,
  other: ReadonlySet<string> | undefined,
): ReadonlySet<string> | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return intersection(one, other);
}

const nobodyLeft = (isNamedByAffinity: boolean): Status => ({
  code: "UnschedulableAndUnresolvable",
  reasons: [
    isNamedByAffinity
      ? "node(s) didn't satisfy plugin(s) [NodeAffinity VolumeBinding] simultaneously"
      : "node(s) didn't satisfy plugin VolumeBinding",
  ],
});

type Filter = (attempt: Attempt, node: NodeState, counts: PodCounts) => Status | undefined;

/** In the order of apis/config/v1/default_plugins.go: the first that says no is heard. */
const FILTERS: readonly (readonly [plugin: string, filter: Filter])[] = [
  ["NodeUnschedulable", nodeUnschedulable],
  ["NodeName", nodeName],
  ["TaintToleration", taintToleration],
  ["NodeAffinity", nodeAffinity],
  ["NodePorts", nodePorts],
  ["NodeResourcesFit", nodeResourcesFit],
  ["VolumeRestrictions", (_, node, { exclusive }) => exclusive?.filter(node)],
  ["EBSLimits", ({ pod, scenario }, node) => filterDisks(EBS, pod, node, scenario)],
  ["GCEPDLimits", ({ pod, scenario }, node) => filterDisks(GCE, pod, node, scenario)],
  ["NodeVolumeLimits", ({ pod, scenario }, node) => filterCsiVolumes(pod, node, scenario)],
  ["AzureDiskLimits", ({ pod, scenario }, node) => filterDisks(AZURE, pod, node, scenario)],
  [
    "VolumeBinding",
    ({ claims, scenario }, node) => claims && filterVolumes(claims, node, scenario),
  ],
  ["VolumeZone", ({ zoneRules }, node) => filterZones(zoneRules, node)],
  ["PodTopologySpread", (_, node, { spread }) => spread?.filter(node)],
  ["InterPodAffinity", (_, node, { affinity }) => affinity?.filter(node)],
];

function runFilters(attempt: Attempt, node: NodeState, counts: PodCounts): Status | undefined {
  for (const [plugin, filter] of FILTERS) {
    if (attempt.profile.weight(plugin, "filter") === 0) continue;
    const status = filter(attempt, node, counts);
    if (status !== undefined) return status;
  }
  return undefined;
}

/**
 * RunFilterPluginsWithNominatedPods: with the pods that are nominated to the node and go before the
 * incoming one, and if that passes without them. Undefined: the pod fits.
 */
export function filterNode(
  attempt: Attempt,
  node: NodeState,
  counts: PodCounts = attempt.counts,
): Status | undefined {
  const nominated = attempt.cluster.nominatedPods.filter(
    (pod) =>
      pod.status.nominatedNodeName === node.name &&
      priorityOf(pod) >= priorityOf(attempt.pod) &&
      keyOf(pod) !== keyOf(attempt.pod),
  );
  if (nominated.length > 0) {
    const trial = startTrial(node, counts);
    for (const pod of nominated) addPod(pod, trial);
    const status = runFilters(attempt, trial.node, trial.counts);
    if (status !== undefined) return status;
  }
  return runFilters(attempt, node, counts);
}

/** A node, and what was counted for the incoming pod, to try changes on. */
export interface Trial {
  readonly node: NodeState;
  readonly counts: PodCounts;
}

export const startTrial = (node: NodeState, counts: PodCounts): Trial => ({
  node: node.clone(),
  counts: {
    exclusive: counts.exclusive?.clone(),
    spread: counts.spread?.clone(),
    affinity: counts.affinity?.clone(),
  },
});

export function addPod(pod: Pod, { node, counts }: Trial): void {
  node.addPod(pod);
  update(counts, pod, node, 1);
}

export function removePod(pod: Pod, { node, counts }: Trial): void {
  node.removePod(pod);
  update(counts, pod, node, -1);
}

function update(counts: PodCounts, pod: Pod, node: NodeState, sign: 1 | -1): void {
  counts.exclusive?.update(pod, sign);
  counts.spread?.update(pod, node, sign);
  counts.affinity?.update(pod, node, sign);
}
