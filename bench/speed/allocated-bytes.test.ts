import { expect, test } from "vitest";
import { allocatedBytes } from "./allocated-bytes.ts";

const kept: number[][] = [];

test("counts what is allocated, whether it was collected meanwhile or not", () => {
  const arrays = 20_000;
  const numbers = 1_000;
  const bytes = allocatedBytes(() => {
    for (let i = 0; i < arrays; i++) kept[i % 10] = new Array<number>(numbers).fill(i + 0.5);
  });
  const expected = arrays * numbers * 8; // 160 MB: many collections
  expect(bytes / expected).toBeGreaterThan(0.95);
  expect(bytes / expected).toBeLessThan(1.1);
});

test("counts next to nothing for work that allocates nothing", () => {
  let sum = 0;
  const bytes = allocatedBytes(() => {
    for (let i = 0; i < 1_000_000; i++) sum += i & 7;
  });
  expect(sum).toBe(3_500_000);
  expect(Math.abs(bytes)).toBeLessThan(100_000);
});
