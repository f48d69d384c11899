import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { EndpointSlice } from "../api/index.ts";
import { packEndpoints } from "./endpoint-packing.ts";
import type { Endpoint } from "./pod-endpoint.ts";

const HTTP = [{ name: "http", protocol: "TCP", port: 80 }];
const OTHER = [{ name: "http", protocol: "TCP", port: 81 }];

const endpoint = (id: number, ready = true): Endpoint => ({
  addresses: [`10.0.0.${id}`],
  conditions: { ready },
  targetRef: { kind: "Pod", uid: `u${id}` },
});

const slice = (name: string, ids: readonly number[], ports = HTTP): EndpointSlice =>
  ({
    metadata: { name },
    ports,
    endpoints: ids.map((id) => endpoint(id)),
  }) as unknown as EndpointSlice;

const group = (ids: readonly number[], ports = HTTP) => ({
  ports,
  endpoints: ids.map((id) => endpoint(id)),
});

/** What a plan writes, in short. */
function writes(plan: ReturnType<typeof packEndpoints>): object {
  const ids = (endpoints: readonly Endpoint[]): string[] =>
    endpoints.map(({ addresses }) => addresses[0]?.slice(7) ?? "");
  return {
    create: plan.create.map(({ endpoints }) => ids(endpoints).join()),
    update: plan.update.map(
      (each) => `${each.slice.metadata.name}=${ids(each.content.endpoints).join()}`,
    ),
    remove: plan.remove.map(({ metadata }) => metadata.name),
  };
}

describe("packing three endpoints into a slice", () => {
  const none = { create: [], update: [], remove: [] };
  test.each<[string, number[], EndpointSlice[], object]>([
    ["nothing is written when nothing changed", [1, 2], [slice("a", [1, 2])], none],
    ["new slices are filled in order", [1, 2, 3, 4, 5], [], { ...none, create: ["1,2,3", "4,5"] }],
    [
      "what is gone makes room in the same write",
      [1, 3, 4],
      [slice("a", [1, 2, 3])],
      { ...none, update: ["a=1,3,4"] },
    ],
    [
      "the slice that becomes fullest takes what is new",
      [1, 2, 3, 4],
      [slice("a", [1]), slice("b", [2, 3])],
      { ...none, update: ["b=2,3,4"] },
    ],
    [
      "a new slice for what fits in none, and the rest beside the old",
      [1, 2, 3, 4, 5, 6],
      [slice("a", [1, 2])],
      { ...none, create: ["3,4,5"], update: ["a=1,2,6"] },
    ],
    ["an emptied slice goes", [1], [slice("a", [1]), slice("b", [2])], { ...none, remove: ["b"] }],
    ["no endpoints leave an empty slice", [], [], { ...none, create: [""] }],
    ["the last slice becomes the empty one", [], [slice("a", [1])], { ...none, update: ["a="] }],
    ["the empty slice stays", [], [slice("a", [], [])], none],
    ["the empty slice is used", [1], [slice("a", [], [])], { ...none, update: ["a=1"] }],
  ])("%s", (_name, ids, existing, wanted) => {
    const plan = packEndpoints(ids.length === 0 ? [] : [group(ids)], existing, 3);
    expect(writes(plan)).toEqual(wanted);
  });

  test("an endpoint that changed is written in its place", () => {
    const plan = packEndpoints(
      [{ ports: HTTP, endpoints: [endpoint(1), endpoint(2, false)] }],
      [slice("a", [1, 2])],
      3,
    );
    expect(plan.update[0]?.content.endpoints.map(({ conditions }) => conditions?.ready)).toEqual([
      true,
      false,
    ]);
  });

  test("endpoints with other ports are never in one slice", () => {
    const plan = packEndpoints(
      [group([1]), group([2], OTHER)],
      [slice("a", [1]), slice("b", [2])],
      3,
    );
    expect(writes(plan)).toEqual({ create: [], update: ["b=2"], remove: [] });
  });

  test("every endpoint is in exactly one slice, and none is too full", () => {
    const ids = fc.uniqueArray(fc.nat(40), { maxLength: 40 });
    fc.assert(
      fc.property(ids, ids, fc.integer({ min: 1, max: 7 }), (before, after, max) => {
        const first = packEndpoints([group(before)], [], max);
        const existing = first.create.map(
          ({ endpoints, ports }, i) =>
            ({ metadata: { name: `s${i}` }, endpoints, ports }) as unknown as EndpointSlice,
        );
        const plan = packEndpoints([group(after)], existing, max);
        const touched = new Set([...plan.update.map((each) => each.slice), ...plan.remove]);
        const kept = existing
          .filter((each) => !touched.has(each))
          .map(({ endpoints }) => endpoints);
        const all = [
          ...kept,
          ...plan.update.map(({ content }) => content.endpoints),
          ...plan.create.map(({ endpoints }) => endpoints),
        ];
        expect(all.every((endpoints) => endpoints.length <= max)).toBe(true);
        const uids = all
          .flat()
          .map(({ targetRef }) => targetRef?.uid)
          .sort();
        expect(uids).toEqual(after.map((id) => `u${id}`).sort());
      }),
      { seed: 11, numRuns: 300 },
    );
  });
});
