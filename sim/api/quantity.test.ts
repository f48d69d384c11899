import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mustParseQuantity, parseQuantity, Quantity } from "./quantity.ts";

interface ParseRow {
  input: string;
  ok: boolean;
  error?: string;
  canonical: string;
  exact: string;
  format: string;
  value: string;
  milliValue: string;
  sign: number;
}

interface ArithmeticRow {
  a: string;
  b: string;
  cmp: number;
  sum: string;
  difference: string;
}

const table = <Row>(name: string): Row[] =>
  JSON.parse(
    readFileSync(new URL(`../../test/reference/tables/${name}.json`, import.meta.url), "utf8"),
  );

describe("Quantity, against the recordings of Kubernetes", () => {
  const rows = table<ParseRow>("quantity");
  test("the table is there", () => expect(rows.length).toBeGreaterThan(150));

  test.each(rows.map((row) => [row.input, row] as const))("parses %j", (input, row) => {
    const quantity = parseQuantity(input);
    if (!row.ok) {
      expect(quantity).toBe(row.error);
      return;
    }
    if (!(quantity instanceof Quantity)) throw new Error(`${input}: ${quantity}`);
    expect({
      canonical: quantity.toString(),
      exact: quantity.exact(),
      format: quantity.format,
      value: String(quantity.value()),
      milliValue: String(quantity.milliValue()),
      sign: quantity.sign(),
    }).toEqual({
      canonical: row.canonical,
      exact: row.exact,
      format: row.format,
      value: row.value,
      milliValue: row.milliValue,
      sign: row.sign,
    });
  });

  const pairs = table<ArithmeticRow>("quantity-arithmetic");
  test("the arithmetic table is there", () => expect(pairs.length).toBeGreaterThan(50));

  test.each(pairs.map((row) => [row.a, row.b, row] as const))("%j and %j", (a, b, row) => {
    const x = mustParseQuantity(a);
    const y = mustParseQuantity(b);
    expect(x.compare(y)).toBe(row.cmp);
    expect(x.add(y).toString()).toBe(row.sum);
    expect(x.subtract(y).toString()).toBe(row.difference);
  });
});

describe("Quantity, properties", () => {
  const text = fc
    .tuple(
      fc.constantFrom("", "-"),
      fc.nat({ max: 1_000_000 }),
      fc.constantFrom("", ".5", ".125", ".000001"),
      fc.constantFrom("", "n", "u", "m", "k", "M", "G", "Ki", "Mi", "Gi", "e3", "e-2"),
    )
    .map((parts) => parts.join(""));
  const seed = { seed: 7, numRuns: 500 };

  test("the canonical form parses to the same amount, and is a fixed point", () => {
    fc.assert(
      fc.property(text, (source) => {
        const quantity = mustParseQuantity(source);
        const again = mustParseQuantity(quantity.canonical());
        expect(again.compare(quantity)).toBe(0);
        expect(again.canonical()).toBe(quantity.canonical());
      }),
      seed,
    );
  });

  test("adding and then subtracting gives the amount back", () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        const x = mustParseQuantity(a);
        const y = mustParseQuantity(b);
        expect(x.add(y).subtract(y).compare(x)).toBe(0);
        expect(x.add(y).compare(y.add(x))).toBe(0);
      }),
      seed,
    );
  });

  test("a text that is no quantity is an error value, and mustParseQuantity throws it", () => {
    expect(parseQuantity("5x")).toMatch(/^quantities must match the regular expression/);
    expect(() => mustParseQuantity("5x")).toThrow(/"5x" was not validated/);
  });
});
