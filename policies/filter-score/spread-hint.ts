/**
 * The queueing hint of PodTopologySpread: which change may help a pod that its hard constraints
 * rejected (isSchedulableAfterPodChange and isSchedulableAfterNodeChange of
 * kubernetes/pkg/scheduler/framework/plugins/podtopologyspread/plugin.go, v1.30).
 */
import { type Node, type Pod, semanticallyEqual } from "../../sim/api/index.ts";
import type { ClusterChange, PodInfo } from "../../sim/scheduler/index.ts";
import type { SpreadConstraint } from "./spread-constraints.ts";

/** `constraints`: the pod's hard ones. */
export function maySpread(
  pod: PodInfo,
  constraints: readonly SpreadConstraint[],
  { kind, oldObject, newObject }: ClusterChange,
): boolean {
  if (kind === "Node") {
    const { labels = {} } = ((newObject ?? oldObject) as Node).metadata;
    return constraints.every(({ topologyKey }) => labels[topologyKey] !== undefined);
  }
  return isCounted(pod, constraints, oldObject as Pod | undefined, newObject as Pod | undefined);
}

/** A pod came, went or changed its labels, such that the domains' counts differ. */
function isCounted(
  { namespace }: PodInfo,
  constraints: readonly SpreadConstraint[],
  old: Pod | undefined,
  pod: Pod | undefined,
): boolean {
  if ((pod ?? old)?.metadata.namespace !== namespace) return false;
  const was = old?.metadata.labels ?? {};
  const is = pod?.metadata.labels ?? {};
  if (old === undefined || pod === undefined) {
    const labels = pod === undefined ? was : is;
    return constraints.some(({ selector }) => selector.matches(labels));
  }
  if (semanticallyEqual(was, is)) return false;
  return constraints.some(({ selector }) => selector.matches(was) !== selector.matches(is));
}
