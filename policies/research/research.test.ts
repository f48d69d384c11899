import { describe, expect, test } from "vitest";
import { makeNode, makePod } from "../../test/builders.ts";
import { scores } from "../../test/one-plugin.ts";
import { firstFit } from "./first-fit.ts";
import { gpuBestFit } from "./gpu-best-fit.ts";
import { random } from "./random.ts";

const GPU = "alibabacloud.com/gpu-milli";

test("Random leaves every node equal, for the scheduler's seeded draw", () => {
  const nodes = [makeNode("a"), makeNode("b").cpu("64"), makeNode("c")];
  expect(scores(random(), makePod("p").cpu("1"), { nodes })).toEqual([0, 0, 0]);
});

test("FirstFit takes the node that joined first", () => {
  const nodes = [makeNode("c"), makeNode("a"), makeNode("b")];
  expect(scores(firstFit(), makePod("p"), { nodes })).toEqual([100, 0, 0]);
});

describe("GpuBestFit", () => {
  const nodes = [
    makeNode("no-gpu").cpu("64"),
    makeNode("half").cpu("64").resource(GPU, "4000"),
    makeNode("largest").cpu("128").resource(GPU, "8000"),
  ];
  const bound = [makePod("b").onNode("half").cpu("32").request(GPU, "3000")];

  test.each([
    [
      "prefers the node with the least left over",
      makePod("p").cpu("32").request(GPU, "1000"),
      [87, 100, 18],
    ],
    ["goes by the same rule without GPU", makePod("p").cpu("32"), [87, 93, 12]],
    ["gives 0 to the largest node, empty", makePod("p"), [75, 81, 0]],
  ])("%s", (_case, pod, wanted) => {
    expect(scores(gpuBestFit(), pod, { nodes, bound })).toEqual(wanted);
  });

  test("refuses a size that is not positive", () => {
    expect(() => gpuBestFit({ gpuMax: 0 })).toThrow("GpuBestFitArgs.gpuMax: got 0, want above 0.");
  });
});
