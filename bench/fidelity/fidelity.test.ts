import { describe, expect, test } from "vitest";
import { fidelityTables } from "./fidelity.ts";
import { amount, printTable } from "./print-table.ts";

describe("the quick tables", () => {
  const tables = [...fidelityTables(true)];

  test.each(tables.map((table) => [table.title, table] as const))("%s", (_, table) => {
    expect(table.note).not.toBe("");
    expect(table.rows.length).toBeGreaterThan(0);
    for (const { what, simulated, published } of table.rows) {
      expect([what, published.source]).not.toContain("");
      expect(simulated, what).toBeGreaterThan(0);
      expect(Number.isFinite(simulated), what).toBe(true);
    }
  });

  test("have each row once", () => {
    const rows = tables.flatMap(({ rows: all }) =>
      all.map((row) => `${row.what} ${row.published.value}`),
    );
    expect(new Set(rows).size).toBe(rows.length);
  });
});

describe("printing", () => {
  test.each([
    [0.904, "s", "0.90 s"],
    [12.345, "ms", "12.3 ms"],
    [44_341.4, "/s", "44,341/s"],
    [9_990_000, "bytes", "9.99 MB"],
    [0.76, "share", "76.0 %"],
    [200, "times", "200 x"],
  ] as const)("%d %s: %s", (value, unit, text) => {
    expect(amount(value, unit)).toBe(text);
  });

  test("a table is Markdown", () => {
    const published = {
      value: 2,
      unit: "s",
      bound: "at most",
      use: "predicted",
      source: "a paper",
    } as const;
    const rows = [{ what: "start", simulated: 1, published }];
    expect(printTable({ title: "Title", note: "Note.", rows }).split("\n")).toEqual([
      "## Title",
      "",
      "Note.",
      "",
      "| what  | use       | simulated | published | ratio | verdict | source  |",
      "| ----- | --------- | --------- | --------- | ----- | ------- | ------- |",
      "| start | predicted | 1.00 s    | <= 2.00 s | 0.50  | kept    | a paper |",
    ]);
  });
});
