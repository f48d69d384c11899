/** What the author of a policy is told of an answer that is none, in every mode. */
import { describe, expect, test } from "vitest";
import { makeNode, makePod } from "../../../test/builders.ts";
import { KeyRecord, type Pod } from "../../api/index.ts";
import { InputError, Kernel } from "../../kernel/index.ts";
import { createPodInfo } from "./create-pod-info.ts";
import { definePlugin } from "./define-plugin.ts";
import type { Diagnosis, Evaluation } from "./evaluator.ts";
import { type EvaluationMode, Framework } from "./framework.ts";
import { FullPass } from "./full-pass.ts";
import type { AnyPlugin, Locality, Plugin } from "./interface.ts";
import { planEvaluation } from "./plan.ts";
import { markBuiltIn, markFile } from "./plugin-origin.ts";
import type { PodInfo } from "./pod-info.ts";
import { SchedulerCache } from "./scheduler-cache.ts";
import { VerifyingEvaluator } from "./verify.ts";

const sort = markBuiltIn(
  definePlugin({ name: "Sort", compare: (a, b) => a.timestampUs - b.timestampUs }),
);
const profileOf = (...plugins: readonly AnyPlugin[]) => ({
  schedulerName: "s",
  plugins: [sort, ...plugins].map((plugin) => ({ plugin, weight: 1 })),
  percentageOfNodesToScore: 100,
});

function clusterOf(nodes: number): SchedulerCache {
  const cache = new SchedulerCache();
  for (let i = 0; i < nodes; i++) cache.addNode(makeNode(`n${i}`).cpu("4").build());
  return cache;
}

function podInfo({ state }: SchedulerCache): PodInfo {
  const record = new KeyRecord<Pod>(1, "Pod", "default", "web");
  return createPodInfo(record, makePod("web").build(), state.resources);
}

/** The message after a few equal pods were tried. */
function complaint(plugin: AnyPlugin, evaluation: EvaluationMode): string {
  const cache = clusterOf(3);
  const under = new Framework({
    profile: profileOf(plugin),
    cache,
    kernel: new Kernel("1"),
    evaluation,
  });
  try {
    for (let i = 0; i < 4; i++) {
      const { feasibleCount } = under.evaluate(podInfo(cache), undefined);
      if (feasibleCount === 0) under.diagnose(podInfo(cache));
    }
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return (error as Error).message;
  }
  return "";
}

const MODES: readonly EvaluationMode[] = ["full", "incremental", "verify"];
const LOCALITIES: readonly Locality[] = ["spec", "node", "none"];
const ways = MODES.flatMap((mode) => LOCALITIES.map((locality) => [mode, locality] as const));

describe.each(ways)("evaluation %s, locality %s: refuses", (mode, locality) => {
  const rejecting = "undefined (fits), a string (the reason why not), or a Rejection";

  test.each<[string, unknown, string]>([
    ["true", true, `returned true, want ${rejecting}`],
    ["false", false, `returned false, want ${rejecting}`],
    ["null", null, `returned null, want ${rejecting}`],
    ["a promise", Promise.resolve(), "returned a promise (is it an async function?), want"],
    ["an object", { code: "No", reasons: [] }, 'returned {"code":"No","reasons":[]}, want'],
  ])("a filter that returns %s", (_, answer, words) => {
    const plugin = definePlugin({ name: "Mine", locality, filter: () => answer as undefined });
    expect(complaint(plugin, mode)).toMatch(/^policy "Mine": its filter for pod "default\/web", /);
    expect(complaint(plugin, mode)).toContain(`node "n0" ${words}`);
  });

  test("a filter that returns true for one node only", () => {
    const filter = (_: unknown, node: { name: string }) => node.name === "n1" || undefined;
    const plugin = definePlugin({ name: "Mine", locality, filter: filter as never });
    expect(complaint(plugin, mode)).toContain('node "n1" returned true, want undefined');
  });

  test.each<[string, unknown, string]>([
    ["undefined", undefined, "returned undefined, want a number."],
    ["null", null, "returned null, want a number."],
    ["a text", "50", 'returned "50", want a number.'],
    ["true", true, "returned true, want a number."],
    ["a promise", Promise.resolve(5), "returned a promise (is it an async function?), want a num"],
  ])("a score that is %s", (_, answer, words) => {
    const plugin = definePlugin({ name: "Mine", locality, score: () => answer as number });
    expect(complaint(plugin, mode)).toContain(
      `policy "Mine": its score for pod "default/web", node "n0" ${words}`,
    );
  });

  test.each<[string, Partial<Plugin>, string]>([
    [
      "of a preFilter",
      { preFilter: () => ({ state: undefined, reject: "no" as never }) },
      "reject",
    ],
    [
      "of nodes",
      { preFilter: () => ({ state: undefined, nodeNames: "n1" as never }) },
      'returned nodeNames "n1", want a list of names',
    ],
    ["of nothing", { preFilter: () => undefined as never }, "returned undefined, want SKIP or"],
    [
      "of a preScore",
      { preScore: () => 3 as never, score: () => 1 },
      'its preScore for pod "default/web" returned 3, want SKIP or',
    ],
  ])("an answer %s", (_, part, words) => {
    expect(complaint(definePlugin({ name: "Mine", locality, ...part }), mode)).toContain(words);
  });
});

