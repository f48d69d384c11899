import { describe, expect, test } from "vitest";
import { jsonPatch } from "./json-patch.ts";

describe("jsonPatch", () => {
  // RFC 6902, appendix A.
  test.each([
    [
      "A.1",
      { foo: "bar" },
      [{ op: "add", path: "/baz", value: "qux" }],
      { baz: "qux", foo: "bar" },
    ],
    [
      "A.2",
      { foo: ["bar", "baz"] },
      [{ op: "add", path: "/foo/1", value: "qux" }],
      { foo: ["bar", "qux", "baz"] },
    ],
    ["A.3", { baz: "qux", foo: "bar" }, [{ op: "remove", path: "/baz" }], { foo: "bar" }],
    [
      "A.4",
      { foo: ["bar", "qux", "baz"] },
      [{ op: "remove", path: "/foo/1" }],
      { foo: ["bar", "baz"] },
    ],
    [
      "A.5",
      { baz: "qux", foo: "bar" },
      [{ op: "replace", path: "/baz", value: "boo" }],
      { baz: "boo", foo: "bar" },
    ],
    [
      "A.6",
      { foo: { bar: "baz", waldo: "fred" }, qux: { corge: "grault" } },
      [{ op: "move", from: "/foo/waldo", path: "/qux/thud" }],
      { foo: { bar: "baz" }, qux: { corge: "grault", thud: "fred" } },
    ],
    [
      "A.7",
      { foo: ["all", "grass", "cows", "eat"] },
      [{ op: "move", from: "/foo/1", path: "/foo/3" }],
      { foo: ["all", "cows", "eat", "grass"] },
    ],
    [
      "A.8",
      { baz: "qux", foo: ["a", 2, "c"] },
      [
        { op: "test", path: "/baz", value: "qux" },
        { op: "test", path: "/foo/1", value: 2 },
      ],
      { baz: "qux", foo: ["a", 2, "c"] },
    ],
    ["A.9", { baz: "qux" }, [{ op: "test", path: "/baz", value: "bar" }], undefined],
    [
      "A.10",
      { foo: "bar" },
      [{ op: "add", path: "/child", value: { grandchild: {} } }],
      { foo: "bar", child: { grandchild: {} } },
    ],
    ["A.12", { foo: "bar" }, [{ op: "add", path: "/baz/bat", value: "qux" }], undefined],
    ["A.14", { "/": 9, "~1": 10 }, [{ op: "test", path: "/~01", value: 10 }], { "/": 9, "~1": 10 }],
    ["A.15", { "/": 9, "~1": 10 }, [{ op: "test", path: "/~01", value: "10" }], undefined],
    [
      "A.16",
      { foo: ["bar"] },
      [{ op: "add", path: "/foo/-", value: ["abc", "def"] }],
      { foo: ["bar", ["abc", "def"]] },
    ],
    [
      "copy",
      { a: { b: 1 } },
      [{ op: "copy", from: "/a", path: "/c" }],
      { a: { b: 1 }, c: { b: 1 } },
    ],
    ["a negative index", { a: [1, 2] }, [{ op: "remove", path: "/a/-1" }], { a: [1] }],
    ["an index past the end", { a: [1] }, [{ op: "add", path: "/a/2", value: 3 }], undefined],
    ["replace of what is missing", {}, [{ op: "replace", path: "/a", value: 1 }], undefined],
    ["remove of what is missing", {}, [{ op: "remove", path: "/a" }], undefined],
    ["an unknown operation", {}, [{ op: "put", path: "/a" }], undefined],
    ["a move into itself", { a: { b: 1 } }, [{ op: "move", from: "/a", path: "/a/b" }], undefined],
  ])("%s", (_case, document, operations, expected) => {
    const before = structuredClone(document);
    expect(jsonPatch(document, operations)).toEqual(expected);
    expect(document).toEqual(before);
  });
});
