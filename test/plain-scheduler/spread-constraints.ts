/** Spread constraints of a pod: plugins/podtopologyspread/common.go and plugin.go. */
import type { IncomingPod } from "./incoming-pod.ts";
import { matchesRequiredAffinity } from "./node-affinity.ts";
import type { NodeState } from "./node-state.ts";
import type { core, Labels, Pod, Scenario } from "./scenario.ts";
import {
  equalTo,
  labelValue,
  requirementsOf,
  type Selector,
  selectorOf,
  selects,
  selectsEverything,
} from "./selectors.ts";
import { untoleratedTaint } from "./taints.ts";
import { HOSTNAME, labelsOf, ZONE } from "./topology.ts";

export interface SpreadConstraint {
  readonly maxSkew: number;
  readonly topologyKey: string;
  readonly minDomains: number;
  readonly selector: Selector;
  readonly honorsAffinity: boolean;
  readonly honorsTaints: boolean;
}

type Action = "DoNotSchedule" | "ScheduleAnyway";

/** systemDefaultConstraints, in plugins/podtopologyspread/plugin.go */
const SYSTEM_DEFAULTS: readonly core.TopologySpreadConstraint[] = [
  { maxSkew: 3, topologyKey: HOSTNAME, whenUnsatisfiable: "ScheduleAnyway" },
  { maxSkew: 5, topologyKey: ZONE, whenUnsatisfiable: "ScheduleAnyway" },
];

export const hasOwnConstraints = ({ spec }: Pod): boolean =>
  (spec.topologySpreadConstraints ?? []).length > 0;

/** The pod's own constraints of that kind, or the profile's for the pod's services and owner. */
export function spreadConstraints(
  { pod, scenario, profile }: IncomingPod,
  action: Action,
): readonly SpreadConstraint[] {
  const ofKind = (list: readonly core.TopologySpreadConstraint[]): readonly SpreadConstraint[] =>
    list
      .filter(({ whenUnsatisfiable }) => whenUnsatisfiable === action)
      .map((constraint) => readConstraint(constraint, pod));
  if (hasOwnConstraints(pod)) return ofKind(pod.spec.topologySpreadConstraints ?? []);
  const { defaultingType, defaultConstraints = [] } = profile.arguments("PodTopologySpread");
  const defaults = ofKind(defaultingType === "List" ? defaultConstraints : SYSTEM_DEFAULTS);
  const selector = defaultSelector(pod, scenario);
  if (selectsEverything(selector)) return [];
  return defaults.map((constraint) => ({ ...constraint, selector }));
}

/** filterTopologySpreadConstraints, with matchLabelKeys taken from the pod's own labels. */
function readConstraint(
  constraint: core.TopologySpreadConstraint,
  { metadata }: Pod,
): SpreadConstraint {
  const selector = selectorOf(constraint.labelSelector);
  const own: Record<string, string> = {};
  for (const key of constraint.matchLabelKeys ?? []) {
    const value = labelValue(metadata.labels, key);
    if (value !== undefined) own[key] = value;
  }
  const hasOwn = Object.keys(own).length > 0;
  return {
    maxSkew: constraint.maxSkew,
    topologyKey: constraint.topologyKey,
    minDomains: constraint.minDomains ?? 1,
    // Even a selector that selects nothing gives way: it has no requirements to keep.
    selector: hasOwn ? [...equalTo(own), ...requirementsOf(selector)] : selector,
    honorsAffinity: (constraint.nodeAffinityPolicy ?? "Honor") === "Honor",
    honorsTaints: constraint.nodeTaintsPolicy === "Honor",
  };
}

/** DefaultSelector, in plugins/helper/spread.go: of the services of the pod and of its controller. */
function defaultSelector(pod: Pod, scenario: Scenario): Selector {
  const { namespace, labels, ownerReferences = [] } = pod.metadata;
  const ofServices: Record<string, string> = {};
  for (const { metadata, spec } of scenario.services) {
    if (metadata.namespace !== namespace || spec.selector === undefined) continue;
    if (selects(equalTo(spec.selector), labels)) Object.assign(ofServices, spec.selector);
  }
  const owner = ownerReferences.find(({ controller }) => controller);
  const owned = <T extends { metadata: { name: string; namespace: string } }>(
    list: readonly T[],
  ): T | undefined =>
    list.find(({ metadata }) => metadata.name === owner?.name && metadata.namespace === namespace);
  switch (`${owner?.apiVersion} ${owner?.kind}`) {
    case "v1 ReplicationController": {
      const own: Labels = owned(scenario.replicationControllers)?.spec.selector ?? {};
      return equalTo({ ...ofServices, ...own });
    }
    case "apps/v1 ReplicaSet":
      return withOwner(ofServices, owned(scenario.replicaSets)?.spec.selector);
    case "apps/v1 StatefulSet":
      return withOwner(ofServices, owned(scenario.statefulSets)?.spec.selector);
    default:
      return equalTo(ofServices);
  }
}

const withOwner = (ofServices: Labels, own: Parameters<typeof selectorOf>[0]): Selector => [
  ...equalTo(ofServices),
  ...requirementsOf(selectorOf(own)),
];

/** matchNodeInclusionPolicies: does the node take part? */
export const includes = (constraint: SpreadConstraint, pod: Pod, { node }: NodeState): boolean =>
  (!constraint.honorsAffinity || matchesRequiredAffinity(pod, node)) &&
  (!constraint.honorsTaints || untoleratedTaint(node, pod) === undefined);

/** requiredTopologyKeys: nodes without one of the labels are left out. */
export const hasAllKeys = (constraints: readonly SpreadConstraint[], node: NodeState): boolean =>
  constraints.every(({ topologyKey }) => labelValue(labelsOf(node), topologyKey) !== undefined);

/** countPodsMatchSelector: an empty selector counts nobody, and pods that go away don't count. */
export function countSelected({ pods }: NodeState, selector: Selector, namespace: string): number {
  if (selectsEverything(selector)) return 0;
  return pods.filter(
    ({ metadata }) =>
      metadata.deletionTimestamp === undefined &&
      metadata.namespace === namespace &&
      selects(selector, metadata.labels),
  ).length;
}
