import { describe, expect, test } from "vitest";
import {
  bytes,
  compareQuantities,
  cpuMilli,
  isWholeQuantity,
  quantityError,
  quantitySign,
  wholeUnits,
} from "./resource-amount.ts";

describe("amounts as plain numbers", () => {
  test.each([
    ["1", 1000],
    ["500m", 500],
    ["0.1", 100],
    ["1500u", 2],
    ["1e3", 1_000_000],
    ["0", 0],
  ])("cpuMilli(%j) is %d, rounded up", (text, milli) => expect(cpuMilli(text)).toBe(milli));

  test.each([
    ["1Ki", 1024],
    ["16384Mi", 17_179_869_184],
    ["1.5Gi", 1_610_612_736],
    ["100m", 1],
    ["128974848", 128_974_848],
  ])("bytes(%j) is %d, rounded up", (text, units) => {
    expect(bytes(text)).toBe(units);
    expect(wholeUnits(text)).toBe(units);
  });

  test("a text that validation would have refused throws, with the text", () => {
    expect(() => cpuMilli("5x")).toThrow('quantity "5x" was not validated');
    expect(quantityError("5x")).toMatch(/regular expression/);
    expect(quantityError("5")).toBe("");
  });

  test("sign, order and wholeness", () => {
    expect([quantitySign("-1"), quantitySign("0"), quantitySign("1m")]).toEqual([-1, 0, 1]);
    expect(compareQuantities("1000m", "1")).toBe(0);
    expect(compareQuantities("1Gi", "1G")).toBe(1);
    expect(compareQuantities("999m", "1")).toBe(-1);
    expect([isWholeQuantity("2"), isWholeQuantity("2000m"), isWholeQuantity("1500m")]).toEqual([
      true,
      true,
      false,
    ]);
  });

  test("the memo is bounded and forgetting changes no answer", () => {
    for (let i = 0; i < 20_000; i++) expect(cpuMilli(`${i}m`)).toBe(i);
    expect(cpuMilli("7m")).toBe(7);
  });
});
