import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Bin,
  openAll,
  packGroups,
  reuseSlices,
  type SlicePlan,
  type StoredSlice,
  type WantedEndpoint,
} from "./endpoint-packing.ts";
import type { Endpoint, EndpointPort } from "./pod-endpoint.ts";
import { type EndpointChange, SliceView } from "./slice-view.ts";

const HTTP = [{ name: "http", protocol: "TCP", port: 80 }];
const OTHER = [{ name: "http", protocol: "TCP", port: 81 }];

const endpoint = (id: number, ready = true): Endpoint => ({
  addresses: [`10.0.0.${id}`],
  conditions: { ready },
  targetRef: { kind: "Pod", uid: `u${id}` },
});

const slice = (
  name: string,
  ids: readonly number[],
  ports: readonly EndpointPort[] = HTTP,
  isRelabelled = false,
): StoredSlice => ({ name, ports, endpoints: ids.map((id) => endpoint(id)), isRelabelled });

const wanted = (ids: readonly number[], ports = HTTP): WantedEndpoint[] =>
  ids.map((id) => ({ ports, endpoint: endpoint(id) }));

function pack(all: readonly WantedEndpoint[], slices: readonly StoredSlice[], max: number) {
  const plan = packGroups(openAll(all, slices), max);
  reuseSlices(plan);
  return plan;
}

/** What a plan writes, in short. */
function writes({ create, update, remove }: SlicePlan): object {
  const ids = ({ endpoints }: Bin): string =>
    endpoints.map(({ addresses }) => addresses[0]?.slice(7) ?? "").join();
  return {
    create: create.map(ids),
    update: update.map((bin) => `${bin.name}=${ids(bin)}`),
    remove: remove.map(({ name }) => name),
  };
}

describe("packing three endpoints into a slice", () => {
  const none = { create: [], update: [], remove: [] };
  test.each<[string, number[], StoredSlice[], object]>([
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
    [
      "of the slices that are written the fullest is filled first",
      [1, 3, 4, 7],
      [slice("a", [1, 2]), slice("b", [3, 4, 5])],
      { ...none, update: ["a=1", "b=3,4,7"] },
    ],
    [
      "a slice whose labels are wrong is written, and filled",
      [1, 2, 3],
      [slice("a", [1], HTTP, true), slice("b", [2])],
      { ...none, update: ["a=1,3"] },
    ],
    [
      "an emptied slice takes what would need a new one",
      [3, 4, 5, 6],
      [slice("a", [1]), slice("b", [2])],
      { ...none, update: ["a=6", "b=3,4,5"] },
    ],
  ])("%s", (_name, ids, existing, expected) => {
    expect(writes(pack(wanted(ids), existing, 3))).toEqual(expected);
  });

  test("an endpoint that changed is written in its place", () => {
    const all = [...wanted([1]), { ports: HTTP, endpoint: endpoint(2, false) }, ...wanted([3])];
    const { update } = pack(all, [slice("a", [1, 2, 3])], 3);
    const ready = update[0]?.endpoints.map(({ conditions }) => conditions?.ready);
    expect(ready).toEqual([true, false, true]);
  });

  test("endpoints with other ports are never in one slice", () => {
    const all = [...wanted([1]), ...wanted([2], OTHER)];
    const plan = pack(all, [slice("a", [1]), slice("b", [2])], 3);
    expect(writes(plan)).toEqual({ create: [], update: ["b=2"], remove: [] });
  });

  test("hints are no reason to write a slice", () => {
    const hinted = { ...endpoint(1), hints: { forZones: [{ name: "a" }] } };
    const plan = pack(wanted([1]), [{ ...slice("a", []), endpoints: [hinted] }], 3);
    expect(writes(plan)).toEqual(none);
    expect(plan.unchanged[0]?.endpoints).toEqual([hinted]);
  });

  test("every endpoint is in exactly one slice, and none is too full", () => {
    const ids = fc.uniqueArray(fc.nat(40), { maxLength: 40 });
    fc.assert(
      fc.property(ids, ids, fc.integer({ min: 1, max: 7 }), (before, after, max) => {
        const existing = pack(wanted(before), [], max).create.map((bin, i) => stored(bin, `s${i}`));
        const plan = pack(wanted(after), existing, max);
        const all = [...plan.unchanged, ...plan.update, ...plan.create].map((bin) => bin.endpoints);
        expect(all.every((endpoints) => endpoints.length <= max)).toBe(true);
        const uids = all
          .flat()
          .map(({ targetRef }) => targetRef?.uid)
          .sort();
        expect(uids).toEqual(after.map((id) => `u${id}`).sort());
        expect(plan.unchanged.length + plan.update.length + plan.remove.length).toBe(
          existing.length,
        );
      }),
      { seed: 11, numRuns: 300 },
    );
  });
});

