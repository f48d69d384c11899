import { describe, expect, test } from "vitest";
import { mergePatch } from "./merge-patch.ts";

describe("mergePatch", () => {
  // The examples of RFC 7386, appendix A, that concern objects.
  test.each([
    [{ a: "b" }, { a: "c" }, { a: "c" }],
    [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
    [{ a: "b" }, { a: null }, {}],
    [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
    [{ a: ["b"] }, { a: "c" }, { a: "c" }],
    [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
    [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
    [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])("%j with %j is %j", (target, patch, expected) => {
    expect(mergePatch(target, patch)).toEqual(expected);
  });

  test("replaces conditions by type, and keeps the others", () => {
    const target = { conditions: [{ type: "A", status: "True", reason: "x" }, { type: "B" }] };
    const patch = { conditions: [{ type: "A", status: "False" }, { type: "C" }] };
    expect(mergePatch(target, patch)).toEqual({
      conditions: [{ type: "A", status: "False" }, { type: "B" }, { type: "C" }],
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
});
