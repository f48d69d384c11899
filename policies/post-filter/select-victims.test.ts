import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Pod } from "../../sim/api/index.ts";
import { type AnyPlugin, definePlugin, type PodInfo } from "../../sim/scheduler/index.ts";
import { makeNode, makePod } from "../../test/builders.ts";
import {
  budget,
  type CaseOptions,
  PreemptionCase,
  withStatus,
} from "../../test/preemption-fixture.ts";

interface Running {
  readonly priority?: number;
  readonly cpu?: string;
  /** RFC 3339 time of 2024-06-01, as 00:10:00; "": it has not started. */
  readonly start?: string;
  readonly app?: string;
}

function running(name: string, { priority = 1, cpu = "1", start, app }: Running = {}): Pod {
  const pod = makePod(name).cpu(cpu).priority(priority).onNode("a");
  if (app !== undefined) pod.label("app", app);
  const startTime = start === "" ? undefined : `2024-06-01T${start ?? "00:00:00"}Z`;
  return withStatus(pod.build(), {
    phase: "Running",
    ...(startTime === undefined ? {} : { startTime }),
  });
}

const onNode = (cpu: string, pods: readonly Pod[], more: Partial<CaseOptions> = {}) =>
  new PreemptionCase({ nodes: [makeNode("a").cpu(cpu).build()], pods, ...more });

const preemptor = (cpu = "1") => makePod("p").cpu(cpu).priority(100).build();

/** Names of the victims on node a in their order, and how many break a budget. */
function victims(world: PreemptionCase, pod: Pod): [string[], number] {
  const [candidate] = world.explain(pod).candidates;
  return [(candidate?.victims ?? []).map(({ name }) => name), candidate?.numPDBViolations ?? 0];
}

describe("whom it takes", () => {
  test.each<[string, string, Pod[], string, string[]]>([
    [
      "only as many as it needs, the least important",
      "3",
      [running("x", { priority: 3 }), running("y", { priority: 1 }), running("z", { priority: 2 })],
      "1",
      ["y"],
    ],
    [
      "of equal priority the one that started last",
      "3",
      [
        running("x", { start: "00:00:02" }),
        running("y", { start: "00:00:03" }),
        running("z", { start: "00:00:01" }),
      ],
      "1",
      ["y"],
    ],
    [
      "first of all one that has not started",
      "2",
      [running("x", { start: "" }), running("y", { start: "00:00:01" })],
      "1",
      ["x"],
    ],
    [
      "a big one, where the more important ones are small enough to stay",
      "4",
      [
        running("x", { priority: 1, cpu: "1" }),
        running("y", { priority: 3, cpu: "2" }),
        running("z", { priority: 2, cpu: "1" }),
      ],
      "2",
      ["z", "x"],
    ],
    [
      "a less important one may stay when a more important one must go",
      "3",
      [running("x", { priority: 3, cpu: "2" }), running("y", { priority: 1, cpu: "1" })],
      "2",
      ["x"],
    ],
    [
      "never one of equal priority",
      "2",
      [running("x", { priority: 100 }), running("y")],
      "1",
      ["y"],
    ],
    [
      "several, by importance",
      "3",
      [running("x", { priority: 1 }), running("y", { priority: 3 }), running("z", { priority: 2 })],
      "3",
      ["y", "z", "x"],
    ],
  ])("%s", (_case, cpu, pods, wanted, expected) => {
    expect(victims(onNode(cpu, pods), preemptor(wanted))).toEqual([expected, 0]);
  });

  test("room that a nominated pod of higher priority was promised is not given away", () => {
    const promised = makePod("n").cpu("1").priority(200).build();
    const nominated = [withStatus(promised, { nominatedNodeName: "a" })];
    const world = onNode("2", [running("x"), running("y")], { nominated });
    expect(victims(world, preemptor())).toEqual([["x", "y"], 0]);
  });

  test("of pods that share its host port all must go, and none is spared", () => {
    // What is free depends on the order in which they leave: each takes the port along.
    const sharing = ["x", "y"].map((name) => {
      const pod = makePod(name).priority(1).hostPort(80).onNode("a").build();
      return withStatus(pod, { phase: "Running", startTime: "2024-06-01T00:00:00Z" });
    });
    const world = onNode("4", sharing, { filters: ["NodePorts", "NodeResourcesFit"] });
    const pod = makePod("p").priority(100).hostPort(80).build();
    expect(victims(world, pod)).toEqual([["x", "y"], 0]);
  });

  test("a port that a nominated pod shares with a running one stays in use", () => {
    const low = makePod("x").priority(1).cpu("1").onNode("a").build();
    const high = makePod("y").priority(300).hostPort(80).onNode("a").build();
    const promised = makePod("n").priority(200).hostPort(80).build();
    const nominated = [withStatus(promised, { nominatedNodeName: "a" })];
    const filters = ["NodePorts", "NodeResourcesFit"];
    const world = onNode("1", [low, high], { nominated, filters });
    const pod = makePod("p").priority(100).cpu("1").hostPort(80).build();
    expect(world.explain(pod).candidates).toEqual([]);
  });

  test("that it fits with nobody gone is an error, and leaves the nomination", () => {
    const world = onNode("2", [running("x")]);
    const info = world.info(preemptor());
    const rejection = { code: "Unschedulable", reasons: ["told so"] } as const;
    const diagnosis = {
      ...world.framework.diagnose(info),
      rejectionAt: () => rejection,
      unschedulableSlots: () => world.cache.order(),
    };
    const attempt = { diagnosis, draw: () => 0, isLowestName: true };
    expect(world.framework.postFilter(info, attempt)).toMatchObject({
      message: 'preemption: expected at least one victim pod on node "a"',
      keepsNomination: true,
    });
  });
});

