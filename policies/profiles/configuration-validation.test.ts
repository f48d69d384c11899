import { describe, expect, test } from "vitest";
import { configureScheduler } from "./kube-scheduler-configuration.ts";

/** The faults of a configuration, one per line; "" when it is sound. */
function faults(configuration: unknown): string {
  try {
    configureScheduler(configuration, () => "");
    return "";
  } catch (error) {
    return (error as Error).message;
  }
}

const names = (...list: string[]) => list.map((name) => ({ name }));
const profile = (fields: object) => ({ profiles: [fields] });
const plugins = (sets: object) => profile({ plugins: sets });
const args = (name: string, given: object) => profile({ pluginConfig: [{ name, args: given }] });
const CREATING = "initializing profiles: creating profile for scheduler name default-scheduler:";

describe("decoding", () => {
  test.each<[string, unknown, string]>([
    [
      "another kind",
      { kind: "Pod" },
      'kind: no kind "Pod" is registered for version "kubescheduler.config.k8s.io/v1": want KubeSchedulerConfiguration of kubescheduler.config.k8s.io/v1',
    ],
    [
      "another version",
      { apiVersion: "kubescheduler.config.k8s.io/v1beta3", kind: "KubeSchedulerConfiguration" },
      'apiVersion: no kind "KubeSchedulerConfiguration" is registered for version "kubescheduler.config.k8s.io/v1beta3": want KubeSchedulerConfiguration of kubescheduler.config.k8s.io/v1',
    ],
    [
      "unknown fields, all of them",
      { profile: [], profiles: [{ plugins: { scores: {} } }] },
      'strict decoding error: unknown field "profile"; did you mean "profiles"?\n' +
        'strict decoding error: unknown field "profiles[0].plugins.scores"; did you mean "score"?',
    ],
    ["a list", [], "Invalid value: []string{}: must be of type object"],
    [
      "a text for a number",
      { parallelism: "16" },
      'parallelism: Invalid value: "16": must be of type integer',
    ],
    [
      "an unknown field of arguments",
      args("InterPodAffinity", { hardPodAffinitiWeight: 1 }),
      'strict decoding error: unknown field "profiles[0].pluginConfig[0].args.hardPodAffinitiWeight"; did you mean "hardPodAffinityWeight"?',
    ],
    [
      "arguments of another plugin",
      args("InterPodAffinity", { kind: "NodeAffinityArgs" }),
      "profiles[0].pluginConfig[0].args: args for plugin InterPodAffinity were not of type InterPodAffinityArgs.kubescheduler.config.k8s.io, got NodeAffinityArgs of kubescheduler.config.k8s.io/v1",
    ],
  ])("refuses %s", (_case, configuration, message) => {
    expect(faults(configuration)).toBe(message);
  });
});

describe("validation", () => {
  test.each<[string, object, string]>([
    [
      "a share beyond 100 %",
      { percentageOfNodesToScore: 101 },
      "percentageOfNodesToScore: Invalid value: 101: not in valid range [0-100]",
    ],
    [
      "a profile's share below 0 %",
      profile({ percentageOfNodesToScore: -1 }),
      "profiles[0].percentageOfNodesToScore: Invalid value: -1: not in valid range [0-100]",
    ],
    [
      "no threads",
      { parallelism: 0 },
      "parallelism: Invalid value: 0: should be an integer value greater than zero",
    ],
    [
      "back-off of 0",
      { podInitialBackoffSeconds: 0 },
      "podInitialBackoffSeconds: Invalid value: 0: must be greater than 0",
    ],
    [
      "a longest back-off below the first",
      { podInitialBackoffSeconds: 20 },
      "podMaxBackoffSeconds: Invalid value: 10: must be greater than or equal to PodInitialBackoffSeconds",
    ],
    [
      "a negative burst",
      { clientConnection: { burst: -1 } },
      "clientConnection.burst: Invalid value: -1: must be non-negative",
    ],
    [
      "another lock",
      { leaderElection: { resourceLock: "endpoints" } },
      'leaderElection.resourceLock: Invalid value: "endpoints": resourceLock value must be "leases"',
    ],
    ["an empty name", profile({ schedulerName: "" }), "profiles[0].schedulerName: Required value"],
    [
      "two profiles without names",
      { profiles: [{}, {}] },
      "profiles[0].schedulerName: Required value\n" +
        "profiles[1].schedulerName: Required value\n" +
        'profiles[1].schedulerName: Duplicate value: ""',
    ],
    [
      "one name twice",
      { profiles: [{ schedulerName: "x" }, { schedulerName: "x" }] },
      'profiles[1].schedulerName: Duplicate value: "x"',
    ],
    [
      "another queue order in one profile",
      {
        profiles: [
          { schedulerName: "a" },
          { schedulerName: "b", plugins: { queueSort: { enabled: names("PrioritySort") } } },
        ],
      },
      'profiles[1].plugins.queueSort: Invalid value: {"enabled":[{"name":"PrioritySort"}],"disabled":[]}: must be the same for all profiles',
    ],
    [
      "two queue orders",
      plugins({ queueSort: { enabled: names("PrioritySort", "PrioritySort") } }),
      "profiles[0].plugins.queueSort.Enabled: Invalid value: 2: only one queue sort plugin can be enabled",
    ],
    [
      "arguments twice",
      profile({ pluginConfig: names("NodeAffinity", "NodeAffinity") }),
      'profiles[0].pluginConfig[1]: Duplicate value: "NodeAffinity"',
    ],
    [
      "extenders",
      { extenders: [{ urlPrefix: "http://localhost:8888" }] },
      "extenders: Forbidden: extenders are processes outside of the scheduler, which a simulation has not. Write a policy file with a plugin instead",
    ],
    [
      "several faults, in one message",
      {
        parallelism: -1,
        podInitialBackoffSeconds: -1,
        ...profile({ percentageOfNodesToScore: 200 }),
      },
      "parallelism: Invalid value: -1: should be an integer value greater than zero\n" +
        "profiles[0].percentageOfNodesToScore: Invalid value: 200: not in valid range [0-100]\n" +
        "podInitialBackoffSeconds: Invalid value: -1: must be greater than 0",
    ],
  ])("refuses %s", (_case, configuration, message) => {
    expect(faults(configuration)).toBe(message);
  });
});

