import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ApiObject, createTrace, type WatchEntry } from "../api/index.ts";
import { Kernel } from "../kernel/index.ts";
import { defaultClusterOptions } from "../options/index.ts";
import { Etcd } from "./index.ts";

function newEtcd(historyPerKind = 100): { etcd: Etcd; seen: WatchEntry[] } {
  const kernel = new Kernel("1");
  const trace = createTrace();
  const etcd = new Etcd({
    kernel,
    trace,
    latency: defaultClusterOptions.latency,
    options: { ...defaultClusterOptions.etcd, historyPerKind },
  });
  const seen: WatchEntry[] = [];
  etcd.subscribe((entry) => seen.push(entry));
  return { etcd, seen };
}

function object(name: string, value = 0): ApiObject {
  return {
    apiVersion: "v1",
    kind: "Thing",
    metadata: {
      name,
      namespace: "",
      uid: "",
      resourceVersion: "",
      creationTimestamp: "",
      labels: { value: String(value) },
    },
  };
}

describe("Etcd", () => {
  test("gives every commit the next revision and writes it into the object", () => {
    const { etcd, seen } = newEtcd();
    const a = etcd.record("Thing", "", "a");
    etcd.create(a, object("a"));
    etcd.update(a, object("a", 1), "");
    etcd.delete(a, object("a", 1));
    expect(seen.map(({ type, revision }) => [type, revision])).toEqual([
      ["ADDED", 2],
      ["MODIFIED", 3],
      ["DELETED", 4],
    ]);
    expect(seen.map(({ object }) => object.metadata.resourceVersion)).toEqual(["2", "3", "4"]);
  });

  test.each([
    [
      "creating a key that exists",
      (e: Etcd) => e.create(e.record("Thing", "", "a"), object("a")),
      "exists",
    ],
    [
      "updating a key that does not",
      (e: Etcd) => e.update(e.record("Thing", "", "b"), object("b"), ""),
      "missing",
    ],
    [
      "deleting a key that does not",
      (e: Etcd) => e.delete(e.record("Thing", "", "b"), object("b")),
      "missing",
    ],
    [
      "updating from an old revision",
      (e: Etcd) => e.update(e.record("Thing", "", "a"), object("a"), "1"),
      "stale",
    ],
  ])("%s is refused and changes nothing", (_case, write, conflict) => {
    const { etcd, seen } = newEtcd();
    etcd.create(etcd.record("Thing", "", "a"), object("a"));
    expect(write(etcd)).toBe(conflict);
    expect(etcd.revision).toBe(2);
    expect(seen).toHaveLength(1);
  });

  test("a watch that resumes gets what it missed, in order", () => {
    const { etcd } = newEtcd();
    const a = etcd.record("Thing", "", "a");
    etcd.create(a, object("a"));
    etcd.create(etcd.record("Other", "", "x"), { ...object("x"), kind: "Other" });
    etcd.update(a, object("a", 1), "");
    const since = etcd.changesSince("Thing", 2) as WatchEntry[];
    expect(since.map(({ revision }) => revision)).toEqual([4]);
  });

  test("history is a ring by count: what fell out of it is compacted", () => {
    const { etcd } = newEtcd(2);
    const a = etcd.record("Thing", "", "a");
    etcd.create(a, object("a")); // 2
    for (let i = 0; i < 3; i++) etcd.update(a, object("a", i), ""); // 3, 4, 5
    expect(etcd.changesSince("Thing", 2)).toBe("compacted");
    expect((etcd.changesSince("Thing", 3) as WatchEntry[]).map((e) => e.revision)).toEqual([4, 5]);
  });

  test("after a compaction only later changes are kept", () => {
    const { etcd } = newEtcd();
    const a = etcd.record("Thing", "", "a");
    etcd.create(a, object("a"));
    etcd.update(a, object("a", 1), "");
    etcd.compact();
    expect(etcd.changesSince("Thing", 2)).toBe("compacted");
    expect(etcd.changesSince("Thing", 3)).toEqual([]);
  });

  test("behaves like a map with a log, under any sequence of writes", () => {
    const write = fc.record({
      verb: fc.constantFrom("create", "update", "delete"),
      name: fc.constantFrom("a", "b", "c"),
      isStale: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.array(write, { maxLength: 60 }),
        fc.integer({ min: 1, max: 40 }),
        (ops, from) => {
          const { etcd } = newEtcd();
          const model = new Map<string, number>();
          const log: number[] = [];
          for (const { verb, name, isStale } of ops) {
            const record = etcd.record("Thing", "", name);
            const known = model.get(name);
            if (verb === "create") {
              const result = etcd.create(record, object(name));
              if (known !== undefined) expect(result).toBe("exists");
              else model.set(name, etcd.revision);
            } else if (verb === "update") {
              const expected = isStale ? "0" : known === undefined ? "" : String(known);
              const result = etcd.update(record, object(name), expected);
              if (known === undefined) expect(result).toBe("missing");
              else if (isStale) expect(result).toBe("stale");
              else model.set(name, etcd.revision);
            } else {
              const result = etcd.delete(record, object(name));
              if (known === undefined) expect(result).toBe("missing");
              else model.delete(name);
            }
            if (etcd.revision > (log[log.length - 1] ?? 1)) log.push(etcd.revision);
          }
          const stored = etcd
            .list("Thing")
            .map((r) => [r.name, Number(r.stored?.metadata.resourceVersion)]);
          expect(stored).toEqual([...model].sort(([a], [b]) => (a < b ? -1 : 1)));
          const since = etcd.changesSince("Thing", from) as WatchEntry[];
          expect(since.map((e) => e.revision)).toEqual(log.filter((revision) => revision > from));
        },
      ),
      { seed: 1, numRuns: 200 },
    );
  });
});
