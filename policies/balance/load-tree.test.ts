import fc from "fast-check";
import { expect, test } from "vitest";
import { createLoadTree, fillLoadTree, leastLoaded, setLoad } from "./load-tree.ts";

const load = fc.constantFrom(0, 0.5, 1, 2, 3, Number.POSITIVE_INFINITY);

test("it always has the first of the least loads, as a search of the whole list has", () => {
  const change = fc.record({ at: fc.nat(), load });
  const list = fc.array(load, { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(list, fc.array(change, { maxLength: 30 }), (loads, changes) => {
      const tree = createLoadTree();
      fillLoadTree(tree, loads.length, (at) => loads[at] ?? 0);
      const expected = () => {
        const least = Math.min(...loads);
        return Number.isFinite(least) ? loads.indexOf(least) : -1;
      };
      expect(leastLoaded(tree)).toBe(expected());
      for (const { at, load: next } of changes) {
        loads[at % loads.length] = next;
        setLoad(tree, at % loads.length, next);
        expect(leastLoaded(tree)).toBe(expected());
      }
    }),
    { seed: 1 },
  );
});

test("a shorter list is not won by what stood behind its end", () => {
  const tree = createLoadTree();
  fillLoadTree(tree, 4, () => 0);
  fillLoadTree(tree, 3, () => 7);
  expect(leastLoaded(tree)).toBe(0);
});