describe("arguments", () => {
  const constraint = { maxSkew: 1, topologyKey: "zone", whenUnsatisfiable: "ScheduleAnyway" };
  const list = (...defaultConstraints: object[]) => ({
    defaultingType: "List",
    defaultConstraints,
  });

  test.each<[string, string, object, string[]]>([
    [
      "DefaultPreemption",
      "out of range",
      { minCandidateNodesPercentage: 101, minCandidateNodesAbsolute: -1 },
      [
        "minCandidateNodesPercentage: Invalid value: 101: not in valid range [0, 100]",
        "minCandidateNodesAbsolute: Invalid value: -1: not in valid range [0, inf)",
      ],
    ],
    [
      "DefaultPreemption",
      "no candidates",
      { minCandidateNodesPercentage: 0, minCandidateNodesAbsolute: 0 },
      [
        "minCandidateNodesPercentage: Invalid value: 0: cannot be zero at the same time as minCandidateNodesAbsolute",
        "minCandidateNodesAbsolute: Invalid value: 0: cannot be zero at the same time as minCandidateNodesPercentage",
      ],
    ],
    [
      "InterPodAffinity",
      "a weight beyond 100",
      { hardPodAffinityWeight: 101 },
      ["hardPodAffinityWeight: Invalid value: 101: not in valid range [0, 100]"],
    ],
    [
      "NodeAffinity",
      "an operator that there is not",
      {
        addedAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchExpressions: [{ key: "a", operator: "Is" }] }],
          },
        },
      },
      [
        'addedAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].operator: Unsupported value: "Is": supported values: "In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"',
      ],
    ],
    [
      "NodeResourcesBalancedAllocation",
      "weights, and a resource twice",
      { resources: [{ name: "cpu", weight: 2 }, { name: "cpu" }] },
      [
        "resources[0].weight: Invalid value: 2: must be 1",
        'resources[1].name: Duplicate value: "cpu"',
      ],
    ],
    [
      "NodeResourcesFit",
      "a strategy without type, with a resource too heavy",
      { scoringStrategy: { resources: [{ name: "cpu", weight: 101 }] } },
      [
        'scoringStrategy.type: Unsupported value: "": supported values: "LeastAllocated", "MostAllocated", "RequestedToCapacityRatio"',
        "scoringStrategy.resources[0].weight: Invalid value: 101: resource weight of cpu not in valid range (0, 100]",
      ],
    ],
    [
      "PodTopologySpread",
      "a list with system defaulting",
      { defaultConstraints: [constraint] },
      ['defaultingType: Invalid value: "System": when .defaultConstraints are not empty'],
    ],
    [
      "PodTopologySpread",
      "an unknown defaulting",
      { defaultingType: "None" },
      ['defaultingType: Unsupported value: "None": supported values: "System", "List"'],
    ],
    [
      "PodTopologySpread",
      "faulty constraints",
      list({ labelSelector: {} }, constraint, constraint),
      [
        "defaultConstraints[0].maxSkew: Invalid value: 0: not in valid range (0, inf)",
        "defaultConstraints[0].topologyKey: Required value: can not be empty",
        "defaultConstraints[0].whenUnsatisfiable: Required value: can not be empty",
        "defaultConstraints[0].labelSelector: Forbidden: constraint must not define a selector, as they deduced for each pod",
        'defaultConstraints[2]: Duplicate value: "{zone, ScheduleAnyway}"',
      ],
    ],
    [
      "VolumeBinding",
      "a negative time, a shape",
      { bindTimeoutSeconds: -1, shape: [] },
      [
        "bindTimeoutSeconds: Invalid value: -1: invalid BindTimeoutSeconds, should not be a negative value",
        "shape: Invalid value: []string{}: unexpected field `shape`, remove it or turn on the feature gate VolumeCapacityPriority",
      ],
    ],
  ])("%s: %s", (plugin, _case, given, wanted) => {
    const path = "profiles[0].pluginConfig[0].args";
    expect(faults(args(plugin, given))).toBe(wanted.map((each) => `${path}.${each}`).join("\n"));
  });
});

