/** What a policy may and may not do, and the words that tell its author. */
import { describe, expect, test } from "vitest";
import { makeNode, makePod } from "../../../test/builders.ts";
import { KeyRecord, type Pod } from "../../api/index.ts";
import { InputError, Kernel } from "../../kernel/index.ts";
import { createPodInfo } from "./create-pod-info.ts";
import { definePlugin } from "./define-plugin.ts";
import { fitErrorMessage } from "./fit-error.ts";
import { type EvaluationMode, Framework } from "./framework.ts";
import type { AnyPlugin, Plugin } from "./interface.ts";
import { planEvaluation } from "./plan.ts";
import type { PodInfo } from "./pod-info.ts";
import { SchedulerCache } from "./scheduler-cache.ts";
import { VerifyingEvaluator } from "./verify.ts";

const sort = definePlugin({ name: "Sort", compare: (a, b) => a.timestampUs - b.timestampUs });
const profileOf = (plugins: readonly AnyPlugin[]) => ({
  schedulerName: "s",
  plugins: plugins.map((plugin) => ({ plugin, weight: 1 })),
  percentageOfNodesToScore: 100,
});

function clusterOf(nodes: number): SchedulerCache {
  const cache = new SchedulerCache();
  for (let i = 0; i < nodes; i++) cache.addNode(makeNode(`n${i}`).cpu("4").build());
  return cache;
}

let lastId = 0;
function podInfo(cache: SchedulerCache, name = "web"): PodInfo {
  const record = new KeyRecord<Pod>(++lastId, "Pod", "default", name);
  return createPodInfo(record, makePod(name).label("app", "web").build(), cache.state.resources);
}

function framework(plugin: AnyPlugin, cache: SchedulerCache, evaluation: EvaluationMode = "full") {
  const profile = profileOf([sort, plugin]);
  return new Framework({ profile, cache, kernel: new Kernel("1"), evaluation });
}

/** Evaluates alike pods until the index is in use; the error's message, or "". */
function complaint(plugin: AnyPlugin, evaluation: EvaluationMode): string {
  const cache = clusterOf(3);
  const under = framework(plugin, cache, evaluation);
  try {
    for (let i = 0; i < 3; i++) under.evaluate(podInfo(cache), undefined);
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return (error as Error).message;
  }
  return "";
}

const modes: readonly EvaluationMode[] = ["full", "incremental", "verify"];

describe.each(modes)("evaluation %s refuses", (evaluation) => {
  const nodePolicy = (part: Partial<Plugin>): AnyPlugin =>
    definePlugin({ name: "Mine", locality: "node", ...part });

  test.each<[string, AnyPlugin, RegExp]>([
    [
      "NaN",
      nodePolicy({ score: () => Number.NaN }),
      /"Mine" scored pod "default\/web" on node "n0" NaN: scores must be whole numbers 0\.\.100/,
    ],
    ["a score above 100", nodePolicy({ score: () => 101 }), /node "n0" 101/],
    ["a negative score", nodePolicy({ score: () => -3 }), /node "n0" -3/],
    [
      "a normalised score out of range",
      nodePolicy({ locality: "spec", score: () => 1, normalize: () => 400 }),
      / 400: scores/,
    ],
    [
      "a policy that throws",
      nodePolicy({
        filter: (_, { name }) => {
          if (name === "n1") throw new TypeError("boom");
          return undefined;
        },
      }),
      /"Mine" failed in filter for pod "default\/web", node "n1": TypeError: boom .*claims\.test\.ts/,
    ],
    [
      "reading a pod field that is not claimed",
      nodePolicy({ reads: ["requests"], filter: ({ labels }) => labels["x"] }),
      /"Mine" reads the pod's labels, but claims to read only requests\. Add "labels" to its reads/,
    ],
    [
      "reading one in the stored object",
      nodePolicy({
        reads: ["labels"],
        filter: ({ pod }) => (pod.spec.affinity === undefined ? undefined : "no"),
      }),
      /reads the pod's affinity/,
    ],
    [
      "reading the name",
      nodePolicy({ filter: ({ name }) => name }),
      /reads the pod's name.*locality "none"/,
    ],
    [
      "looking at the cluster",
      nodePolicy({
        preFilter: (_, { nodes }) => ({ state: undefined, nodeNames: [nodes[0]?.name ?? ""] }),
      }),
      /reads cluster\.nodes in preFilter or preScore/,
    ],
  ])("%s", (_, plugin, message) => {
    expect(complaint(plugin, evaluation)).toMatch(message);
  });

  test("nothing of a score that is not whole: it is truncated", () => {
    const cache = clusterOf(3);
    const under = framework(nodePolicy({ score: () => 99.9 }), cache, evaluation);
    for (let i = 0; i < 3; i++) {
      expect(under.evaluate(podInfo(cache), undefined)).toMatchObject({
        bestTotal: 99,
        bestCount: 3,
      });
    }
  });

  test("no score when one node only is feasible: it is not asked", () => {
    const cache = clusterOf(1);
    const under = framework(nodePolicy({ score: () => Number.NaN }), cache, evaluation);
    for (let i = 0; i < 3; i++) {
      expect(under.evaluate(podInfo(cache), undefined)).toMatchObject({
        bestTotal: 0,
        bestCount: 1,
      });
    }
  });
});

describe("a spec plugin", () => {
  test("is handed a node without its pods", () => {
    const seen: unknown[] = [];
    const spec = definePlugin({
      name: "Spec",
      locality: "spec",
      filter: (_, node) => void seen.push(node.pods),
    });
    expect(complaint(spec, "full")).toBe("");
    expect(seen.every((pods) => pods === undefined)).toBe(true);
  });
});