test("a message names the policy's file where it is known", () => {
  const plugin = definePlugin({ name: "Mine", score: () => 400 });
  expect(complaint(markFile(plugin, "/policies/mine.ts"), "full")).toMatch(
    /^policy "Mine" \(\/policies\/mine\.ts\) scored pod .* 400: .*normalise it\.$/,
  );
});

describe("verify, on a policy that answers at random,", () => {
  let draws = 0;
  /** Differs from call to call, as Math.random() does, but not from test run to test run. */
  const draw = (): number => (draws = (draws * 13 + 7) % 101);

  test.each<[string, Partial<Plugin>, RegExp]>([
    ["of no claim", { score: draw }, /\(it claims no locality\) contradicts itself: its score/],
    ["cluster", { locality: "cluster", score: draw }, /\(locality "cluster"\) contradicts itself/],
    ["node", { locality: "node", score: draw }, /\(locality "node"\) contradicts itself/],
    [
      "of no claim, in its filter",
      { filter: () => (draw() > 50 ? "no" : undefined) },
      /its filter for pod "default\/web" on node "n\d" was .* and then .*no Math\.random\(\)/,
    ],
  ])("names plugin and claim: %s", (_, part, words) => {
    const message = complaint(definePlugin({ name: "Dice", ...part }), "verify");
    expect(message).toMatch(/^policy "Dice" /);
    expect(message).toMatch(words);
  });
});

describe("verify, when evaluations differ and no plugin contradicts itself,", () => {
  const evaluation = (feasibleCount: number): Evaluation => ({
    feasibleCount,
    evaluatedCount: 3,
    bestTotal: 1,
    bestCount: 3,
    chosenSlot: 0,
    nextStartIndex: 0,
  });
  const diagnosis = (...rejectingPlugins: readonly string[]): Diagnosis => ({
    nodeCount: 3,
    reasonCounts: new Map([["no", 3]]),
    preFilterMessage: "",
    rejectingPlugins,
    rejectionAt: () => undefined,
    unschedulableSlots: () => [],
  });
  const wrong = { evaluate: () => evaluation(2), diagnose: () => diagnosis("Other") };
  const failure = (plugin: AnyPlugin, point: "evaluate" | "diagnose"): Error => {
    const cache = clusterOf(3);
    const evaluator = new VerifyingEvaluator(planEvaluation(profileOf(plugin)), cache, {}, wrong);
    try {
      evaluator[point](podInfo(cache), undefined);
    } catch (error) {
      return error as Error;
    }
    return expect.unreachable();
  };
  const plugin = (): AnyPlugin =>
    definePlugin({ name: "Any", locality: "node", filter: () => "no", score: () => 1 });

  test.each(["evaluate", "diagnose"] as const)("%s blames itself if all are built in", (point) => {
    const error = failure(markBuiltIn(plugin()), point);
    expect(error).not.toBeInstanceOf(InputError);
    expect(error.message).toMatch(/differ for pod "default\/web".*fault of the simulator/);
  });

  test.each(["evaluate", "diagnose"] as const)("%s names the user's plugins", (point) => {
    const error = failure(plugin(), point);
    expect(error).toBeInstanceOf(InputError);
    expect(error.message).toMatch(/policy "Any" \(locality "node"\)/);
  });

  test("a diagnosis is compared down to the plugins that rejected", () => {
    expect(failure(plugin(), "diagnose").message).toContain(
      'default/web": rejectingPlugins ["Any"] and ["Other"], rejections [[0,"Unschedulable","no"]',
    );
  });
});

test("after a restored state, resources have the numbers of that state", () => {
  const askedFor = (cache: SchedulerCache, resource: string): PodInfo => {
    const record = new KeyRecord<Pod>(2, "Pod", "default", "asks");
    const pod = makePod("asks").request(resource, "7").build();
    return createPodInfo(record, pod, cache.state.resources);
  };
  const sizes = definePlugin<number>({
    name: "Sizes",
    locality: "node",
    reads: ["requests"],
    preFilter: (_, cluster) => ({ state: cluster.resourceIndex("example.com/b") }),
    filter: ({ requests }, _, index) => `asks for ${requests[index] ?? 0}`,
  });
  const cache = clusterOf(1);
  const full = new FullPass(planEvaluation(profileOf(sizes)), cache);
  const reasons = (): readonly string[] => {
    const info = askedFor(cache, "example.com/b");
    return [...full.diagnose(info).reasonCounts.keys()];
  };
  expect(reasons()).toEqual(["asks for 7"]);
  const other = clusterOf(1);
  askedFor(other, "example.com/a"); // takes the number that b had
  cache.state = other.state;
  expect(reasons()).toEqual(["asks for 7"]);
});
