import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { KeyRecord, type Pod } from "../api/index.ts";
import { type IndexedPart, Indexer } from "./indexer.ts";

const record = (id: number): KeyRecord<Pod> => new KeyRecord<Pod>(id, "Pod", "default", `p${id}`);

interface Fields {
  readonly uid?: string;
  readonly owners?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly nodeName?: string;
}

function pod({ uid = "a", owners, labels, nodeName }: Fields): Pod {
  const ownerReferences = owners?.map((owner) => ({ uid: owner }));
  const metadata = { uid, namespace: "default", ownerReferences, labels };
  return { metadata, spec: { nodeName } } as unknown as Pod;
}

describe("an index", () => {
  test("finds keys by their values, in order, as objects come, move and go", () => {
    const store = new Indexer<Pod>(0, true);
    store.addIndex("node", ({ spec }) => spec.nodeName, "spec");
    const [a, b] = [record(1), record(2)];
    store.set(b, pod({ nodeName: "n1" }));
    expect(store.byIndex("node", "n1")).toEqual([b]);
    store.set(a, pod({ nodeName: "n1" }));
    expect(store.byIndex("node", "n1")).toEqual([a, b]);
    expect(store.firstByIndex("node", "n1")).toBe(a);
    store.set(a, pod({ nodeName: "n2" }));
    expect(store.byIndex("node", "n1")).toEqual([b]);
    expect([...store.unordered("node", "n2")]).toEqual([a]);
    store.delete(b);
    expect(store.byIndex("node", "n1")).toEqual([]);
    expect(store.firstByIndex("node", "n1")).toBeUndefined();
  });

  test("finds a key under each of several values", () => {
    const store = new Indexer<Pod>(0, true);
    store.addIndex("label", ({ metadata }) => Object.values(metadata.labels ?? {}), "metadata");
    const key = record(1);
    store.set(key, pod({ labels: { a: "x", b: "y" } }));
    store.set(key, pod({ labels: { a: "x", b: "z" } }));
    const found = ["x", "y", "z"].map((value) => store.byIndex("label", value).length);
    expect(found).toEqual([1, 0, 1]);
  });

  test.each<[string, IndexedPart, (old: Pod) => Pod, boolean]>([
    ["a new status", "metadata", (old) => ({ ...old, status: {} }) as Pod, false],
    ["new labels", "metadata", (old) => withMetadata(old, { labels: { a: "b" } }), true],
    ["new owners", "metadata", (old) => withMetadata(old, { ownerReferences: [] }), true],
    ["a new revision", "metadata", (old) => withMetadata(old, { resourceVersion: "2" }), false],
    ["a new spec", "metadata", (old) => ({ ...old, spec: { containers: [] } }), false],
    ["a new spec", "spec", (old) => ({ ...old, spec: { containers: [] } }), true],
    ["a new revision", "spec", (old) => withMetadata(old, { resourceVersion: "2" }), false],
    ["new labels", "names", (old) => withMetadata(old, { labels: { a: "b" } }), false],
    ["another uid", "names", (old) => withMetadata(old, { uid: "b" }), true],
    ["another uid", "spec", (old) => withMetadata(old, { uid: "b" }), true],
    ["anything", "object", (old) => ({ ...old }), true],
  ])("%s is looked at by an index of %s: %#", (_change, part, change, isLookedAt) => {
    const store = new Indexer<Pod>(0, true);
    const indexBy = vi.fn(() => "value");
    store.addIndex("index", indexBy, part);
    const old = pod({ labels: {}, owners: ["o"], nodeName: "n" });
    store.set(record(1), old);
    const key = record(2);
    store.set(key, old);
    indexBy.mockClear();
    store.set(key, change(old));
    expect(indexBy.mock.calls.length > 0).toBe(isLookedAt);
  });

  test("that is lazy has the same keys as one that was there from the start", () => {
    const node = fc.constantFrom("n1", "n2", undefined);
    const step = fc.record({ id: fc.nat(5), nodeName: node, isDeleted: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step), fc.array(step), (before, after) => {
        const store = new Indexer<Pod>(0, true);
        store.addIndex("eager", ({ spec }) => spec.nodeName, "spec");
        store.addLazyIndex("lazy", ({ spec }) => spec.nodeName, "spec");
        const keys = Array.from({ length: 6 }, (_, id) => record(id));
        const run = (steps: typeof before): void => {
          for (const { id, nodeName, isDeleted } of steps) {
            const key = keys[id] as KeyRecord<Pod>;
            if (isDeleted) store.delete(key);
            else store.set(key, pod(nodeName === undefined ? {} : { nodeName }));
          }
        };
        run(before);
        for (const value of ["n1", "n2"]) store.byIndex("lazy", value);
        run(after);
        for (const value of ["n1", "n2"]) {
          const wanted = keys.filter((key) => store.get(key)?.spec.nodeName === value);
          expect(store.byIndex("lazy", value)).toEqual(wanted);
          expect(store.byIndex("eager", value)).toEqual(wanted);
        }
      }),
      { seed: 11 },
    );
  });
});

test("an enumerable store has the keys of what it holds, whatever came and went before", () => {
  const step = fc.record({ id: fc.nat(7), isDeleted: fc.boolean(), slot: fc.nat(3) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const keys = Array.from({ length: 8 }, (_, id) => record(id));
      const stores = [0, 1, 2, 3].map((slot) => new Indexer<Pod>(slot, true));
      for (const { id, isDeleted, slot } of steps) {
        const [store, key] = [stores[slot] as Indexer<Pod>, keys[id] as KeyRecord<Pod>];
        if (isDeleted) store.delete(key);
        else store.set(key, pod({}));
      }
      for (const store of stores) {
        const held = keys.filter((key) => store.get(key) !== undefined);
        expect(store.keys()).toEqual(held);
        expect(store.size).toBe(held.length);
        store.forget();
        expect(store.keys()).toEqual([]);
      }
    }),
    { seed: 5 },
  );
});

function withMetadata(old: Pod, changes: Partial<Pod["metadata"]>): Pod {
  return { ...old, metadata: { ...old.metadata, ...changes } };
}
