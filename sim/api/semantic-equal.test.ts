import { describe, expect, test } from "vitest";
import { semanticallyEqual } from "./semantic-equal.ts";

describe("two values are semantically equal", () => {
  test.each([
    ["the same", { a: [1, { b: "x" }] }, { a: [1, { b: "x" }] }, true],
    ["another leaf", { a: [1, { b: "x" }] }, { a: [1, { b: "y" }] }, false],
    ["another order of keys", { a: 1, b: 2 }, { b: 2, a: 1 }, true],
    ["another order in a list", [1, 2], [2, 1], false],
    ["a longer list", [1], [1, 2], false],
    ["a missing list and an empty one", { a: 1 }, { a: 1, taints: [] }, true],
    ["a missing map and an empty one", { labels: {} }, {}, true],
    ["a missing field and one of value", {}, { a: "" }, false],
    ["a field on the left only", { a: 1 }, {}, false],
    ["a list and a map", [1], { 0: 1 }, false],
    ["a number and its text", 1, "1", false],
    ["false and nothing", { a: false }, {}, false],
  ])("%s: %j %j is %s", (_name, a, b, expected) => {
    expect(semanticallyEqual(a, b)).toBe(expected);
    expect(semanticallyEqual(b, a)).toBe(expected);
  });
});