describe("verify", () => {
  test.each<["spec" | "node", "filter" | "score", RegExp]>([
    [
      "spec",
      "score",
      /"Liar" breaks its claim locality "spec": its score on node "n0" went from 1 to 2/,
    ],
    [
      "node",
      "score",
      /"Liar" breaks its claim locality "node": its score on node "n0" went from 1 to 2/,
    ],
    [
      "node",
      "filter",
      /its filter on node "n0" went from passed to rejected.*Claim "cluster" or "none"/,
    ],
  ])("names a %s plugin whose %s depends on something else", (locality, point, message) => {
    let outside = 1;
    const liar = definePlugin({
      name: "Liar",
      locality,
      ...(point === "score"
        ? { score: () => outside }
        : { filter: () => (outside === 1 ? undefined : "no") }),
    });
    const cache = clusterOf(3);
    const under = framework(liar, cache, "verify");
    for (let i = 0; i < 3; i++) under.evaluate(podInfo(cache), undefined);
    outside = 2;
    expect(() => under.evaluate(podInfo(cache), undefined)).toThrow(message);
  });

  test("reports evaluations that differ although every claim held", () => {
    const cache = clusterOf(3);
    const plan = planEvaluation(profileOf([definePlugin({ name: "Any", score: () => 1 })]));
    const wrong = {
      evaluate: () => ({
        feasibleCount: 2,
        evaluatedCount: 3,
        bestTotal: 1,
        bestCount: 3,
        chosenSlot: 0,
        nextStartIndex: 0,
      }),
      diagnose: () => expect.unreachable(),
    };
    const evaluator = new VerifyingEvaluator(plan, cache, {}, wrong);
    expect(() => evaluator.evaluate(podInfo(cache), undefined)).toThrow(
      /differ for pod "default\/web": feasibleCount 3 and 2/,
    );
  });
});

describe("definePlugin and profiles refuse", () => {
  test.each<[string, () => unknown, RegExp]>([
    ["no name", () => definePlugin({ name: "" }), /got no name/],
    [
      "an unknown locality",
      () => definePlugin({ name: "X", locality: "nodes" as never }),
      /got "nodes", want one of spec, node, cluster, none/,
    ],
    [
      "an unknown field",
      () => definePlugin({ name: "X", reads: ["label" as never] }),
      /reads: got "label"/,
    ],
    [
      "an unknown normalisation",
      () => definePlugin({ name: "X", normalize: "mean" as never }),
      /normalize: got "mean"/,
    ],
    [
      "a point that is no function",
      () => definePlugin({ name: "X", score: 3 as never }),
      /score: got 3, want a function/,
    ],
    ["two plugins of one name", () => framework(sort, clusterOf(1)), /"Sort" is listed twice/],
    [
      "a weight that is not whole",
      () => planEvaluation({ ...profileOf([]), plugins: [{ plugin: sort, weight: 1.5 }] }),
      /got weight 1.5/,
    ],
    [
      "a percentage above 100",
      () => planEvaluation({ ...profileOf([]), percentageOfNodesToScore: 101 }),
      /got 101/,
    ],
  ])("%s", (_, make, message) => {
    expect(make).toThrow(InputError);
    expect(make).toThrow(message);
  });
});

describe("a shape that fits nowhere", () => {
  test("fails again without asking, until something changes, and is then asked again", () => {
    const cache = clusterOf(2);
    let asked = 0;
    const oneEach = definePlugin({
      name: "OneEach",
      locality: "node",
      reads: ["labels"],
      filter(_, { pods }) {
        asked++;
        return pods.length === 0 ? undefined : "taken";
      },
    });
    const under = framework(oneEach, cache, "incremental");
    const first = podInfo(cache, "first");
    cache.assumePod(first, "n0");
    cache.assumePod(podInfo(cache, "second"), "n1");
    for (let i = 0; i < 3; i++) under.evaluate(podInfo(cache), undefined);
    expect(fitErrorMessage(under.diagnose(podInfo(cache)))).toBe(
      "0/2 nodes are available: 2 taken.",
    );
    asked = 0;
    expect(under.evaluate(podInfo(cache), undefined)).toMatchObject({
      feasibleCount: 0,
      evaluatedCount: 2,
      chosenSlot: -1,
    });
    under.diagnose(podInfo(cache));
    expect(asked).toBe(0);
    cache.removePod(first.record);
    expect(under.evaluate(podInfo(cache), undefined).feasibleCount).toBe(1);
    expect(asked).toBeGreaterThan(0);
  });
});

test.each([
  [
    "two reasons, sorted as texts",
    {
      reasonCounts: new Map([
        ["b", 2],
        ["a", 10],
      ]),
    },
    "",
    "0/12 nodes are available: 10 a, 2 b.",
  ],
  [
    "preemption's word",
    { reasonCounts: new Map([["a", 1]]) },
    "preemption: no.",
    "0/12 nodes are available: 1 a. preemption: no.",
  ],
  ["all nodes left out by a preFilter", {}, "", "0/12 nodes are available:"],
  [
    "a preFilter's rejection",
    { preFilterMessage: "no claim" },
    "",
    "0/12 nodes are available: no claim.",
  ],
])("the message for %s", (_, part, postFilter, message) => {
  const diagnosis = {
    nodeCount: 12,
    reasonCounts: new Map<string, number>(),
    preFilterMessage: "",
    ...part,
  };
  expect(fitErrorMessage(diagnosis, postFilter)).toBe(message);
});
