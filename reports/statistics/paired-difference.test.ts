import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Bootstrap } from "./bootstrap.ts";
import { pairedDifference } from "./paired-difference.ts";

describe("a paired difference", () => {
  const bootstrap = new Bootstrap();

  test("is that of the pairs, with its interval, its tests and its size", () => {
    const pairs = [1, 2, 3, 4, 5].map((i) => ({ value: 10 + i + (i % 2), baseline: 10 + i }));
    const found = pairedDifference(pairs, bootstrap);
    // differences 1 0 1 0 1: mean 0.6, sd sqrt(0.3), t = 0.6 / sqrt(0.3 / 5) = 2.449
    expect(found).toMatchObject({ n: 5, wilcoxonP: 0.25, rankBiserial: 1 });
    expect(found?.mean).toBeCloseTo(0.6, 12);
    expect(found?.relative).toBeCloseTo(0.6 / 13, 12);
    expect(found?.tP).toBeCloseTo(0.070484, 5);
    expect(found?.cohenDz).toBeCloseTo(0.6 / Math.sqrt(0.3), 12);
    expect(found?.t?.low).toBeCloseTo(0.6 - 2.776445 * Math.sqrt(0.06), 5);
  });

  test.each([
    ["no pairs", [], undefined],
    ["one pair", [[3, 2]], { n: 1, mean: 1, relative: 0.5, tP: undefined, moreSeeds: undefined }],
    [
      "equal values",
      [
        [2, 2],
        [3, 3],
      ],
      { mean: 0, tP: 1, wilcoxonP: 1, cohenDz: undefined },
    ],
    [
      "a constant gain",
      [
        [3, 2],
        [5, 4],
      ],
      { mean: 1, sd: 0, tP: 0, moreSeeds: 0 },
    ],
    [
      "a baseline of 0",
      [
        [1, 0],
        [2, 0],
      ],
      { mean: 1.5, relative: undefined },
    ],
  ] as [string, [number, number][], object | undefined][])("%s", (_, pairs, expected) => {
    const found = pairedDifference(
      pairs.map(([value, baseline]) => ({ value, baseline })),
      bootstrap,
    );
    if (expected === undefined) expect(found).toBeUndefined();
    else expect(found).toMatchObject(expected);
    for (const figure of Object.values(found ?? {})) expect(figure).not.toBeNaN();
  });

  test("is SciPy's: ttest_1samp and wilcoxon of the differences", () => {
    const differences = [0.3, -0.1, 1.7, 0.4, 0.9, -0.6, 3.8, 0.2, 1.1, 0.05, 2.4, -0.2];
    const pairs = differences.map((each, i) => ({ value: 10 + i + each, baseline: 10 + i }));
    const found = pairedDifference(pairs, bootstrap);
    expect(found?.tP).toBeCloseTo(0.04405906134692275, 7);
    expect(found?.t?.low).toBeCloseTo(0.026341937433585927, 7);
    expect(found?.t?.high).toBeCloseTo(1.6319913958997474, 7);
    expect(found?.wilcoxonP).toBeCloseTo(0.0361328125, 12);
    expect(found?.cohenDz).toBeCloseTo(0.6562171624287836, 9);
    expect(found?.rankBiserial).toBeCloseTo((65.5 - 12.5) / 78, 12);
  });

  test("takes decimals that differ by as much for equal, whatever their binary fractions", () => {
    const pairs = [
      { value: 5.3, baseline: 4.2 },
      { value: 3.2, baseline: 2.1 },
      { value: 1.4, baseline: 0.3 },
    ];
    expect(new Set(pairs.map(({ value, baseline }) => value - baseline)).size).toBeGreaterThan(1);
    const found = pairedDifference(pairs, bootstrap);
    expect(found?.mean).toBeCloseTo(1.1, 9);
    expect(found).toMatchObject({ sd: 0, tP: 0, wilcoxonP: 0.25, moreSeeds: 0 });
  });

  const anyPairs = fc.array(
    fc.record({
      value: fc.integer({ min: 0, max: 99 }),
      baseline: fc.integer({ min: 0, max: 99 }),
    }),
    { minLength: 2, maxLength: 20 },
  );

  test("knows no NaN, and turns round with its policies", () => {
    fc.assert(
      fc.property(anyPairs, (pairs) => {
        const there = pairedDifference(pairs, bootstrap);
        const swapped = pairs.map(({ value, baseline }) => ({ value: baseline, baseline: value }));
        const back = pairedDifference(swapped, bootstrap);
        for (const figure of Object.values(there ?? {})) expect(figure).not.toBeNaN();
        expect(back?.mean).toBeCloseTo(-(there?.mean ?? 0), 9);
        expect(back?.tP).toBeCloseTo(there?.tP ?? 2, 9);
        expect(back?.wilcoxonP).toBeCloseTo(there?.wilcoxonP ?? 2, 9);
        expect(back?.rankBiserial).toBeCloseTo(-(there?.rankBiserial ?? 2), 9);
      }),
      { seed: 6, numRuns: 100 },
    );
  });

  test("does not depend on the order of the seeds", () => {
    fc.assert(
      fc.property(anyPairs, (pairs) => {
        const there = pairedDifference(pairs, bootstrap);
        const turned = pairedDifference([...pairs].reverse(), bootstrap);
        expect(turned?.wilcoxonP).toBe(there?.wilcoxonP);
        expect(turned?.bootstrap).toEqual(there?.bootstrap);
        expect(turned?.mean).toBeCloseTo(there?.mean ?? 0, 9);
      }),
      { seed: 7, numRuns: 50 },
    );
  });
});
