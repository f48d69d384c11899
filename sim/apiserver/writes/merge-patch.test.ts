import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mergePatch } from "./merge-patch.ts";

describe("mergePatch", () => {
  // The examples of RFC 7386, appendix A.
  test.each([
    [{ a: "b" }, { a: "c" }, { a: "c" }],
    [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
    [{ a: "b" }, { a: null }, {}],
    [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
    [{ a: ["b"] }, { a: "c" }, { a: "c" }],
    [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
    [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
    [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
    [
      ["a", "b"],
      ["c", "d"],
      ["c", "d"],
    ],
    [{ a: "b" }, ["c"], ["c"]],
    [{ a: "foo" }, null, null],
    [{ a: "foo" }, "bar", "bar"],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: "b", c: null }, { a: "b" }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])("%j with %j is %j", (target, patch, expected) => {
    expect(mergePatch(target, patch)).toEqual(expected);
  });

  test("replaces lists whole, conditions too", () => {
    const target = { conditions: [{ type: "A" }, { type: "B" }] };
    expect(mergePatch(target, { conditions: [{ type: "C" }] })).toEqual({
      conditions: [{ type: "C" }],
    });
  });

  test("shares what the patch does not name, and changes neither argument", () => {
    const target = Object.freeze({ spec: Object.freeze({ a: 1 }), status: Object.freeze({}) });
    const merged = mergePatch(target, { status: { phase: "Running" } }) as typeof target;
    expect(merged.spec).toBe(target.spec);
  });

  test("a field of the patch that is undefined is not there", () => {
    expect(mergePatch({ spec: 1 }, { spec: undefined })).toEqual({ spec: 1 });
  });

  test("a second time it changes nothing", () => {
    const json = fc.jsonValue({ maxDepth: 3 });
    fc.assert(
      fc.property(json, json, (target, patch) => {
        const once = mergePatch(target, patch);
        expect(mergePatch(once, patch)).toEqual(once);
      }),
      { seed: 7386 },
    );
  });
});
