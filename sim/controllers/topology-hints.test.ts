import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Bin, type SlicePlan } from "./endpoint-packing.ts";
import type { Endpoint } from "./pod-endpoint.ts";
import {
  allocationsOf,
  givingAndReceiving,
  HINT_MESSAGES,
  hintByCpu,
  hintOwnZone,
  isOverloaded,
  removeHints,
} from "./topology-hints.ts";

const endpoint = (zone: string, hint = "", ready = true): Endpoint => ({
  addresses: ["10.0.0.1"],
  conditions: { ready },
  ...(zone === "" ? {} : { zone }),
  ...(hint === "" ? {} : { hints: { forZones: [{ name: hint }] } }),
});

const plan = (parts: Partial<Record<keyof SlicePlan, Endpoint[][]>>): SlicePlan => {
  const bins = (lists: Endpoint[][] = [], isChanged = false): Bin[] =>
    lists.map((endpoints, i) => new Bin(`s${i}`, [], endpoints, isChanged));
  return {
    create: bins(parts.create, true),
    update: bins(parts.update, true),
    remove: [],
    unchanged: bins(parts.unchanged),
  };
};

const hintsOf = (bins: readonly Bin[]): string[] =>
  bins.flatMap(({ endpoints }) =>
    endpoints.map(({ hints }) => hints?.forZones?.map(({ name }) => name).join("+") ?? ""),
  );

const ratios = (zones: Readonly<Record<string, number>>) => new Map(Object.entries(zones));
const zones = (list: string): Endpoint[] => [...list].map((zone) => endpoint(zone));

describe("endpoints by zone", () => {
  test.each<[string, number, Record<string, number> | undefined, string]>([
    ["no node is known", 9, undefined, HINT_MESSAGES.noNodeInfo],
    ["fewer endpoints than zones", 1, { a: 0.5, b: 0.5 }, "(1 endpoints, 2 zones)"],
    ["zones that would need more than there are", 3, { a: 0.4, b: 0.4, c: 0.2 }, "overload"],
  ])("cannot be shared out: %s", (_, count, shares, message) => {
    expect(allocationsOf(count, shares && ratios(shares))).toContain(message);
  });

  test("have a minimum, the desired number and a maximum", () => {
    expect(allocationsOf(10, ratios({ a: 0.8, b: 0.2 }))).toEqual(
      new Map([
        ["a", { minimum: 7, maximum: 8, desired: 8 }],
        ["b", { minimum: 2, maximum: 3, desired: 2 }],
      ]),
    );
  });

  test.each<[Record<string, number>, Record<string, number>, object, object]>([
    [{ a: 5, b: 5 }, { a: 5, b: 5 }, {}, {}],
    [{ a: 4, b: 4 }, { a: 6, b: 2 }, { a: 2 }, { b: 2 }],
    [{ a: 2.6, b: 2.4 }, { a: 3, b: 2 }, {}, {}],
    [{ a: 1.4, b: 2.4, c: 3.2 }, { a: 0, b: 0, c: 7 }, { c: 3 }, { a: 1, b: 2 }],
  ])("wanted %j, had %j", (desired, counts, giving, receiving) => {
    const allocations = new Map(
      Object.entries(desired).map(([zone, each]) => [
        zone,
        { minimum: 0, maximum: 9, desired: each },
      ]),
    );
    const result = givingAndReceiving(allocations, ratios(counts));
    expect(Object.fromEntries(result.giving)).toEqual(giving);
    expect(Object.fromEntries(result.receiving)).toEqual(receiving);
  });

  test.each<[Record<string, number>, Record<string, number> | undefined, boolean]>([
    [{}, { a: 0.5, b: 0.5 }, false],
    [{ a: 5, b: 5 }, { a: 0.5, b: 0.5 }, false],
    [{ a: 7, b: 3 }, { a: 0.5, b: 0.5 }, true],
    [{ a: 5 }, { a: 0.5, b: 0.5 }, true],
    [{ a: 5, b: 5 }, undefined, true],
  ])("%j of %j is too little for some zone: %s", (counts, shares, expected) => {
    expect(isOverloaded(ratios(counts), shares && ratios(shares))).toBe(expected);
  });
});