describe("budgets", () => {
  const two = [
    running("x", { priority: 1, app: "web" }),
    running("y", { priority: 2, app: "other" }),
  ];
  test.each<[string, Pod[], CaseOptions["budgets"], string[], number]>([
    ["whose removal breaks one is spared first", two, [budget("b", { app: "web" }, 0)], ["y"], 0],
    ["a budget that allows it does not matter", two, [budget("b", { app: "web" }, 1)], ["x"], 0],
    [
      "the budget is used up from the most important one on",
      [running("x", { priority: 2, app: "web" }), running("y", { priority: 1, app: "web" })],
      [budget("b", { app: "web" }, 1)],
      ["x"],
      0,
    ],
    [
      "one that lists the pod as disrupted has counted it already",
      two,
      [budget("b", { app: "web" }, 0, { x: "2024-06-01T00:00:00Z" })],
      ["x"],
      0,
    ],
    ["one with an empty selector selects nothing", two, [budget("b", {}, 0)], ["x"], 0],
    [
      "one of another namespace does not count",
      two,
      [withNamespace(budget("b", { app: "web" }, 0), "other")],
      ["x"],
      0,
    ],
    [
      "several may select one pod",
      two,
      [budget("b", { app: "web" }, 5), budget("c", { app: "web" }, 0)],
      ["y"],
      0,
    ],
    [
      "all are broken",
      two,
      [budget("b", { app: "web" }, 0), budget("c", { app: "other" }, 0)],
      ["x"],
      1,
    ],
  ])("%s", (_case, pods, budgets = [], expected, violations) => {
    expect(victims(onNode("2", pods, { budgets }), preemptor())).toEqual([expected, violations]);
  });

  test("a pod without labels is nobody's", () => {
    const exists = budget("b", {}, 0);
    const matchExpressions = [{ key: "app", operator: "DoesNotExist" }];
    const budgets = [{ ...exists, spec: { selector: { matchExpressions } } }];
    expect(victims(onNode("1", [running("x")], { budgets }), preemptor())).toEqual([["x"], 0]);
  });

  test("victims that break one come first, whatever their priority", () => {
    const world = onNode("2", two, { budgets: [budget("b", { app: "web" }, 0)] });
    expect(victims(world, preemptor("2"))).toEqual([["x", "y"], 1]);
  });
});

function withNamespace<T extends { metadata: object }>(object: T, namespace: string): T {
  return { ...object, metadata: { ...object.metadata, namespace } };
}

describe("a dry run is repeated when something that it depends on has changed", () => {
  const pods = [
    running("x", { priority: 2, app: "web", start: "" }),
    running("y", { priority: 2, app: "other", start: "" }),
  ];
  const first = (world: PreemptionCase): unknown => {
    expect(victims(world, preemptor())).toEqual([["y"], 0]);
    return world.explain(preemptor()).candidates[0]?.victims;
  };

  test("and not before", () => {
    const world = onNode("2", pods);
    const known = first(world);
    const like = makePod("q").cpu("1").priority(100).build();
    expect(world.explain(like).candidates[0]?.victims).toBe(known);
    world.cache.objects.set(budget("b", { app: "nobody" }, 0));
    const again = first(world);
    world.cache.objects.set({ ...budget("b", { app: "nobody" }, 7) });
    expect(victims(world, preemptor())).toEqual([["y"], 0]);
    expect(again).toEqual(known);
  });

  test.each<[string, (world: PreemptionCase) => void, string[], number]>([
    ["a budget comes", (w) => w.cache.objects.set(budget("b", { app: "other" }, 0)), ["x"], 0],
    [
      "a budget is used up",
      (w) => {
        const guard = budget("b", { app: "other" }, 1);
        w.cache.objects.set(guard);
        expect(victims(w, preemptor())).toEqual([["y"], 0]);
        const usedUp = { ...guard, status: { ...guard.status, disruptionsAllowed: 0 } };
        w.cache.objects.set(usedUp);
      },
      ["x"],
      0,
    ],
    [
      "a pod starts",
      (w) => w.bind(withStatus(pods[1] as Pod, { startTime: "2024-06-01T00:00:00Z" })),
      ["x"],
      0,
    ],
    ["a pod goes", (w) => w.remove(pods[1] as Pod), [], 0],
    ["a pod comes", (w) => w.bind(running("z", { priority: 1, cpu: "0" })), ["y"], 0],
  ])("%s", (_case, change, expected, violations) => {
    const world = onNode("2", pods);
    first(world);
    change(world);
    expect(victims(world, preemptor())).toEqual([expected, violations]);
  });

  test("pods of another priority have runs of their own", () => {
    const world = onNode("2", pods);
    first(world);
    const meek = makePod("q").cpu("1").priority(2).build();
    expect(victims(world, meek)).toEqual([[], 0]);
  });
});

