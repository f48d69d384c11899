/** Random selectors, affinity terms and spread constraints. */
import type * as meta from "kubernetes-types/meta/v1.d.ts";
import type { Draws } from "./random-draws.ts";
import type { core } from "./scenario.ts";
import { HOSTNAME, REGION, ZONE } from "./topology.ts";

export const NAMESPACES = ["default", "default", "default", "team-a", "team-b"];
const TOPOLOGY_KEYS = [ZONE, REGION, HOSTNAME, "rack", "disk"];

/** Undefined: no selector at all, which selects nothing. */
export function drawSelector(draws: Draws): meta.LabelSelector | undefined {
  switch (draws.integer(1, 5)) {
    case 1:
      return { matchLabels: { app: draws.pick(["a", "b", "c"]) } };
    case 2:
      return {
        matchLabels: { app: draws.pick(["a", "b"]) },
        matchExpressions: [{ key: "tier", operator: draws.pick(["Exists", "DoesNotExist"]) }],
      };
    case 3:
      return {
        matchExpressions: [
          {
            key: draws.pick(["app", "tier"]),
            operator: draws.pick(["In", "NotIn"]),
            values: [...draws.some(["a", "b", "x", "y"], 0.6), "c"],
          },
        ],
      };
    case 4:
      return {};
    default:
      return undefined;
  }
}

/** A field to spread. */
export function drawLabelSelector(draws: Draws): { labelSelector?: meta.LabelSelector } {
  const labelSelector = drawSelector(draws);
  return labelSelector === undefined ? {} : { labelSelector };
}

function drawNodeRequirement(draws: Draws): core.NodeSelectorRequirement {
  switch (draws.integer(1, 3)) {
    case 1:
      return {
        key: draws.pick([ZONE, "rack", "disk", "foo", HOSTNAME]),
        operator: draws.pick<"In" | "NotIn">(["In", "NotIn"]),
        values: [
          ...draws.some(["z1", "z2", "r1", "r2", "ssd", "hdd", "n0", "n1", "h1"], 0.4),
          "z3",
        ],
      };
    case 2:
      return {
        key: draws.pick(["rack", "disk", "gen"]),
        operator: draws.pick<"Exists" | "DoesNotExist">(["Exists", "DoesNotExist"]),
      };
    default:
      return {
        key: "gen",
        operator: draws.pick<"Gt" | "Lt">(["Gt", "Lt"]),
        values: [draws.pick(["1", "2", "5", "0", "07"])],
      };
  }
}

export function drawNodeTerm(draws: Draws, nodeNames: readonly string[]): core.NodeSelectorTerm {
  const requirements = (): core.NodeSelectorRequirement[] =>
    draws.times(draws.integer(1, 2), () => drawNodeRequirement(draws));
  switch (draws.integer(1, 4)) {
    case 1:
    case 2:
      return { matchExpressions: requirements() };
    case 3:
      return {};
    default:
      return {
        matchFields: draws.times(draws.pick([1, 1, 2]), () => ({
          key: "metadata.name",
          operator: draws.pick<"In" | "NotIn">(["In", "In", "NotIn"]),
          values: [draws.pick(nodeNames)],
        })),
        ...draws.maybe(0.3, () => ({ matchExpressions: requirements() })),
      };
  }
}

const WITHOUT_ENV: meta.LabelSelector = {
  matchExpressions: [{ key: "env", operator: "DoesNotExist" }],
};
const NOT_ENV_P: meta.LabelSelector = {
  matchExpressions: [{ key: "env", operator: "NotIn", values: ["p"] }],
};
const TERM_NAMESPACES: readonly Partial<core.PodAffinityTerm>[] = [
  {},
  {},
  {},
  { namespaces: ["team-a"] },
  { namespaces: ["default", "team-b"] },
  { namespaceSelector: {} },
  { namespaceSelector: { matchLabels: { env: "p" } } },
  { namespaces: ["default"], namespaceSelector: NOT_ENV_P },
  { namespaceSelector: WITHOUT_ENV },
];

const drawPodTerm = (draws: Draws): core.PodAffinityTerm => ({
  topologyKey: draws.pick(TOPOLOGY_KEYS),
  ...drawLabelSelector(draws),
  ...draws.pick(TERM_NAMESPACES),
});

/** For affinity and anti-affinity alike. */
export const drawPodAffinity = (draws: Draws): core.PodAffinity => ({
  ...draws.maybe(0.5, () => ({
    requiredDuringSchedulingIgnoredDuringExecution: draws.times(draws.integer(1, 2), () =>
      drawPodTerm(draws),
    ),
  })),
  ...draws.maybe(0.5, () => ({
    preferredDuringSchedulingIgnoredDuringExecution: draws.times(draws.integer(1, 2), () => ({
      weight: draws.integer(1, 100),
      podAffinityTerm: drawPodTerm(draws),
    })),
  })),
});

export const drawNodeAffinity = (
  draws: Draws,
  nodeNames: readonly string[],
): core.NodeAffinity => ({
  ...draws.maybe(0.6, () => ({
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: draws.times(draws.integer(1, 2), () => drawNodeTerm(draws, nodeNames)),
    },
  })),
  ...draws.maybe(0.6, () => ({
    preferredDuringSchedulingIgnoredDuringExecution: draws.times(draws.integer(1, 3), () => ({
      weight: draws.integer(1, 100),
      preference: drawNodeTerm(draws, nodeNames),
    })),
  })),
});

/** As the API server demands it, no two with the same key and action. */
export function drawSpreadConstraints(draws: Draws): core.TopologySpreadConstraint[] {
  const byKey = new Map<string, core.TopologySpreadConstraint>();
  for (const constraint of draws.times(draws.integer(1, 3), () => drawConstraint(draws))) {
    byKey.set(`${constraint.topologyKey} ${constraint.whenUnsatisfiable}`, constraint);
  }
  return [...byKey.values()];
}

function drawConstraint(draws: Draws): core.TopologySpreadConstraint {
  const whenUnsatisfiable = draws.pick<"DoNotSchedule" | "ScheduleAnyway">([
    "DoNotSchedule",
    "ScheduleAnyway",
  ]);
  const policy = (): "Honor" | "Ignore" => draws.pick(["Honor", "Ignore"]);
  const labelKeys = ["ver", "app", "tier", "nope"];
  return {
    maxSkew: draws.integer(1, 3),
    topologyKey: draws.pick(TOPOLOGY_KEYS),
    whenUnsatisfiable,
    ...drawLabelSelector(draws),
    ...(whenUnsatisfiable === "DoNotSchedule" &&
      draws.maybe(0.4, () => ({ minDomains: draws.integer(1, 4) }))),
    ...draws.maybe(0.4, () => ({ nodeAffinityPolicy: policy() })),
    ...draws.maybe(0.4, () => ({ nodeTaintsPolicy: policy() })),
    ...draws.maybe(0.25, () => ({ matchLabelKeys: draws.some(labelKeys, 0.5) })),
  };
}
