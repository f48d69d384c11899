import { describe, expect, test } from "vitest";
import type { AnyPlugin, Profile } from "../../sim/scheduler/index.ts";
import {
  DEFAULT_FILTERS as FILTERS,
  filters,
  DEFAULT_SCORES as SCORES,
  scorers,
} from "../../test/default-expectations.ts";
import { defaultProfile } from "./default-profile.ts";
import {
  configureScheduler,
  type KubeSchedulerConfiguration,
  profilesFromConfiguration,
} from "./kube-scheduler-configuration.ts";

function one(configuration: object): Profile {
  const [profile] = profilesFromConfiguration(configuration as KubeSchedulerConfiguration);
  if (profile === undefined) throw new Error("no profile");
  return profile;
}

const withPlugins = (plugins: Record<string, object>): Profile => one({ profiles: [{ plugins }] });

function pluginOf(profile: Profile, name: string): AnyPlugin | undefined {
  return profile.plugins.find(({ plugin }) => plugin.name === name)?.plugin;
}

const names = (...list: string[]) => list.map((name) => ({ name }));

describe("the plugins of a profile", () => {
  test("an empty configuration is the default profile", () => {
    const profile = one({});
    expect(filters(profile)).toEqual(FILTERS);
    expect(scorers(profile)).toEqual(SCORES);
    const sorted = ({ plugins }: Profile): string[] => plugins.map((p) => p.plugin.name).sort();
    expect(sorted(profile)).toEqual(sorted(defaultProfile()));
    expect(profile).toMatchObject({
      schedulerName: "default-scheduler",
      percentageOfNodesToScore: 0,
    });
  });

  const without = (...left: string[]) => FILTERS.filter((name) => !left.includes(name));
  const swapped = (name: string) => [name, ...without(name)];

  test.each<[string, Record<string, object>, readonly string[], Record<string, number>]>([
    [
      "multiPoint changes a weight in place and adds a plugin at the end",
      { multiPoint: { enabled: [{ name: "ImageLocality", weight: 5 }, { name: "Random" }] } },
      FILTERS,
      { ...SCORES, ImageLocality: 5, Random: 1 },
    ],
    [
      "multiPoint without a weight gives 1 to a default plugin that had more",
      { multiPoint: { enabled: names("NodeAffinity") } },
      FILTERS,
      { ...SCORES, NodeAffinity: 1 },
    ],
    [
      "multiPoint disabled and enabled again comes last",
      {
        multiPoint: { disabled: names("NodeName"), enabled: names("NodeName") },
      },
      [...without("NodeName"), "NodeName"],
      SCORES,
    ],
    [
      "multiPoint disabling * leaves what is enabled, in its order",
      {
        multiPoint: {
          disabled: names("*"),
          enabled: names("NodeResourcesFit", "NodeName", "PrioritySort", "DefaultBinder"),
        },
      },
      ["NodeResourcesFit", "NodeName"],
      { NodeResourcesFit: 1 },
    ],
    [
      "disabled at one point it stays at the others",
      { score: { disabled: names("NodeAffinity") } },
      FILTERS,
      Object.fromEntries(Object.entries(SCORES).filter(([name]) => name !== "NodeAffinity")),
    ],
    [
      "the weight of a point wins over multiPoint's",
      {
        multiPoint: { enabled: [{ name: "ImageLocality", weight: 5 }] },
        score: { enabled: [{ name: "ImageLocality", weight: 7 }] },
      },
      FILTERS,
      { ...SCORES, ImageLocality: 7 },
    ],
    [
      "a point disables * and enables some again",
      {
        score: { disabled: names("*"), enabled: [{ name: "TaintToleration", weight: 9 }] },
      },
      FILTERS,
      { TaintToleration: 9 },
    ],
    [
      "no scores at all",
      { preScore: { disabled: names("*") }, score: { disabled: names("*") } },
      FILTERS,
      {},
    ],
    [
      "a filter that its point names comes first",
      { filter: { enabled: names("NodeResourcesFit") } },
      swapped("NodeResourcesFit"),
      SCORES,
    ],
    [
      "disabled and enabled again at its point it comes last",
      { filter: { disabled: names("NodeName"), enabled: names("NodeName") } },
      [...without("NodeName"), "NodeName"],
      SCORES,
    ],
    [
      "what only a point names follows multiPoint's",
      {
        multiPoint: { disabled: names("NodeName") },
        filter: { enabled: names("NodeName") },
      },
      [...without("NodeName"), "NodeName"],
      SCORES,
    ],
    [
      "weights of 0 that kube-scheduler --write-config-to writes",
      {
        multiPoint: {
          enabled: [
            { name: "NodeName", weight: 0 },
            { name: "DefaultBinder", weight: 0 },
          ],
        },
      },
      FILTERS,
      SCORES,
    ],
  ])("%s", (_case, plugins, wantedFilters, wantedScores) => {
    const profile = withPlugins(plugins);
    expect(filters(profile)).toEqual(wantedFilters);
    expect(scorers(profile)).toEqual(wantedScores);
  });

  test("what is disabled everywhere is gone, and so is a plugin left without a point", () => {
    expect(
      pluginOf(withPlugins({ multiPoint: { disabled: names("NodePorts") } }), "NodePorts"),
    ).toBe(undefined);
    const left = withPlugins({ score: { disabled: names("ImageLocality") } });
    expect(pluginOf(left, "ImageLocality")).toBe(undefined);
  });

  test("a filter without its score, a score without its filter", () => {
    const filter = pluginOf(
      withPlugins({ score: { disabled: names("NodeResourcesFit") } }),
      "NodeResourcesFit",
    );
    expect(filter).toMatchObject({ filter: expect.any(Function), preFilter: expect.any(Function) });
    expect(filter).not.toHaveProperty("score");
    expect(filter).not.toHaveProperty("preScore");
    const off = { disabled: names("NodeResourcesFit") };
    const score = pluginOf(withPlugins({ preFilter: off, filter: off }), "NodeResourcesFit");
    expect(score).toMatchObject({ score: expect.any(Function), preScore: expect.any(Function) });
    expect(score).not.toHaveProperty("filter");
    expect(score).not.toHaveProperty("preFilter");
  });

  const affinity = {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [
        { matchFields: [{ key: "metadata.name", operator: "In", values: ["n"] }] },
      ],
    },
  };
  const pod = { pod: { spec: { affinity: { nodeAffinity: affinity } } } } as never;

  test("a preFilter without its filter still leaves out nodes, and rejects none", () => {
    const profile = withPlugins({ filter: { disabled: names("NodeAffinity") } });
    const plugin = pluginOf(profile, "NodeAffinity");
    expect(plugin?.preFilter?.(pod, {} as never)).toMatchObject({ nodeNames: ["n"] });
    expect(plugin?.filter?.(pod, { labels: {}, name: "other" } as never, {})).toBe(undefined);
  });

  test("NodeAffinity's filter without its preFilter rejects nodes, and leaves out none", () => {
    const profile = withPlugins({ preFilter: { disabled: names("NodeAffinity") } });
    const plugin = pluginOf(profile, "NodeAffinity");
    const result = plugin?.preFilter?.(pod, {} as never);
    expect(result).not.toHaveProperty("nodeNames");
    const { state } = result as { state: unknown };
    expect(plugin?.filter?.(pod, { labels: {}, name: "other" } as never, state)).toMatchObject({
      code: "UnschedulableAndUnresolvable",
    });
  });
});

