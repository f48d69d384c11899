import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { holm } from "./holm.ts";

describe("Holm's correction", () => {
  test.each([
    [
      [0.01, 0.04, 0.03, 0.005],
      [0.03, 0.06, 0.06, 0.02],
    ],
    [
      [0.9, 0.8],
      [1, 1],
    ],
    [
      [undefined, 0.02, undefined],
      [undefined, 0.02, undefined],
    ],
    [[], []],
  ])("%j is %j", (raw, adjusted) => {
    const found = holm(raw);
    expect(found).toHaveLength(adjusted.length);
    for (const [i, p] of adjusted.entries())
      if (p === undefined) expect(found[i]).toBeUndefined();
      else expect(found[i]).toBeCloseTo(p, 12);
  });

  test("never makes a p-value smaller, and keeps their order", () => {
    const shares = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 });
    fc.assert(
      fc.property(shares, (raw) => {
        const found = holm(raw) as number[];
        for (const [i, p] of raw.entries()) {
          expect(found[i]).toBeGreaterThanOrEqual(p);
          expect(found[i]).toBeLessThanOrEqual(1);
          for (const [k, other] of raw.entries())
            if (p < other) expect(found[i]).toBeLessThanOrEqual(found[k] as number);
        }
      }),
      { seed: 3 },
    );
  });
});