/** The plain way is taken where a filter does not claim that it grows stricter with more pods. */
const unclaimed = definePlugin({ name: "Unclaimed", locality: "node", filter: () => undefined });

describe("a filter that a pod more may satisfy", () => {
  const wantsCompany = definePlugin({
    name: "WantsCompany",
    locality: "node",
    filter: (_pod, node) =>
      node.pods.length === 1 ? undefined : `${node.pods.length} on the node, not one`,
  });

  test("is asked about the empty node first, then with each pod that comes back", () => {
    const pods = [running("x", { priority: 200 }), running("y"), running("z")];
    const world = onNode("4", pods, { plugins: [wantsCompany] });
    expect(victims(world, preemptor())).toEqual([["y", "z"], 0]);
    const alone = onNode("4", [running("y"), running("z")], { plugins: [wantsCompany] });
    expect(alone.explain(preemptor()).nodeStatuses.get("a")?.reasons).toEqual([
      "0 on the node, not one",
    ]);
  });
});

describe("properties", () => {
  const anyPod = fc.record({
    priority: fc.integer({ min: -2, max: 6 }),
    cpuMilli: fc.integer({ min: 0, max: 9 }).map((tenths) => tenths * 100),
    second: fc.integer({ min: 0, max: 3 }),
    app: fc.constantFrom("a", "b", undefined),
  });
  const anyCase = fc.record({
    pods: fc.array(anyPod, { minLength: 1, maxLength: 14 }),
    wantedMilli: fc.integer({ min: 1, max: 20 }).map((tenths) => tenths * 100),
    allowed: fc.integer({ min: 0, max: 2 }),
    podLimit: fc.integer({ min: 8, max: 20 }),
  });
  type Case = typeof anyCase extends fc.Arbitrary<infer T> ? T : never;

  function worldOf({ pods, allowed, podLimit }: Case, plugins: readonly AnyPlugin[] = []) {
    const used = pods.reduce((sum, { cpuMilli }) => sum + cpuMilli, 0);
    return new PreemptionCase({
      // Never room for the pod itself.
      nodes: [
        makeNode("a")
          .cpu(`${used + 50}m`)
          .pods(podLimit)
          .build(),
      ],
      pods: pods.map(({ priority, cpuMilli, second, app }, i) =>
        running(`v${i}`, {
          priority,
          cpu: `${cpuMilli}m`,
          start: `00:00:0${second}`,
          ...(app === undefined ? {} : { app }),
        }),
      ),
      budgets: [budget("b", { app: "a" }, allowed)],
      plugins,
    });
  }
  const preemptorOf = ({ wantedMilli }: Case) =>
    makePod("p").cpu(`${wantedMilli}m`).priority(3).build();

  test("victims are lower in rank, suffice, and none of them could have stayed", () => {
    fc.assert(
      fc.property(anyCase, (each) => {
        const { pods, wantedMilli, podLimit } = each;
        const { candidates } = worldOf(each).explain(preemptorOf(each));
        const removable = pods.filter(({ priority }) => priority < 3);
        const milli = removable.reduce((sum, { cpuMilli }) => sum + cpuMilli, 50);
        const places = podLimit - pods.length + removable.length;
        const isPossible = removable.length > 0 && milli >= wantedMilli && places >= 1;
        expect(candidates.length).toBe(isPossible ? 1 : 0);
        for (const { victims: chosen } of candidates) {
          expect(chosen.every(({ priority }) => priority < 3)).toBe(true);
          const fits = (gone: readonly PodInfo[]): boolean =>
            gone.reduce((sum, { requests }) => sum + (requests[0] ?? 0), 50) >= wantedMilli &&
            pods.length - gone.length + 1 <= podLimit;
          expect(fits(chosen)).toBe(true);
          for (const one of chosen) expect(fits(chosen.filter((pod) => pod !== one))).toBe(false);
        }
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  test("the short cut for filters that grow stricter with more pods changes nothing", () => {
    fc.assert(
      fc.property(anyCase, (each) => {
        const outcome = (plugins: readonly AnyPlugin[]): unknown => {
          const { candidates, nodeStatuses } = worldOf(each, plugins).explain(preemptorOf(each));
          return {
            candidates: candidates.map(({ victims: chosen, numPDBViolations }) => [
              chosen.map(({ name }) => name),
              numPDBViolations,
            ]),
            reasons: nodeStatuses.get("a")?.reasons,
          };
        };
        expect(outcome([])).toEqual(outcome([unclaimed]));
      }),
      { seed: 2, numRuns: 300 },
    );
  });
});
