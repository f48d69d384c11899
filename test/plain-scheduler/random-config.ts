/** A random KubeSchedulerConfiguration. */
import type { Draws } from "./random-draws.ts";
import { HOSTNAME, ZONE } from "./topology.ts";

/** Of one profile, or of two: the second is called "alt". */
export const drawConfig = (draws: Draws, profileCount: 1 | 2): object => ({
  apiVersion: "kubescheduler.config.k8s.io/v1",
  kind: "KubeSchedulerConfiguration",
  profiles: ["default-scheduler", "alt"].slice(0, profileCount).map((schedulerName) => ({
    schedulerName,
    pluginConfig: drawPluginConfig(draws),
    ...draws.maybe(0.2, () => ({ plugins: drawPlugins(draws) })),
  })),
});

const drawPluginConfig = (draws: Draws): unknown =>
  draws
    .some(
      [
        { name: "NodeResourcesFit", args: drawFit(draws) },
        {
          name: "NodeResourcesBalancedAllocation",
          args: {
            resources: [
              { name: "cpu", weight: 1 },
              { name: "memory", weight: 1 },
              { name: "example.com/gpu", weight: 1 },
              ...(draws.chance(0.5) ? [{ name: "ephemeral-storage", weight: 1 }] : []),
            ],
          },
        },
        {
          name: "InterPodAffinity",
          args: {
            hardPodAffinityWeight: draws.pick([0, 1, 5, 100]),
            ignorePreferredTermsOfExistingPods: draws.chance(0.5),
          },
        },
        { name: "NodeAffinity", args: { addedAffinity: drawAddedAffinity(draws) } },
        { name: "PodTopologySpread", args: drawDefaultSpread(draws) },
      ],
      0.4,
    )
    .map(({ name, args }) => ({
      name,
      args: { apiVersion: "kubescheduler.config.k8s.io/v1", kind: `${name}Args`, ...args },
    }));

const drawFit = (draws: Draws): object => ({
  ...draws.maybe(0.4, () => ({ ignoredResources: ["example.com/gpu"] })),
  ...draws.maybe(0.3, () => ({ ignoredResourceGroups: ["foo.io"] })),
  scoringStrategy: draws.pick([
    {
      type: "MostAllocated",
      resources: [
        { name: "cpu", weight: draws.integer(1, 5) },
        { name: "memory", weight: 1 },
        { name: "example.com/gpu", weight: 3 },
      ],
    },
    {
      type: "LeastAllocated",
      resources: [
        { name: "example.com/gpu", weight: 3 },
        { name: "cpu", weight: 1 },
        { name: "ephemeral-storage", weight: 2 },
      ],
    },
    {
      type: "RequestedToCapacityRatio",
      resources: [
        { name: "cpu", weight: 2 },
        { name: "memory", weight: 1 },
      ],
      requestedToCapacityRatio: { shape: draws.pick(SHAPES) },
    },
  ]),
});

const SHAPES = [
  [
    { utilization: 0, score: 0 },
    { utilization: 100, score: 10 },
  ],
  [
    { utilization: 0, score: 10 },
    { utilization: 30, score: 3 },
    { utilization: 77, score: 8 },
    { utilization: 100, score: 0 },
  ],
  [{ utilization: 20, score: 5 }],
];

const drawAddedAffinity = (draws: Draws): object => ({
  ...draws.maybe(0.5, () => ({
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [
        { matchExpressions: [{ key: "disk", operator: "In", values: ["ssd", "hdd"] }] },
      ],
    },
  })),
  ...draws.maybe(0.5, () => ({
    preferredDuringSchedulingIgnoredDuringExecution: [
      {
        weight: draws.integer(1, 50),
        preference: { matchExpressions: [{ key: "rack", operator: "Exists" }] },
      },
    ],
  })),
});

function drawDefaultSpread(draws: Draws): object {
  const action = (): string => draws.pick(["DoNotSchedule", "ScheduleAnyway"]);
  const constraints = [
    { maxSkew: 1, topologyKey: ZONE, whenUnsatisfiable: action() },
    { maxSkew: 2, topologyKey: HOSTNAME, whenUnsatisfiable: action() },
  ];
  return { defaultingType: "List", defaultConstraints: draws.some(constraints, 0.7) };
}

/** Other weights, or a plugin less. */
const drawPlugins = (draws: Draws): object =>
  draws.pick<object>([
    { multiPoint: { disabled: [{ name: draws.pick(["ImageLocality", "InterPodAffinity"]) }] } },
    { filter: { disabled: [{ name: draws.pick(["TaintToleration", "NodePorts"]) }] } },
    { multiPoint: { enabled: [{ name: "NodeResourcesFit", weight: draws.integer(2, 9) }] } },
    {
      score: {
        disabled: [{ name: "PodTopologySpread" }],
        enabled: [{ name: "PodTopologySpread", weight: draws.integer(3, 9) }],
      },
    },
  ]);
