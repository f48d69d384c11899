import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type HeapItem, heapFix, heapPop, heapPush, heapRemove } from "./heap.ts";

interface Item extends HeapItem {
  value: number;
  readonly id: number;
}

const byValueThenId = (a: Item, b: Item): number => a.value - b.value || a.id - b.id;

const operation = fc.oneof(
  fc.record({ op: fc.constant("push"), value: fc.integer({ min: 0, max: 9 }), at: fc.nat() }),
  fc.record({ op: fc.constant("pop"), value: fc.constant(0), at: fc.nat() }),
  fc.record({ op: fc.constant("remove"), value: fc.constant(0), at: fc.nat() }),
  fc.record({ op: fc.constant("change"), value: fc.integer({ min: 0, max: 9 }), at: fc.nat() }),
);

describe("the heap", () => {
  test("gives out what a sorted list would, whatever is pushed, removed and changed", () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 200 }), (operations) => {
        const heap: Item[] = [];
        const model: Item[] = [];
        for (const [id, { op, value, at }] of operations.entries()) {
          const chosen = model[at % Math.max(1, model.length)];
          if (op === "push") {
            const item = { value, id, heapIndex: -1 };
            model.push(item);
            heapPush(heap, byValueThenId, item);
          } else if (op === "pop") {
            model.sort(byValueThenId);
            expect(heapPop(heap, byValueThenId)).toBe(model.shift());
          } else if (chosen !== undefined && op === "remove") {
            model.splice(model.indexOf(chosen), 1);
            heapRemove(heap, byValueThenId, chosen);
            expect(chosen.heapIndex).toBe(-1);
          } else if (chosen !== undefined) {
            chosen.value = value;
            heapFix(heap, byValueThenId, chosen);
          }
          for (const [index, item] of heap.entries()) expect(item.heapIndex).toBe(index);
        }
        model.sort(byValueThenId);
        for (const item of model) expect(heapPop(heap, byValueThenId)).toBe(item);
        expect(heapPop(heap, byValueThenId)).toBeUndefined();
      }),
      { seed: 20240501, numRuns: 200 },
    );
  });

  test("refuses to remove what it does not hold", () => {
    const stranger = { value: 1, id: 1, heapIndex: -1 };
    expect(() => heapRemove([], byValueThenId, stranger)).toThrow("no such item");
  });
});
