import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Narrowing } from "../node-counts.ts";
import { NarrowedList } from "./narrowed-list.ts";

const namespace = fc.constantFrom("a", "b", "c");
const label = fc.tuple(fc.constantFrom("app", "tier"), fc.constantFrom("1", "2"));
const narrowing: fc.Arbitrary<Narrowing> = fc.record({ namespace, label }, { requiredKeys: [] });
const labels = fc.dictionary(fc.constantFrom("app", "tier", "x"), fc.constantFrom("1", "2", "3"));

function mayMatch(
  narrowedBy: Narrowing,
  ownNamespace: string,
  own: Readonly<Record<string, string>>,
): boolean {
  const isInNamespace = [undefined, ownNamespace].includes(narrowedBy.namespace);
  const { label: wanted } = narrowedBy;
  return isInNamespace && (wanted === undefined || own[wanted[0]] === wanted[1]);
}

describe("NarrowedList", () => {
  test("finds exactly what the promises leave open, from a place on", () => {
    fc.assert(
      fc.property(fc.array(narrowing), namespace, labels, fc.nat(12), (all, ns, own, since) => {
        const list = new NarrowedList<number>();
        all.forEach((narrowedBy, place) => {
          list.add(place, narrowedBy);
        });
        const wanted = all.flatMap((narrowedBy, place) =>
          place >= since && mayMatch(narrowedBy, ns, own) ? [place] : [],
        );
        expect([...list.mayMatch(ns, own, since)].sort((a, b) => a - b)).toEqual(wanted);
        expect(list.items).toEqual(all.map((_, place) => place));
      }),
      { seed: 20240601, numRuns: 500 },
    );
  });

  test("counts places anew after it was cleared", () => {
    const list = new NarrowedList<string>();
    list.add("old", { namespace: "a", label: ["app", "1"] });
    list.add("older");
    list.clear();
    list.add("new", { label: ["app", "1"] });
    expect(list.items).toEqual(["new"]);
    expect(list.mayMatch("a", { app: "1" })).toEqual(["new"]);
    expect(list.mayMatch("a", { app: "1" }, 1)).toEqual([]);
  });
});