const stored = ({ ports, endpoints }: Bin, name: string): StoredSlice => ({
  name,
  ports,
  endpoints,
  isRelabelled: false,
});

describe("a view of the slices", () => {
  /** Pod by pod: absent, or with an endpoint of one of two ports, ready or not, at an address. */
  const pod = fc.record({
    id: fc.nat(24),
    is: fc.boolean(),
    ready: fc.boolean(),
    other: fc.boolean(),
    address: fc.nat(1),
  });
  const histories = fc.array(fc.array(pod, { maxLength: 12 }), { minLength: 1, maxLength: 12 });

  test("leads to the plan that a look at everything leads to", () => {
    fc.assert(
      fc.property(histories, fc.integer({ min: 1, max: 6 }), (history, max) => {
        const pods = new Map<number, WantedEndpoint>();
        const view = new SliceView();
        let slices: StoredSlice[] = [];
        let made = 0;
        for (const step of history) {
          const changes = new Map<number, EndpointChange>();
          for (const { id, is, ready, other, address } of step) {
            const before = changes.get(id)?.before ?? (changes.has(id) ? undefined : pods.get(id));
            const after = is
              ? {
                  ports: other ? OTHER : HTTP,
                  endpoint: { ...endpoint(id, ready), addresses: [`10.0.${address}.${id}`] },
                }
              : undefined;
            if (after === undefined) pods.delete(id);
            else pods.set(id, after);
            changes.set(id, { before, after });
          }
          const inOrder = [...changes].sort(([a], [b]) => a - b).map(([, change]) => change);
          const all = [...pods].sort(([a], [b]) => a - b).map(([, each]) => each);
          const full = pack(all, slices, max);
          expect(view.matches(slices)).toBe(true);
          const plan = packGroups(view.openChanged(inOrder), max);
          reuseSlices(plan);
          expect(writes(plan)).toEqual(writes(full));
          expect(contents(plan)).toEqual(contents(full));
          for (const bin of plan.create) bin.name = `s${100 + made++}`;
          view.planned(plan);
          slices = [...plan.unchanged, ...plan.update, ...plan.create]
            .map((bin) => stored(bin, bin.name))
            .sort((a, b) => (a.name < b.name ? -1 : 1));
        }
      }),
      { seed: 12, numRuns: 400 },
    );
  });

  test("does not fit slices that somebody else changed", () => {
    const view = new SliceView();
    view.restart(wanted([1, 2]));
    const plan = pack(wanted([1, 2]), [], 3);
    for (const bin of plan.create) bin.name = "a";
    view.planned(plan);
    const bin = plan.create[0] as Bin;
    expect(view.matches([stored(bin, "a")])).toBe(true);
    expect(view.matches([slice("a", [1, 2])])).toBe(false);
    expect(view.matches([])).toBe(false);
    expect(view.matches([{ ...stored(bin, "a"), ports: OTHER }])).toBe(false);
    expect(view.matches([{ ...stored(bin, "a"), isRelabelled: true }])).toBe(false);
  });
});

function contents({ create, update, remove, unchanged }: SlicePlan): object {
  const plain = (bins: readonly Bin[]): object[] =>
    bins.map(({ name, ports, endpoints }) => ({ name, ports, endpoints }));
  return [plain(create), plain(update), remove.map(({ name }) => name), plain(unchanged)];
}