describe("building a profile", () => {
  test.each<[string, object, string | RegExp]>([
    [
      "an unknown plugin at a point",
      plugins({ score: { enabled: names("ImageLocality", "NodeResourceFit") } }),
      `profiles[0].plugins.score.enabled[1]: ${CREATING} ScorePlugin "NodeResourceFit" does not exist. Did you mean NodeResourcesFit?`,
    ],
    [
      "an unknown plugin at multiPoint",
      plugins({ multiPoint: { enabled: names("Coscheduling") } }),
      /^profiles\[0\]\.plugins\.multiPoint\.enabled\[0\]: initializing profiles: .* PreFilterPlugin "Coscheduling" does not exist\. Known: /,
    ],
    [
      "arguments of an unknown plugin",
      args("NodeResourceFit", {}),
      'profiles[0].pluginConfig[0].name: Invalid value: "NodeResourceFit": no such plugin. Did you mean NodeResourcesFit?',
    ],
    [
      "arguments that a plugin has not",
      args("ImageLocality", { threshold: 1 }),
      /^profiles\[0\]\.pluginConfig\[0\]\.args: initializing plugin "ImageLocality": ImageLocalityArgs\.threshold: there is no such field/,
    ],
    [
      "a plugin where it has nothing to say",
      plugins({ score: { enabled: names("NodeName") } }),
      `profiles[0].plugins.score.enabled[0]: ${CREATING} plugin "NodeName" does not extend ScorePlugin plugin`,
    ],
    [
      "a plugin twice at a point",
      plugins({ filter: { enabled: names("NodeName", "NodeName") } }),
      `profiles[0].plugins.filter.enabled[1]: ${CREATING} plugin "NodeName" already registered as "FilterPlugin"`,
    ],
    [
      "a plugin twice at multiPoint",
      plugins({ multiPoint: { enabled: names("Random", "Random") } }),
      `profiles[0].plugins.multiPoint.enabled[1]: ${CREATING} plugin "Random" already registered as "ScorePlugin"`,
    ],
    [
      "no binding",
      plugins({ bind: { disabled: names("*") } }),
      `profiles[0].plugins.bind: ${CREATING} at least one bind plugin is needed for profile with scheduler name "default-scheduler"`,
    ],
    [
      "no queue order",
      plugins({ multiPoint: { disabled: names("PrioritySort") } }),
      `profiles[0].plugins.queueSort: ${CREATING} only one queue sort plugin required for profile with scheduler name "default-scheduler", but got 0`,
    ],
    [
      "a weight of 0",
      plugins({ score: { enabled: [{ name: "ImageLocality", weight: 0 }] } }),
      'profiles[0].plugins.score.enabled[0].weight: Invalid value: 0: score plugin "ImageLocality" is not configured with weight: want a whole number from 1 to 2147483647; to switch its score off, disable it at score',
    ],
    [
      "a negative weight at multiPoint",
      plugins({ multiPoint: { enabled: [{ name: "ImageLocality", weight: -2 }] } }),
      /multiPoint\.enabled\[0\]\.weight: Invalid value: -2: score plugin "ImageLocality" is not conf/,
    ],
    [
      "a weight beyond 32 bits",
      plugins({ score: { enabled: [{ name: "ImageLocality", weight: 3_000_000_000 }] } }),
      /score\.enabled\[0\]\.weight: Invalid value: 3000000000: /,
    ],
    [
      "a filter without what its preFilter prepares",
      plugins({ preFilter: { disabled: names("NodePorts") } }),
      'profiles[0].plugins.preFilter: plugin "NodePorts" is enabled at filter and not at preFilter: kube-scheduler would fail every pod (reading "PreFilterNodePorts" from cycleState: not found). Disable it at filter too',
    ],
    [
      "a score without what its preScore prepares",
      plugins({ preScore: { disabled: names("TaintToleration") } }),
      /^profiles\[0\]\.plugins\.preScore: plugin "TaintToleration" is enabled at score and not at pre/,
    ],
    [
      "faults of two profiles",
      {
        profiles: [
          { schedulerName: "a", plugins: { bind: { disabled: names("*") } } },
          { schedulerName: "b", plugins: { bind: { disabled: names("*") } } },
        ],
      },
      /^profiles\[0\].*name a: at least one bind .*\nprofiles\[1\].*name b: at least one bind /,
    ],
  ])("refuses %s", (_case, configuration, message) => {
    if (typeof message === "string") expect(faults(configuration)).toBe(message);
    else expect(faults(configuration)).toMatch(message);
  });
});
