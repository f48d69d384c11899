import { describe, expect, test } from "vitest";
import { type Figure, ratio, verdict } from "./figure.ts";

const measured: Figure = {
  value: 10,
  unit: "s",
  bound: "about",
  use: "predicted",
  source: "a paper",
};

describe("what a simulated figure beside a published one means", () => {
  test.each<[simulated: number, published: Partial<Figure>, verdict: string]>([
    [10, {}, "agrees"],
    [12.5, {}, "agrees"],
    [12.6, {}, "near"],
    [8, {}, "agrees"],
    [5, {}, "near"],
    [4.9, {}, "too low"],
    [20.1, {}, "too high"],
    [10.1, { use: "definition" }, "equal"],
    [11, { use: "definition" }, "differs"],
    [10, { bound: "at most" }, "kept"],
    [10.1, { bound: "at most" }, "exceeded"],
    [10, { bound: "at least" }, "reached"],
    [9.9, { bound: "at least" }, "missed"],
  ])("%d beside 10 %j: %s", (simulated, changed, wanted) => {
    expect(verdict({ what: "", simulated, published: { ...measured, ...changed } })).toBe(wanted);
  });

  test("the ratio is simulated by published", () => {
    expect(ratio({ what: "", simulated: 25, published: measured })).toBe(2.5);
  });
});
