import { describe, expect, test } from "vitest";
import type { CycleAccount } from "../explain/index.ts";
import type { ToldDecision } from "./onlooker.ts";
import { partingReasons } from "./parting-reasons.ts";

/** A cycle that found two nodes and takes one. */
const account = (given: Partial<CycleAccount>): CycleAccount => ({
  attempt: 1,
  timeUs: 1_000_000,
  profile: "default-scheduler",
  node: "n1",
  message: "",
  nodes: 2,
  evaluatedNodes: 2,
  feasibleNodes: 2,
  isNominatedNodeOnly: false,
  unseen: { count: 0, fitting: 0, examples: [] },
  rejections: [],
  preFilter: undefined,
  excludedNodes: 0,
  remedies: undefined,
  scorers: [],
  scores: [],
  tie: undefined,
  preemption: undefined,
  asked: undefined,
  ...given,
});

const told = (
  attempt: Partial<CycleAccount>,
  rest: Partial<ToldDecision> & { readonly pod?: string } = {},
): ToldDecision => ({
  index: 0,
  side: { pod: rest.pod ?? "default/web", attempt: account(attempt) },
  places: rest.places ?? new Map(),
  loads: rest.loads ?? new Map(),
});

const scores = (weight: number, n1: number, n2: number, chosen: string) => ({
  scorers: [{ plugin: "Spread", weight, isSkipped: false }],
  scores: [
    ["n1", n1],
    ["n2", n2],
  ].map(([node, normalized]) => ({
    node: node as string,
    total: weight * (normalized as number),
    isChosen: node === chosen,
    parts: [
      {
        raw: normalized as number,
        normalized: normalized as number,
        weighted: weight * (normalized as number),
      },
    ],
  })),
});

const node = (freeCpu: number, pods: readonly string[], traits = "") => ({
  free: new Map([["cpu", freeCpu]]),
  pods: new Map(pods.map((pod) => [pod, new Map([["cpu", 1000]])])),
  traits,
});

describe("why two runs part", () => {
  test("a weight that differs, and what it does to the two nodes", () => {
    const a = told({ node: "n1", ...scores(1, 80, 60, "n1") });
    const b = told({ node: "n2", ...scores(5, 60, 80, "n2") });
    expect(partingReasons(a, b)).toEqual([
      "score plugin Spread weighs 1 in A and 5 in B",
      "in A n1 scores 80, n2 scores 60",
      "in B n1 scores 300, n2 scores 400",
      "Spread puts n1 20 above it in A, 100 below it in B",
    ]);
  });

  test("a filter that rejects the other side's node", () => {
    const asked: CycleAccount["asked"] = {
      node: "n1",
      verdict: "rejected",
      rejections: [{ plugin: "NodeResourcesFit", reason: "Insufficient cpu" }],
      rank: undefined,
      total: undefined,
      room: [],
    };
    const reasons = partingReasons(told({}), told({ node: "n2", feasibleNodes: 1, asked }));
    expect(reasons).toEqual([
      "in B n1 does not fit: NodeResourcesFit: Insufficient cpu",
      "2 nodes fit in A, 1 in B",
    ]);
  });

  test("a draw among equals, and nodes that were not looked at", () => {
    const tie = { count: 2, examples: ["n1", "n2"], draw: 0.25, index: 0 };
    const a = told({ tie });
    const b = told({ node: "n2", evaluatedNodes: 1 });
    expect(partingReasons(a, b)).toEqual([
      "A looked at 2 nodes, B at 1",
      "A takes number 1 of 2 equals by the draw 0.2500; no tie in B",
    ]);
  });

  test("a node that holds another pod, and where that pod is in the other run", () => {
    const a = told(
      { node: "n1" },
      {
        loads: new Map([["n1", node(3000, ["default/x"])]]),
        places: new Map([["default/y", "in the backoff queue since 0.500 s (PodAdd)"]]),
      },
    );
    const b = told(
      { node: "n1", timeUs: 1_500_000 },
      { loads: new Map([["n1", node(1000, ["default/x", "default/y"], "tainted")]]) },
    );
    expect(partingReasons(a, b)).toEqual([
      "n1 has other labels or taints in B",
      "n1 has 2 cpu less free in B (3 in A, 1 in B)",
      "default/y is on n1 in B only: in A it is in the backoff queue since 0.500 s (PodAdd)",
      "1 node with other pods: n1",
      "A decides at 1.000 s, B at 1.500 s",
    ]);
  });

  test("another pod: where each is in the other run", () => {
    const a = told(
      {},
      { pod: "default/x", places: new Map([["default/y", "bound to n1 at 0.100 s"]]) },
    );
    const b = told({}, { pod: "default/y" });
    expect(partingReasons(a, b)).toEqual([
      "when A takes up default/x, default/y is bound to n1 at 0.100 s there",
      "when B takes up default/y, default/x does not exist there",
    ]);
  });

  test("one side without a further decision: there is nothing to compare", () => {
    expect(partingReasons(told({}), undefined)).toEqual([]);
  });
});
