import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { normalCdf } from "./laws.ts";
import { signedRanks } from "./wilcoxon.ts";

const values = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 2, maxLength: 30 });

describe("Wilcoxon's signed ranks", () => {
  test("Hollander and Wolfe's depression scores, as R's wilcox.test has them", () => {
    const before = [1.83, 0.5, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.3];
    const after = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29];
    const { positive, p } = signedRanks(before.map((value, i) => value - (after[i] ?? 0)));
    expect(positive).toBe(40);
    expect(p).toBeCloseTo(0.0390625, 9);
  });

  test("Darwin's maize, as SciPy's documentation has it", () => {
    const maize = [6, 8, 14, 16, 23, 24, 28, 29, 41, -48, 49, 56, 60, -67, 75];
    const { negative, p } = signedRanks(maize);
    expect(negative).toBe(24);
    expect(p).toBeCloseTo(0.041259765625, 12);
  });

  test("the exact distribution is that of all choices of signs, ties included", () => {
    const few = fc.array(fc.integer({ min: -4, max: 4 }), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(few, (differences) => {
        expect(signedRanks(differences).p).toBeCloseTo(enumeratedP(differences), 10);
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  test("is the same for differences the other way round", () => {
    fc.assert(
      fc.property(values, (differences) => {
        const there = signedRanks(differences);
        const back = signedRanks(differences.map((each) => -each));
        expect(back.p).toBeCloseTo(there.p, 12);
        expect(back.positive).toBe(there.negative);
      }),
      { seed: 2 },
    );
  });

  test("beyond 50 differences it is the normal approximation, with continuity", () => {
    const sixty = Array.from({ length: 60 }, (_, i) => (i < 20 ? -(i + 1) : i + 1));
    const { negative, p } = signedRanks(sixty);
    expect(negative).toBe(210);
    // z = (915 - 210 - 0.5) / sqrt(60 * 61 * 121 / 24)
    expect(p).toBeCloseTo(2 * normalCdf(-704.5 / Math.sqrt(18_452.5)), 12);
    expect(p).toBeGreaterThan(1e-7);
    expect(p).toBeLessThan(4e-7);
  });

  test("ties and zeros among 80 differences, as SciPy has them", () => {
    const eighty = Array.from({ length: 80 }, (_, i) => ((i * 7) % 23) - 8);
    const { negative, n, p } = signedRanks(eighty);
    expect([n, negative]).toEqual([77, 837]);
    expect(p).toBeCloseTo(0.0007405662690105593, 12);
  });

  test("nothing but zeros tells nothing", () => {
    expect(signedRanks([0, 0, 0])).toEqual({ positive: 0, negative: 0, n: 0, p: 1 });
  });
});

/** The p-value by trying all signs of the ranks. */
function enumeratedP(differences: readonly number[]): number {
  const { positive, n } = signedRanks(differences);
  if (n === 0) return 1;
  const sizes = differences.filter((each) => each !== 0).map(Math.abs);
  const rankOf = (size: number): number => {
    const below = sizes.filter((each) => each < size).length;
    const equal = sizes.filter((each) => each === size).length;
    return below + (equal + 1) / 2;
  };
  let [below, above] = [0, 0];
  const count = 1 << n;
  for (let signs = 0; signs < count; signs++) {
    const sum = sizes.reduce((total, size, i) => total + (signs & (1 << i) ? rankOf(size) : 0), 0);
    if (sum <= positive) below++;
    if (sum >= positive) above++;
  }
  return Math.min(1, (2 * Math.min(below, above)) / count);
}
