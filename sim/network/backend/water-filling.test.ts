import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { waterLevelShares } from "../../../test/processor-sharing-oracle.ts";
import { type Claim, fillWater } from "./water-filling.ts";

function shares(capacity: number, claims: readonly (readonly [demand: number, weight: number])[]) {
  const filled: Claim[] = claims.map(([demand, weight]) => ({ demand, weight, share: -7 }));
  fillWater(filled, capacity);
  return filled.map(({ share }) => share);
}

describe("fillWater", () => {
  test.each([
    [
      "by weight, when all want more",
      8,
      [
        [9, 1],
        [9, 3],
      ],
      [2, 6],
    ],
    [
      "what it wants to who wants less than its part",
      8,
      [
        [1, 1],
        [9, 1],
        [9, 1],
      ],
      [1, 3.5, 3.5],
    ],
    [
      "anew, when the rest of one satisfies another",
      12,
      [
        [1, 1],
        [5, 1],
        [99, 1],
      ],
      [1, 5, 6],
    ],
    [
      "all that they want, when there is enough",
      8,
      [
        [3, 1],
        [5, 9],
      ],
      [3, 5],
    ],
    ["nothing to nobody", 8, [], []],
  ] as const)("gives %s", (_case, capacity, claims, expected) => {
    expect(shares(capacity, claims)).toEqual(expected);
  });

  test("is the level that bisection finds, and gives out everything that is wanted", () => {
    const claim = fc.tuple(fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 2, max: 500 }));
    const scenario = fc.tuple(
      fc.integer({ min: 1, max: 3_000 }),
      fc.array(claim, { minLength: 1, maxLength: 30 }),
    );
    fc.assert(
      fc.property(scenario, ([capacity, claims]) => {
        const given = shares(capacity, claims);
        const demands = claims.map(([demand]) => demand);
        const pods = claims.map(([, weight]) => ({ weight }));
        const expected = waterLevelShares(capacity, demands, pods);
        given.forEach((share, i) => void expect(share).toBeCloseTo(expected[i] ?? -1, 6));
        const wanted = demands.reduce((sum, demand) => sum + demand, 0);
        const total = given.reduce((sum, share) => sum + share, 0);
        expect(total).toBeCloseTo(Math.min(capacity, wanted), 6);
      }),
      { seed: 3, numRuns: 500 },
    );
  });
});
