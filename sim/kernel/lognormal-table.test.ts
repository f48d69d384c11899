import { expect, test } from "vitest";
import { LognormalTable, lognormalTable, lognormalUs } from "./lognormal-table.ts";
import { Draws } from "./random.ts";

const draws = new Draws("seed", "table");

test.each([
  ["50 us, p99 400 us", 50, 400],
  ["250 us, p99 1 ms", 250, 1_000],
  ["2 ms, p99 20 ms", 2_000, 20_000],
  ["700 ms, p99 2.1 s", 700_000, 2_100_000],
  ["an hour, p99 a year: beyond the largest sample", 3.6e9, 3.2e13],
  ["next to nothing", 0.01, 3],
])("every draw of %s is that of the formula", (_name, p50, p99) => {
  const mu = Math.log(p50);
  const sigma = Math.log(p99 / p50) / 2.3263478740408408;
  const table = new LognormalTable(mu, sigma);
  for (let i = 0; i < 200_000; i++) {
    const high = draws.words(i, 7);
    const { low } = draws;
    const exact = lognormalUs(mu, sigma, high, low);
    if (table.us(high, low) !== exact) expect(table.us(high, low), `draw ${i}`).toBe(exact);
  }
});

test("the draws at the bounds of cells and at both ends are those of the formula, too", () => {
  const table = new LognormalTable(6, 0.9);
  for (let cell = 0; cell < 1024; cell++) {
    const first = (cell << 22) | 0;
    for (const high of [first, first + 1, first - 1]) {
      for (const low of [0, -1]) expect(table.us(high, low)).toBe(lognormalUs(6, 0.9, high, low));
    }
  }
});

test("equal distributions share a table", () => {
  expect(lognormalTable(5, 0.5)).toBe(lognormalTable(5, 0.5));
  expect(lognormalTable(5, 0.5)).not.toBe(lognormalTable(5, 0.6));
});
