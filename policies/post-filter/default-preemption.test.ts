import { describe, expect, test } from "vitest";
import type { Pod } from "../../sim/api/index.ts";
import { makeNode, makePod } from "../../test/builders.ts";
import {
  budget,
  type CaseOptions,
  PreemptionCase,
  withStatus,
} from "../../test/preemption-fixture.ts";
import { defaultPreemption } from "./default-preemption.ts";

const node = (name: string, cpu = "1") => makeNode(name).cpu(cpu).build();

/** A bound pod: `name@node`, its priority, its CPUs, and the second of its start. */
function bound(at: string, priority: number, cpu = "1", startSecond = 0, app = ""): Pod {
  const [name = "", nodeName = ""] = at.split("@");
  const pod = makePod(name).cpu(cpu).priority(priority).onNode(nodeName);
  if (app !== "") pod.label("app", app);
  const startTime = new Date(Date.UTC(2024, 5, 1, 0, 0, startSecond)).toISOString();
  return withStatus(pod.build(), { phase: "Running", startTime: `${startTime.slice(0, 19)}Z` });
}

const preemptor = (priority = 100, cpu = "1") => makePod("p").cpu(cpu).priority(priority);

describe("who may preempt", () => {
  const nodes = [node("a")];

  test("not a pod with preemptionPolicy Never: its nomination stays", () => {
    const world = new PreemptionCase({ nodes, pods: [bound("v@a", 1)] });
    const pod = preemptor().spec({ preemptionPolicy: "Never" }).build();
    expect(world.preempt(pod)).toEqual({
      nominatedNode: "",
      message: "preemption: not eligible due to preemptionPolicy=Never.",
      victims: [],
      dryRunNodes: 0,
      keepsNomination: true,
    });
    expect(world.requests).toEqual([]);
  });

  const target = {
    type: "DisruptionTarget",
    status: "True",
    reason: "PreemptionByScheduler",
  } as const;
  const nominated = withStatus(preemptor().build(), { nominatedNodeName: "a" });
  const ending = (conditions: object[], priority = 1) =>
    withStatus(makePod("v").cpu("1").priority(priority).onNode("a").terminating().build(), {
      phase: "Running",
      startTime: "2024-06-01T00:00:00Z",
      conditions: conditions as never,
    });
  const WAITS = "preemption: not eligible due to a terminating pod on the nominated node.";

  test.each<[string, Pod, string]>([
    ["a victim of its own is still ending", ending([target]), WAITS],
    ["a pod that somebody deleted is ending", ending([]), ""],
    ["an evicted pod is ending", ending([{ ...target, reason: "EvictionByEvictionAPI" }]), ""],
    ["the condition was taken back", ending([{ ...target, status: "False" }]), ""],
  ])("nominated, and %s", (_case, victim, message) => {
    const world = new PreemptionCase({ nodes, pods: [victim] });
    expect(world.preempt(nominated).message).toBe(message);
  });

  test("a victim of equal priority does not hold it up", () => {
    const world = new PreemptionCase({ nodes, pods: [ending([target], 100)] });
    expect(world.preempt(nominated).message).toBe(
      "preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.",
    );
  });

  test("a nominated node that can never do any more lets it preempt elsewhere", () => {
    const cordoned = makeNode("a").cpu("1").unschedulable().build();
    const pods = [ending([target]), bound("w@b", 1)];
    const world = new PreemptionCase({ nodes: [cordoned, node("b")], pods });
    expect(world.preempt(nominated)).toMatchObject({
      nominatedNode: "b",
      victims: ["default/w"],
    });
  });
});

describe("when it does not help", () => {
  test.each<[string, CaseOptions, Pod, string, number]>([
    [
      "no pod of lower priority",
      { nodes: [node("a"), node("b")], pods: [bound("v@a", 100), bound("w@b", 200)] },
      preemptor().build(),
      "0/2 nodes are available: 2 No preemption victims found for incoming pod.",
      0,
    ],
    [
      "it would not fit anyway",
      { nodes: [node("a"), node("b")], pods: [bound("v@a", 1), bound("w@b", 1)] },
      preemptor(100, "2").build(),
      "0/2 nodes are available: 2 Insufficient cpu.",
      2,
    ],
    [
      "no node where fewer pods would do",
      { nodes: [makeNode("a").cpu("1").unschedulable().build()], pods: [bound("v@a", 1)] },
      preemptor().build(),
      "0/1 nodes are available: 1 Preemption is not helpful for scheduling.",
      0,
    ],
    [
      "each node for its own reason",
      {
        nodes: [node("a"), node("b"), makeNode("c").cpu("1").unschedulable().build()],
        pods: [bound("v@a", 100), bound("w@b", 1, "500m"), bound("x@b", 100, "500m")],
      },
      preemptor().build(),
      "0/3 nodes are available: 1 Insufficient cpu, " +
        "1 No preemption victims found for incoming pod, " +
        "1 Preemption is not helpful for scheduling.",
      1,
    ],
  ])("%s", (_case, options, pod, message, dryRunNodes) => {
    const world = new PreemptionCase(options);
    expect(world.preempt(pod)).toEqual({
      nominatedNode: "",
      message: `preemption: ${message}`,
      victims: [],
      dryRunNodes,
      keepsNomination: false,
    });
    expect(world.explain(pod)).toMatchObject({
      code: "Unschedulable",
      message: `preemption: ${message}`,
      bestNodes: [],
    });
    expect(world.requests).toEqual([]);
  });
});

