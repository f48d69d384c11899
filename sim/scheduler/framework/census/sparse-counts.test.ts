import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SparseCounts } from "./sparse-counts.ts";

describe("SparseCounts", () => {
  test("counts as a Map does, with few keys and with many", () => {
    const change = fc.record({ key: fc.nat(14), amount: fc.constantFrom(-1, 1, 1) });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 120, size: "max" }), (changes) => {
        const counts = new SparseCounts();
        const plain = new Map<number, number>();
        for (const { key, amount } of changes) {
          counts.add(key, amount);
          plain.set(key, (plain.get(key) ?? 0) + amount);
          for (let k = 0; k <= 14; k++) expect(counts.at(k)).toBe(plain.get(k) ?? 0);
          const listed = new Map(counts.keys.map((k, index) => [k, counts.counts[index]]));
          expect(listed.size).toBe(counts.keys.length);
          expect(listed).toEqual(new Map([...plain].filter(([, count]) => count !== 0)));
        }
      }),
      { seed: 7, numRuns: 40 },
    );
  });
});
