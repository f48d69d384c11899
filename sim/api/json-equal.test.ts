import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { jsonEqual } from "./json-equal.ts";
import { canonicalJson } from "./metadata.ts";

describe("jsonEqual", () => {
  const leaf = fc.constantFrom<unknown>(0, 1, "", "a", true, null, undefined);
  const value = fc.letrec((tie) => ({
    any: fc.oneof({ maxDepth: 3 }, leaf, tie("list"), tie("map")),
    list: fc.array(tie("any"), { maxLength: 2 }),
    map: fc.dictionary(fc.constantFrom("x", "y"), tie("any"), {
      maxKeys: 2,
      noNullPrototype: true,
    }),
  })).any;

  test("says what the canonical texts say", () => {
    const sameText = (a: unknown, b: unknown): boolean => canonicalJson(a) === canonicalJson(b);
    fc.assert(
      fc.property(value, value, (a, b) => jsonEqual(a, b) === sameText(a, b)),
      { seed: 4, numRuns: 2000 },
    );
  });

  test.each([
    ["the order of fields does not matter", { x: 1, y: [{}] }, { y: [{}], x: 1 }, true],
    ["an absent field is a null one", { x: null }, {}, true],
    ["an empty list is no absent one", { x: [] }, {}, false],
    ["a list is no map", [], {}, false],
  ])("%s", (_case, a, b, equal) => {
    expect([jsonEqual(a, b), jsonEqual(b, a)]).toEqual([equal, equal]);
  });
});