describe("which node", () => {
  const pdb = (app: string, allowed: number) => budget(app, { app }, allowed);

  test.each<[string, CaseOptions, string[]]>([
    [
      "1: fewest violated budgets, even at a higher price",
      {
        nodes: [node("a"), node("b")],
        pods: [bound("v@a", 1, "1", 0, "web"), bound("w@b", 50)],
        budgets: [pdb("web", 0)],
      },
      ["b"],
    ],
    [
      "2: lowest priority of the first victim",
      {
        nodes: [node("a"), node("b")],
        pods: [bound("v@a", 10), bound("w@b", 9, "500m"), bound("x@b", 9, "500m")],
      },
      ["b"],
    ],
    [
      "2: the first victim is one that breaks a budget, though another has a higher priority",
      {
        nodes: [node("a"), node("b")],
        pods: [
          bound("v@a", 1, "500m", 0, "web"),
          bound("w@a", 50, "500m"),
          bound("x@b", 20, "500m", 0, "web"),
          bound("y@b", 1, "500m"),
        ],
        budgets: [pdb("web", 0)],
      },
      ["a"],
    ],
    [
      "3: lowest sum of priorities",
      {
        nodes: [node("a"), node("b")],
        pods: [
          bound("v@a", 10, "500m"),
          bound("w@a", 5, "500m"),
          bound("x@b", 10, "500m"),
          bound("y@b", 4, "500m"),
        ],
      },
      ["b"],
    ],
    [
      "3: each victim more makes the sum higher, also below 0",
      {
        nodes: [node("a"), node("b")],
        pods: [bound("v@a", -5, "500m"), bound("w@a", -5, "500m"), bound("x@b", -5, "1")],
      },
      ["b"],
    ],
    [
      "4: fewest victims: one of the lowest priority there is adds nothing to the sum",
      {
        nodes: [node("a"), node("b")],
        pods: [bound("v@a", 10, "500m"), bound("w@a", -2147483648, "500m"), bound("x@b", 10)],
      },
      ["b"],
    ],
    [
      "5: latest start of the earliest among the victims of the highest priority",
      {
        nodes: [node("a"), node("b"), node("c")],
        pods: [
          bound("v@a", 10, "500m", 30),
          bound("w@a", 5, "500m", 40),
          bound("x@b", 10, "500m", 31),
          bound("y@b", 5, "500m", 1),
          bound("z@c", 10, "500m", 29),
          bound("u@c", 5, "500m", 50),
        ],
      },
      ["b"],
    ],
    [
      "5: a victim that has not started counts as started now",
      {
        nodes: [node("a"), node("b")],
        pods: [bound("v@a", 10), withStatus(bound("w@b", 10), { startTime: undefined as never })],
      },
      ["b"],
    ],
    [
      "6: all that are equal",
      {
        nodes: [node("c"), node("a"), node("b")],
        pods: [bound("v@a", 10), bound("w@b", 11), bound("x@c", 10)],
      },
      ["a", "c"],
    ],
  ])("%s", (_case, options, bestNodes) => {
    const world = new PreemptionCase(options);
    const pod = preemptor().build();
    expect(world.explain(pod)).toMatchObject({ code: "Success", message: "", bestNodes });
    expect(world.preempt(pod).nominatedNode).toBe(bestNodes[0]);
  });

  test("among equals by the draw, if not by the lowest name", () => {
    const nodes = ["a", "b", "c"].map((name) => node(name));
    const pods = ["v@a", "w@b", "x@c"].map((at) => bound(at, 1));
    const world = new PreemptionCase({ nodes, pods, draw: (count) => count - 1 });
    // The search starts at the drawn node c, goes on with a and b, and the third of them is drawn.
    expect(world.preempt(preemptor().build()).nominatedNode).toBe("b");
    expect(world.draws).toEqual([3, 3]);
  });
});

