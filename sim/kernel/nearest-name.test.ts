import { describe, expect, test } from "vitest";
import { nearestName } from "./nearest-name.ts";

describe("nearestName", () => {
  test.each([
    ["a slip of one letter", "defualt", "default"],
    ["two letters swapped, where another name is two changes away", "radnom", "random"],
    ["another case", "Default", "default"],
    ["a missing dash", "firstfit", "first-fit"],
    ["nothing alike", "kubernetes", undefined],
    ["an empty name", "", undefined],
  ])("%s", (_case, name, wanted) => {
    expect(nearestName(name, ["default", "first-fit", "radon", "random"])).toBe(wanted);
  });
});
