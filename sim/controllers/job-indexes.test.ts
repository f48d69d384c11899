import fc from "fast-check";
import { expect, test } from "vitest";
import { firstPendingIndexes, formatIndexes, parseIndexes } from "./job-indexes.ts";

test.each<[number[], string]>([
  [[], ""],
  [[3], "3"],
  [[1, 2], "1,2"],
  [[1, 2, 3], "1-3"],
  [[0, 2, 3, 4, 5, 7], "0,2-5,7"],
  [[0, 1, 4, 5, 9], "0,1,4,5,9"],
])("indexes %j are written %j", (indexes, text) => {
  expect(formatIndexes(indexes)).toBe(text);
  expect(parseIndexes(text, 100)).toEqual(indexes);
});

test("reading what was written gives the same indexes", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(60)), (indexes) => {
      const sorted = [...indexes].sort((a, b) => a - b);
      expect(parseIndexes(formatIndexes(sorted), 61)).toEqual(sorted);
    }),
    { seed: 5 },
  );
});

test("indexes beyond the completions of a Job that shrank are dropped", () => {
  expect(parseIndexes("0-5,8", 4)).toEqual([0, 1, 2, 3]);
});

test.each<[number[], number, number, number[]]>([
  [[], 3, 5, [0, 1, 2]],
  [[0, 2], 2, 5, [1, 3]],
  [[0, 1, 2], 5, 4, [3]],
  [[0, 1], 1, 2, []],
])("with %j taken, the first %i below %i are %j", (taken, count, completions, wanted) => {
  expect(firstPendingIndexes(new Set(taken), count, completions)).toEqual(wanted);
});
