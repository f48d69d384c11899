import { describe, expect, test } from "vitest";
import { type AnyPlugin, definePlugin } from "../../sim/scheduler/index.ts";
import {
  DEFAULT_FILTERS,
  DEFAULT_SCORES,
  filters,
  scorers,
} from "../../test/default-expectations.ts";
import { defaultProfile } from "./default-profile.ts";
import { profileFromPlugin } from "./profile-from-plugin.ts";
import { profileByName, profileNames } from "./registry.ts";

describe("the default profile", () => {
  test("has kube-scheduler's filters, weights and adaptive sampling", () => {
    const profile = defaultProfile();
    expect(profile.schedulerName).toBe("default-scheduler");
    expect(profile.percentageOfNodesToScore).toBe(0);
    expect(filters(profile)).toEqual(DEFAULT_FILTERS);
    expect(scorers(profile)).toEqual(DEFAULT_SCORES);
  });
});

describe("named policies", () => {
  test.each(profileNames())(
    "%s has one queue order, one binder and the default filters",
    (name) => {
      const { plugins } = profileByName(name);
      expect(plugins.filter(({ plugin }) => plugin.compare !== undefined)).toHaveLength(1);
      expect(plugins.filter(({ plugin }) => plugin.bind !== undefined)).toHaveLength(1);
      expect(filters({ ...profileByName(name) })).toEqual(DEFAULT_FILTERS);
    },
  );

  test.each([
    ["random", { Random: 1 }],
    ["first-fit", { FirstFit: 1 }],
    ["gpu-best-fit", { GpuBestFit: 1 }],
    ["most-allocated", DEFAULT_SCORES],
    ["requested-to-capacity-ratio", DEFAULT_SCORES],
  ])("%s scores by its own", (name, wanted) => {
    expect(scorers(profileByName(name))).toEqual(wanted);
  });

  test("options set the name and the share of nodes", () => {
    const options = { schedulerName: "mine", percentageOfNodesToScore: 30 };
    expect(profileByName("random", options)).toMatchObject(options);
  });

  test("an unknown name is refused with the nearest one", () => {
    expect(() => profileByName("most-alocated")).toThrow(
      /no policy "most-alocated"\. Did you mean most-allocated\? Known: default, /,
    );
  });
});

const score: AnyPlugin = definePlugin({ name: "Mine", locality: "node", score: () => 1 });
const filter: AnyPlugin = definePlugin({ name: "Rule", locality: "spec", filter: () => "no" });

describe("a policy file", () => {
  test("a score replaces the default scores and keeps the default filters", () => {
    const profile = profileFromPlugin(score, "mine.ts");
    expect(filters(profile)).toEqual(DEFAULT_FILTERS);
    expect(scorers(profile)).toEqual({ Mine: 1 });
  });

  test("a filter alone joins the default filters and keeps the default scores", () => {
    const profile = profileFromPlugin(filter, "mine.ts");
    expect(filters(profile)).toEqual([...DEFAULT_FILTERS, "Rule"]);
    expect(scorers(profile)).toEqual(DEFAULT_SCORES);
  });

  test("a list is taken together", () => {
    const profile = profileFromPlugin([filter, score], "mine.ts");
    expect(filters(profile)).toEqual([...DEFAULT_FILTERS, "Rule"]);
    expect(scorers(profile)).toEqual({ Mine: 1 });
  });

  test("a plugin with the name of a default one takes its place", () => {
    const fit = definePlugin({ name: "NodeResourcesFit", locality: "node", filter: () => "no" });
    const profile = profileFromPlugin(fit, "mine.ts");
    expect(filters(profile)).toEqual(DEFAULT_FILTERS);
    expect(scorers(profile)).not.toHaveProperty("NodeResourcesFit");
  });

  test("the profile form chooses everything", () => {
    const form = {
      profile: {
        percentageOfNodesToScore: 100,
        plugins: [
          "NodeResourcesFit",
          "TaintToleration",
          { plugin: "NodeAffinity", weight: 0 },
          { plugin: score, weight: 7 },
          filter,
        ],
      },
    };
    const profile = profileFromPlugin(form, "mine.ts", { schedulerName: "s" });
    expect(filters(profile)).toEqual([
      "NodeResourcesFit",
      "TaintToleration",
      "NodeAffinity",
      "Rule",
    ]);
    expect(scorers(profile)).toEqual({ NodeResourcesFit: 1, TaintToleration: 3, Mine: 7 });
    expect(profile).toMatchObject({ percentageOfNodesToScore: 100, schedulerName: "s" });
    expect(profile.plugins.map(({ plugin }) => plugin.name)).toContain("DefaultBinder");
  });

  test.each<[string, unknown, RegExp]>([
    ["nothing", undefined, /mine\.ts.*no plugin\. Export definePlugin/],
    ["a function", () => 0, /no plugin/],
    ["an empty list", [], /want at least one plugin/],
    ["two plugins of one name", [score, score], /two plugins are called "Mine"/],
    ["a form without plugins", { profile: {} }, /plugins: got undefined, want a list of plugins/],
    ["a misspelt field", { profile: { plugin: [] } }, /no such field. Did you mean plugins/],
    [
      "an unknown name",
      { profile: { plugins: ["NodeFit"] } },
      /plugins\[0\]: There is no plugin "NodeFit"/,
    ],
    [
      "a bad weight",
      { profile: { plugins: [{ plugin: score, weight: -1 }] } },
      /plugins\[0\]\.weight: got -1, want a whole number/,
    ],
    [
      "a bad share",
      { profile: { percentageOfNodesToScore: 101, plugins: [score] } },
      /percentageOfNodesToScore: got 101, want a whole number from 0 to 100/,
    ],
  ])("refuses %s", (_case, exported, message) => {
    expect(() => profileFromPlugin(exported, "mine.ts")).toThrow(message);
  });
});
