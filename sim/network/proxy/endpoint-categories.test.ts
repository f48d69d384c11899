import { describe, expect, test } from "vitest";
import { canUseTopology, clusterEndpoints, localEndpoints } from "./endpoint-categories.ts";
import type { HintedEndpoint } from "./slice-endpoints.ts";

interface Given {
  readonly at: string;
  readonly is?: "ready" | "leaving" | "unready" | "ending";
  readonly node?: string;
  readonly hints?: readonly string[];
}

function endpoints(given: readonly Given[]): HintedEndpoint[] {
  return given.map(({ at, is = "ready", node = "n1", hints = [] }, slot) => ({
    address: at,
    slot,
    podKey: "",
    podName: "",
    podUid: "",
    nodeName: node,
    node: 0,
    zone: "",
    isReady: is === "ready",
    isServing: is === "ready" || is === "leaving",
    isTerminating: is === "leaving" || is === "ending",
    weight: 1,
    hints,
  }));
}

const names = (found: readonly HintedEndpoint[]): string =>
  found.map(({ address }) => address).join(" ");

const hinted: Given[] = [
  { at: "a1", hints: ["a"] },
  { at: "b1", hints: ["b"], node: "n2" },
  { at: "a2", hints: ["a"], node: "n3" },
];

// The rules of pkg/proxy/topology_test.go of v1.30, for a node n1 in zone a unless it is said otherwise.
describe("endpoints for the traffic policy Cluster", () => {
  test.each<[string, Given[], string, string]>([
    ["hints for the zone are followed", hinted, "a", "a1 a2"],
    ["another zone has its own", hinted, "b", "b1"],
    ["a node without a zone takes all", hinted, "", "a1 b1 a2"],
    ["no hint for this zone: all", hinted, "c", "a1 b1 a2"],
    ["one ready endpoint without hints: all", [...hinted, { at: "x" }], "a", "a1 b1 a2 x"],
    ["one that is not ready needs no hints", [...hinted, { at: "x", is: "unready" }], "a", "a1 a2"],
    ["an endpoint may be hinted for two zones", [{ at: "x", hints: ["a", "b"] }], "b", "x"],
    [
      "the only endpoint that is hinted for the zone is not ready: all",
      [
        { at: "a1", is: "unready", hints: ["a"] },
        { at: "b1", hints: ["b"] },
      ],
      "a",
      "b1",
    ],
    ["none is ready: those that serve while they terminate", [{ at: "x", is: "leaving" }], "", "x"],
    ["these without regard to hints", [{ at: "b1", is: "leaving", hints: ["b"] }], "a", "b1"],
    [
      "terminating is left out while one is ready",
      [{ at: "x", is: "leaving" }, { at: "y" }],
      "",
      "y",
    ],
    ["terminating without serving is no help", [{ at: "x", is: "ending" }], "", ""],
    ["neither is unready", [{ at: "x", is: "unready" }], "", ""],
  ])("%s", (_case, given, zone, expected) => {
    expect(names(clusterEndpoints(endpoints(given), zone))).toBe(expected);
  });
});

describe("endpoints for the traffic policy Local", () => {
  test.each<[string, Given[], string]>([
    ["those on the node, whatever their hints", hinted, "a1"],
    ["none there", [{ at: "x", node: "n2" }], ""],
    [
      "none there is ready: those there that serve while they terminate",
      [
        { at: "x", is: "leaving" },
        { at: "y", node: "n2" },
      ],
      "x",
    ],
    ["a ready one there comes before", [{ at: "x", is: "leaving" }, { at: "y" }], "y"],
  ])("%s", (_case, given, expected) => {
    expect(names(localEndpoints(endpoints(given), "n1"))).toBe(expected);
  });
});

test("hints need an endpoint: without any there is nothing to follow", () => {
  expect(canUseTopology([], "a")).toBe(false);
});