describe("how many nodes are tried", () => {
  const names = Array.from({ length: 20 }, (_, i) => `n${String(i).padStart(2, "0")}`);
  const nodes = names.map((name) => node(name));
  /** The last node is the best. */
  const pods = names.map((name, i) => bound(`v${i}@${name}`, 50 - i));

  test.each<[string, { percentage: number; absolute: number }, number, string, number]>([
    ["a share of the nodes", { percentage: 10, absolute: 0 }, 0, "n01", 2],
    ["a number of nodes", { percentage: 0, absolute: 5 }, 0, "n04", 5],
    ["the higher of both", { percentage: 25, absolute: 3 }, 0, "n04", 5],
    ["from a drawn node on", { percentage: 10, absolute: 0 }, 7, "n08", 2],
    ["and past the last one", { percentage: 10, absolute: 3 }, 18, "n19", 3],
    ["all of them if need be", { percentage: 10, absolute: 100 }, 7, "n19", 20],
  ])("%s", (_case, { percentage, absolute }, offset, best, tried) => {
    const args = {
      minCandidateNodesPercentage: percentage,
      minCandidateNodesAbsolute: absolute,
    };
    const world = new PreemptionCase({ nodes, pods, args, draw: () => offset });
    const outcome = world.preempt(preemptor().build());
    expect(outcome).toMatchObject({ nominatedNode: best, dryRunNodes: tried });
    expect(world.draws).toEqual([20]);
  });

  test("until one of the candidates breaks no budget", () => {
    const guarded = names.map((name, i) => bound(`v${i}@${name}`, 1, "1", 0, i < 15 ? "web" : ""));
    const world = new PreemptionCase({
      nodes,
      pods: guarded,
      budgets: [budget("web", { app: "web" }, 0)],
      args: { minCandidateNodesPercentage: 10, minCandidateNodesAbsolute: 0 },
      draw: () => 0,
    });
    expect(world.preempt(preemptor().build()).nominatedNode).toBe("n15");
  });

  test.each([
    [
      { minCandidateNodesPercentage: 101 },
      "minCandidateNodesPercentage: Invalid value: 101: not in valid range [0, 100]",
    ],
    [
      { minCandidateNodesAbsolute: -1 },
      "minCandidateNodesAbsolute: Invalid value: -1: not in valid range [0, inf)",
    ],
    [
      { minCandidateNodesPercentage: 0, minCandidateNodesAbsolute: 0 },
      "cannot be zero at the same time as minCandidateNodesAbsolute",
    ],
    [{ minCandidateNodesPercent: 5 }, "Did you mean minCandidateNodesPercentage?"],
    [{ minCandidateNodesAbsolute: "x" }, 'got "x", want a whole number'],
  ])("%j is refused", (args, message) => {
    expect(() => defaultPreemption(args as never)).toThrow(message);
  });
});

describe("what it does", () => {
  test("patches, deletes and tells of each victim; lower nominations on the node end", () => {
    const nominated = [
      withStatus(makePod("low").cpu("1").priority(5).build(), { nominatedNodeName: "a" }),
      withStatus(makePod("high").cpu("100m").priority(500).build(), { nominatedNodeName: "a" }),
      withStatus(makePod("elsewhere").cpu("1").priority(5).build(), { nominatedNodeName: "b" }),
    ];
    const world = new PreemptionCase({
      nodes: [node("a", "2"), node("b")],
      pods: [bound("v@a", 1), bound("w@a", 2), bound("x@b", 200)],
      nominated,
    });
    const pod = preemptor().cpu("1500m").build();
    expect(world.preempt(pod)).toEqual({
      nominatedNode: "a",
      message: "",
      victims: ["default/w", "default/v"],
      dryRunNodes: 1,
      keepsNomination: false,
    });
    const note = "Normal Preempted: Preempted by pod uid-default-p on node a";
    expect(world.requests).toEqual([
      "patch default/w status",
      "delete default/w",
      `event w ${note}`,
      "patch default/v status",
      "delete default/v",
      `event v ${note}`,
      "patch default/low status",
    ]);
    expect(world.patches[0]).toEqual({
      status: {
        conditions: [
          {
            type: "DisruptionTarget",
            status: "True",
            reason: "PreemptionByScheduler",
            message: "default-scheduler: preempting to accommodate a higher priority pod",
            lastTransitionTime: expect.stringMatching(/Z$/),
          },
        ],
      },
    });
    expect(world.patches[2]).toEqual({ status: { nominatedNodeName: "" } });
  });

  test("explaining it does nothing", () => {
    const world = new PreemptionCase({ nodes: [node("a")], pods: [bound("v@a", 1)] });
    world.explain(preemptor().build());
    expect(world.requests).toEqual([]);
    expect(world.cache.node("a")?.pods).toHaveLength(1);
  });
});
