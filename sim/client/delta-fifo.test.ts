import { describe, expect, test } from "vitest";
import { type ApiObject, KeyRecord } from "../api/index.ts";
import { DeltaFifo, type KnownObjects } from "./delta-fifo.ts";

/** Named after the cases of client-go's delta_fifo_test.go. */

const record = (name: string): KeyRecord => new KeyRecord(0, "Thing", "", name);
const a = record("a");
const b = record("b");
const c = record("c");

const object = (name: string, value: number): ApiObject => ({
  apiVersion: "v1",
  kind: "Thing",
  metadata: { name, namespace: "", uid: "", resourceVersion: String(value), creationTimestamp: "" },
});

function known(...entries: [KeyRecord, ApiObject][]): KnownObjects<ApiObject> {
  const map = new Map(entries);
  return { get: (key) => map.get(key), keys: () => [...map.keys()] };
}

function popAll(fifo: DeltaFifo<ApiObject>): string[] {
  const popped: string[] = [];
  for (let next = fifo.pop(); next !== undefined; next = fifo.pop()) {
    const deltas = next.deltas.map(
      (d) => `${d.type}${d.object.metadata.resourceVersion}${d.isFinalStateUnknown ? "?" : ""}`,
    );
    popped.push(`${next.record.name}: ${deltas.join(" ")}`);
  }
  return popped;
}

describe("DeltaFifo", () => {
  test("hands out a key once, with all that happened to it, oldest first", () => {
    const fifo = new DeltaFifo<ApiObject>();
    fifo.add(a, object("a", 1));
    fifo.add(b, object("b", 1));
    fifo.update(a, object("a", 2));
    fifo.delete(a, object("a", 3), known());
    expect(popAll(fifo)).toEqual(["a: Added1 Updated2 Deleted3", "b: Added1"]);
  });

  test("no line jumping: a key that comes back goes to the end", () => {
    const fifo = new DeltaFifo<ApiObject>();
    fifo.add(a, object("a", 1));
    fifo.add(b, object("b", 1));
    expect(fifo.pop()?.record).toBe(a);
    fifo.add(c, object("c", 1));
    fifo.add(a, object("a", 2));
    expect(popAll(fifo)).toEqual(["b: Added1", "c: Added1", "a: Added2"]);
  });

  test("replace makes deletions, with a final state that nobody saw", () => {
    const fifo = new DeltaFifo<ApiObject>();
    const store = known([a, object("a", 1)], [b, object("b", 1)]);
    fifo.replace([{ record: a, object: object("a", 5) }], store);
    expect(popAll(fifo)).toEqual(["a: Replaced5", "b: Deleted1?"]);
  });

  test("replace deletes what was only on its way into the store, too", () => {
    const fifo = new DeltaFifo<ApiObject>();
    fifo.add(c, object("c", 7));
    fifo.replace([{ record: a, object: object("a", 8) }], known());
    expect(popAll(fifo)).toEqual(["c: Added7 Deleted7?", "a: Replaced8"]);
  });

  test("two deletions in a row become one, and the one that saw the end is kept", () => {
    const fifo = new DeltaFifo<ApiObject>();
    const store = known([a, object("a", 1)]);
    fifo.replace([], store);
    fifo.delete(a, object("a", 2), store);
    expect(popAll(fifo)).toEqual(["a: Deleted2"]);
    fifo.delete(a, object("a", 2), store);
    fifo.replace([], store);
    expect(popAll(fifo)).toEqual(["a: Deleted2"]);
  });

  test("a deletion of what nobody knows is dropped", () => {
    const fifo = new DeltaFifo<ApiObject>();
    fifo.delete(a, object("a", 1), known());
    expect(popAll(fifo)).toEqual([]);
  });

  test("a resync passes over a key with an update in flight", () => {
    const fifo = new DeltaFifo<ApiObject>();
    const store = known([a, object("a", 1)], [b, object("b", 1)]);
    fifo.update(a, object("a", 2));
    fifo.resync(store);
    expect(popAll(fifo)).toEqual(["a: Updated2", "b: Sync1"]);
  });

  test.each([
    ["nothing has come", () => {}, false],
    ["an empty list has come", (f: DeltaFifo<ApiObject>) => f.replace([], known()), true],
    [
      "a list has come and waits",
      (f: DeltaFifo<ApiObject>) => f.replace([{ record: a, object: object("a", 1) }], known()),
      false,
    ],
    [
      "a list has been taken out",
      (f: DeltaFifo<ApiObject>) => {
        f.replace([{ record: a, object: object("a", 1) }], known());
        f.pop();
      },
      true,
    ],
    ["a change came before any list", (f: DeltaFifo<ApiObject>) => f.add(a, object("a", 1)), true],
  ])("hasSynced when %s", (_case, act, synced) => {
    const fifo = new DeltaFifo<ApiObject>();
    act(fifo);
    expect(fifo.hasSynced).toBe(synced);
  });
});
