import { describe, expect, test } from "vitest";
import { RetryAfter } from "./retry-after.ts";

/** Retry-After in each second, of the last of that many refusals. */
function run(refusals: readonly number[]): (number | undefined)[] {
  const retryAfter = new RetryAfter();
  return refusals.map((count, second) => {
    let told: number | undefined;
    for (let i = 0; i < count; i++) told = retryAfter.refused(second * 1_000_000 + i);
    return told;
  });
}

describe("Retry-After", () => {
  test.each<[string, number[], (number | undefined)[]]>([
    ["is 1 s at first", [100], [1]],
    ["stays while there are few refusals", [2, 2, 2], [1, 1, 1]],
    ["doubles after three in a second", [3, 1], [1, 2]],
    [
      "waits as long as it is before it doubles again",
      [9, 9, 9, 9, 9, 9, 9, 9],
      [1, 2, 2, 4, 4, 4, 4, 8],
    ],
    [
      "sinks by one when there are few",
      [9, 9, 9, 1, 0, 0, 0, 1, 1],
      [1, 2, 2, 4, undefined, undefined, undefined, 3, 2],
    ],
  ])("%s", (_, refusals, expected) => {
    expect(run(refusals)).toEqual(expected);
  });

  test("is no more than 32 s", () => {
    expect(run(Array.from({ length: 200 }, () => 500)).at(-1)).toBe(32);
  });
});