describe("several profiles", () => {
  test("have a share of nodes each: its own, else the file's", () => {
    const profiles = [{ schedulerName: "a" }, { schedulerName: "b", percentageOfNodesToScore: 7 }];
    const made = profilesFromConfiguration({ percentageOfNodesToScore: 40, profiles });
    expect(made.map((profile) => profile.percentageOfNodesToScore)).toEqual([40, 7]);
    expect(made.map((profile) => profile.schedulerName)).toEqual(["a", "b"]);
  });

  test("have plugins and arguments of their own", () => {
    const pluginConfig = [
      { name: "NodeResourcesFit", args: { scoringStrategy: { type: "MostAllocated" } } },
    ];
    const plugins = { multiPoint: { disabled: names("NodePorts") } };
    const made = profilesFromConfiguration({
      profiles: [
        { schedulerName: "a", pluginConfig: pluginConfig as object[] },
        { schedulerName: "b", plugins },
      ],
    });
    expect(made.map((profile) => filters(profile).includes("NodePorts"))).toEqual([true, false]);
    const [a, b] = made.map((profile) => pluginOf(profile, "NodeResourcesFit"));
    expect(a).not.toBe(b);
  });
});

describe("settings besides the profiles", () => {
  const configure = (configuration: object) => configureScheduler(configuration, () => "");

  test.each<[string, object, object]>([
    ["none", {}, {}],
    [
      "back-off",
      { podInitialBackoffSeconds: 2, podMaxBackoffSeconds: 60 },
      { podInitialBackoffSeconds: 2, podMaxBackoffSeconds: 60 },
    ],
    [
      "limits",
      { clientConnection: { qps: 7.5, burst: 9 } },
      { clientConnection: { qps: 7.5, burst: 9 } },
    ],
    ["one limit", { clientConnection: { qps: 7 } }, { clientConnection: { qps: 7, burst: 100 } }],
    ["no limit", { clientConnection: { qps: -1 } }, { clientConnection: { qps: 0, burst: 0 } }],
    ["nulls", { podMaxBackoffSeconds: null, profiles: null }, {}],
  ])("%s", (_case, configuration, wanted) => {
    expect(configure(configuration).settings).toEqual(wanted);
  });

  test("what means nothing in a simulation is named", () => {
    const { ignored } = configure({
      parallelism: 4,
      leaderElection: { leaderElect: false },
      clientConnection: { kubeconfig: "/etc/kubernetes/scheduler.conf", qps: 5 },
    });
    expect(ignored).toEqual(["parallelism", "leaderElection", "clientConnection.kubeconfig"]);
  });
});