describe("hints by CPU", () => {
  test("are for the own zone where that fits, else for the zone that lacks endpoints", () => {
    const even = plan({ create: [zones("aabb")] });
    expect(hintByCpu(even, ratios({ a: 0.5, b: 0.5 }))).toEqual(ratios({ a: 2, b: 2 }));
    expect(hintsOf(even.create)).toEqual(["a", "a", "b", "b"]);
    const skewed = plan({ create: [zones("aaaaab")] });
    hintByCpu(skewed, ratios({ a: 0.5, b: 0.5 }));
    expect(hintsOf(skewed.create)).toEqual(["b", "b", "a", "a", "a", "b"]);
  });

  test("are kept in slices that need no write", () => {
    const kept = plan({
      unchanged: [[endpoint("a", "a"), endpoint("b", "b")]],
      create: [zones("ab")],
    });
    hintByCpu(kept, ratios({ a: 0.5, b: 0.5 }));
    expect(kept.update).toEqual([]);
    expect(hintsOf(kept.create)).toEqual(["a", "b"]);
  });

  test.each([
    ["without hints", [endpoint("a"), endpoint("b", "b")]],
    ["for a zone that is no more", [endpoint("a", "z"), endpoint("b", "b")]],
    ["that are too many for one zone", [endpoint("a", "a"), endpoint("b", "a")]],
  ])("are given to slices %s", (_, endpoints) => {
    const wrong = plan({ unchanged: [endpoints] });
    hintByCpu(wrong, ratios({ a: 0.5, b: 0.5 }));
    expect(wrong.unchanged).toEqual([]);
    expect(hintsOf(wrong.update)).toEqual(["a", "b"]);
  });

  test("are taken off altogether for the sake of one endpoint without a zone", () => {
    const bare = plan({
      create: [[endpoint("a", "a"), endpoint("a"), endpoint("")]],
      unchanged: [[endpoint("b", "b")]],
    });
    expect(hintByCpu(bare, ratios({ a: 0.5, b: 0.5 }))).toBe(HINT_MESSAGES.noZone);
    expect(hintsOf([...bare.create, ...bare.update])).toEqual(["", "", "", ""]);
  });

  test("are all given or none, and are counted by zone, whatever the zones and endpoints are", () => {
    const share = fc.integer({ min: 1, max: 20 });
    const list = fc.array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(list, share, share, share, (endpoints, a, b, c) => {
        const total = a + b + c;
        const shares = ratios({ a: a / total, b: b / total, c: c / total });
        const made = plan({ create: [zones(endpoints.join(""))] });
        const result = hintByCpu(made, shares);
        if (typeof result === "string") expect(hintsOf(made.create).join("")).toBe("");
        else {
          const counted = new Map<string, number>();
          for (const hint of hintsOf(made.create)) counted.set(hint, (counted.get(hint) ?? 0) + 1);
          const given = [...result].filter(([, count]) => count > 0).sort();
          expect([...counted].sort()).toEqual(given);
          expect(counted.has("")).toBe(false);
        }
      }),
      { seed: 13, numRuns: 300 },
    );
  });
});

describe("hints of trafficDistribution", () => {
  test("are for the own zone of each ready endpoint", () => {
    const made = plan({
      create: [[endpoint("a"), endpoint("b", "", false), endpoint("")]],
      unchanged: [[endpoint("a", "a")], [endpoint("a", "b")]],
    });
    hintOwnZone(made);
    expect(hintsOf(made.create)).toEqual(["a", "", ""]);
    expect(hintsOf(made.update)).toEqual(["a"]);
    expect(made.unchanged).toHaveLength(1);
  });

  test("are taken off when they are not asked for", () => {
    const made = plan({ unchanged: [[endpoint("a", "a")], [endpoint("a")]] });
    removeHints(made);
    expect(hintsOf(made.update)).toEqual([""]);
    expect(made.unchanged).toHaveLength(1);
  });
});
