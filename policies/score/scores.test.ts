import { describe, expect, test } from "vitest";
import { makeNode, makePod } from "../../test/builders.ts";
import { scores } from "../../test/one-plugin.ts";
import { imageLocality } from "./image-locality.ts";
import { nodeResourcesBalancedAllocation } from "./node-resources-balanced-allocation.ts";

const GPU = "example.com/gpu";
const MIB = 1024 * 1024;

describe("NodeResourcesBalancedAllocation", () => {
  const nodes = [makeNode("n").cpu("4").memory("8Gi").resource(GPU, "4")];
  const bound = [makePod("b").onNode("n").cpu("1").memory("2Gi")];
  const withGpu = [{ name: "cpu" }, { name: "memory" }, { name: GPU }];

  test.each([
    ["equal shares", {}, makePod("p").cpu("1").memory("2Gi"), 100],
    ["two shares differ by a half", {}, makePod("p").cpu("2"), 75],
    ["no request counts as none", {}, makePod("p"), 100],
    ["shares are capped at 1", {}, makePod("p").cpu("40").memory("6Gi"), 100],
    [
      "three shares: 0.5, 0.25, 0.75",
      { resources: withGpu },
      makePod("p").cpu("1").request(GPU, "3"),
      79,
    ],
    ["a resource nobody asks for is left out", { resources: withGpu }, makePod("p").cpu("1"), 87],
  ])("%s", (_case, args, pod, wanted) => {
    expect(scores(nodeResourcesBalancedAllocation(args), pod, { nodes, bound })).toEqual([wanted]);
  });

  test("refuses weights other than 1", () => {
    const resources = [{ name: "cpu", weight: 2 }];
    expect(() => nodeResourcesBalancedAllocation({ resources })).toThrow(
      "NodeResourcesBalancedAllocationArgs.resources[0].weight: Invalid value: 2: must be 1",
    );
  });
});

describe("ImageLocality", () => {
  const holding = (mib: number, ...names: string[]) => makeNode("with").image(mib * MIB, ...names);
  const empty = makeNode("without");

  test.each([
    [
      "an image nobody has is skipped",
      [holding(500, "x:v1"), empty],
      makePod("p").image("y:v1"),
      undefined,
    ],
    [
      "half of the nodes: half of the size",
      [holding(1000, "x:v1"), empty],
      makePod("p").image("x:v1"),
      [48, 0],
    ],
    [
      "below 23 MiB earns nothing",
      [holding(46, "x:v1"), empty],
      makePod("p").image("x:v1"),
      [0, 0],
    ],
    [
      "1000 MiB per container is the most",
      [holding(4000, "x:v1"), empty],
      makePod("p").image("x:v1"),
      [100, 0],
    ],
    [
      "a missing tag is latest",
      [holding(1000, "x:latest"), empty],
      makePod("p").image("x"),
      [48, 0],
    ],
    [
      "a port is no tag",
      [holding(1000, "r:5000/x:latest"), empty],
      makePod("p").image("r:5000/x"),
      [48, 0],
    ],
    [
      "init containers count, and raise the most",
      [holding(1000, "x:v1"), empty],
      makePod("p").image("x:v1").initContainer({}, "x:v1"),
      [49, 0],
    ],
  ])("%s", (_case, nodes, pod, wanted) => {
    expect(scores(imageLocality(), pod, { nodes })).toEqual(wanted);
  });
});
