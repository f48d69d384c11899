/**
 * Topology spread constraints of a pod, parsed.
 *
 * Source: filterTopologySpreadConstraints, mergeLabelSetWithSelector and countPodsMatchSelector of
 * kubernetes/pkg/scheduler/framework/plugins/podtopologyspread/common.go, v1.30.
 */
import {
  compileLabelSelector,
  type core,
  type Labels,
  Selector,
  selectorFromSet,
} from "../../sim/api/index.ts";
import { narrowingOf, type PodInfo, type PodQuery } from "../../sim/scheduler/index.ts";
import type { InclusionPolicies } from "./node-inclusion.ts";
import { selectorKey } from "./selector-key.ts";
import { HOSTNAME_KEY } from "./topology-domains.ts";

export interface SpreadConstraint extends InclusionPolicies {
  readonly topologyKey: string;
  readonly isHostname: boolean;
  readonly maxSkew: number;
  readonly minDomains: number;
  readonly selector: Selector;
  /** The pod itself is one of those that are to be spread. */
  readonly matchesSelf: boolean;
  /** The pods that are counted. */
  readonly query: PodQuery;
}

export type UnsatisfiableAction = "DoNotSchedule" | "ScheduleAnyway";

/**
 * The constraints of one action. `selector` stands in for those of the constraints: default
 * constraints have none of their own.
 */
export function parseConstraints(
  constraints: readonly core.TopologySpreadConstraint[],
  action: UnsatisfiableAction,
  { namespace, labels }: PodInfo,
  selector?: Selector,
): readonly SpreadConstraint[] {
  const ofAll = selector === undefined ? undefined : spreadQuery(namespace, selector);
  return constraints
    .filter(({ whenUnsatisfiable }) => whenUnsatisfiable === action)
    .map((constraint) => {
      const effective = selector ?? selectorOf(constraint, labels);
      return {
        topologyKey: constraint.topologyKey,
        isHostname: constraint.topologyKey === HOSTNAME_KEY,
        maxSkew: constraint.maxSkew,
        minDomains: constraint.minDomains ?? 1,
        honorsAffinity: (constraint.nodeAffinityPolicy ?? "Honor") === "Honor",
        honorsTaints: constraint.nodeTaintsPolicy === "Honor",
        selector: effective,
        matchesSelf: effective.matches(labels),
        query: ofAll ?? spreadQuery(namespace, effective),
      };
    });
}

/** The constraint's selector and the pod's values of its matchLabelKeys (KEP 3243). */
function selectorOf(
  { labelSelector, matchLabelKeys }: core.TopologySpreadConstraint,
  labels: Labels,
): Selector {
  const selector = compileLabelSelector(labelSelector);
  const merged: Record<string, string> = {};
  for (const key of matchLabelKeys ?? []) {
    const value = labels?.[key];
    if (typeof value === "string") merged[key] = value;
  }
  const ofKeys = selectorFromSet(merged);
  if (ofKeys.isEmpty()) return selector;
  return new Selector([...ofKeys.requirements, ...selector.requirements]);
}

/** Counts no pod: what an absent selector and, in countPodsMatchSelector, an empty one give. */
const COUNT_NONE: PodQuery = { key: "spread none", matches: () => false };

/** Pods of the namespace that match; those being deleted do not count. */
function spreadQuery(podNamespace: string, selector: Selector): PodQuery {
  if (selector.requirements.length === 0) return COUNT_NONE;
  return {
    key: `spread ${JSON.stringify(podNamespace)} ${selectorKey(selector)}`,
    narrowedBy: narrowingOf(selector, podNamespace),
    matches: (namespace, labels, isTerminating) =>
      !isTerminating && namespace === podNamespace && selector.matches(labels),
  };
}
