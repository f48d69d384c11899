import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ApiObject } from "../../api/index.ts";
import { copyGraph } from "../../kernel/copy-graph.ts";
import { SchedulerCache } from "./scheduler-cache.ts";

const KIND = "PersistentVolumeClaim";

function claim(namespace: string, name: string, version: number): ApiObject {
  const metadata = {
    namespace,
    name,
    uid: `uid-${namespace}-${name}`,
    resourceVersion: String(version),
    creationTimestamp: "2024-06-01T00:00:00Z",
  };
  return { apiVersion: "v1", kind: KIND, metadata };
}

function shown(cache: SchedulerCache): ApiObject | undefined {
  return cache.cluster.objects(KIND).get("default", "a");
}

describe("SchedulerObjects", () => {
  test("an assumed object stands in until it is restored", () => {
    const cache = new SchedulerCache();
    const informed = claim("default", "a", 5);
    const assumed = claim("default", "a", 5);
    cache.objects.set(informed);
    cache.objects.assume(assumed);
    expect(shown(cache)).toBe(assumed);
    expect(cache.cluster.objects(KIND).list()).toEqual([assumed]);
    expect(cache.objects.get(KIND, "default", "a")).toBe(assumed);
    cache.objects.restore(KIND, "default", "a");
    expect(shown(cache)).toBe(informed);
    expect(cache.objects.get(KIND, "default", "a")).toBeUndefined();
  });

  test.each([
    { told: 6, wins: "informer" },
    { told: 5, wins: "assumed" },
    { told: 4, wins: "assumed" },
    { told: 10, wins: "informer" },
  ])("assumed from version 5, the informer tells version $told: $wins", ({ told, wins }) => {
    const cache = new SchedulerCache();
    const assumed = claim("default", "a", 5);
    const later = claim("default", "a", told);
    cache.objects.set(claim("default", "a", 5));
    cache.objects.assume(assumed);
    cache.objects.set(later);
    expect(shown(cache)).toBe(wins === "informer" ? later : assumed);
  });

  test("tells what has changed since a version, as far back as it knows", () => {
    const cache = new SchedulerCache();
    const lister = cache.cluster.objects(KIND);
    const names = (version: number) => lister.changedSince(version)?.map(({ name }) => name);
    cache.objects.set(claim("default", "a", 5));
    const { version } = lister;
    expect(names(version)).toEqual([]);
    cache.objects.set(claim("default", "b", 6));
    cache.objects.assume(claim("default", "b", 6));
    cache.objects.delete(KIND, "default", "a");
    expect(names(version)).toEqual(["b", "b", "a"]);
    expect(lister.changedSince(version)?.[0]?.namespace).toBe("default");
    for (let i = 0; i < 5_000; i++) cache.objects.set(claim("default", `c${i}`, 7));
    expect(names(version)).toBeUndefined();
    expect(names(lister.version - 2)).toEqual(["c4998", "c4999"]);
    const before = lister.version;
    cache.state = copyGraph(cache.state, () => false);
    expect(names(before)).toBeUndefined();
    expect(names(lister.version)).toEqual([]);
  });

  test("a deletion takes the assumption along", () => {
    const cache = new SchedulerCache();
    cache.objects.set(claim("default", "a", 5));
    cache.objects.assume(claim("default", "a", 5));
    cache.objects.delete(KIND, "default", "a");
    expect(shown(cache)).toBeUndefined();
    expect(cache.cluster.objects(KIND).list()).toEqual([]);
    cache.objects.restore(KIND, "default", "a");
    expect(shown(cache)).toBeUndefined();
  });

  test("refuses to assume what no informer knows, or from an old version", () => {
    const cache = new SchedulerCache();
    const message = `${KIND} default/a is assumed, but no informer knows it`;
    expect(() => cache.objects.assume(claim("default", "a", 5))).toThrow(message);
    cache.objects.set(claim("default", "a", 6));
    expect(() => cache.objects.assume(claim("default", "a", 5))).toThrow(
      `${KIND} default/a is out of sync: stored version 6, assumed 5`,
    );
  });

  test("every change raises the versions of the kind and of the cache, and nothing else does", () => {
    const cache = new SchedulerCache();
    const { objects } = cache;
    const object = claim("default", "a", 5);
    const rises = (act: () => void): boolean => {
      const before = [cache.cluster.objects(KIND).version, cache.version] as const;
      act();
      const kindRose = cache.cluster.objects(KIND).version > before[0];
      expect(cache.version > before[1]).toBe(kindRose);
      return kindRose;
    };
    expect(rises(() => objects.set(object))).toBe(true);
    expect(rises(() => objects.set(object))).toBe(false);
    expect(rises(() => objects.restore(KIND, "default", "a"))).toBe(false);
    expect(rises(() => objects.assume(claim("default", "a", 5)))).toBe(true);
    expect(rises(() => objects.set(claim("default", "a", 5)))).toBe(false);
    expect(rises(() => objects.restore(KIND, "default", "a"))).toBe(true);
    expect(rises(() => objects.delete(KIND, "default", "b"))).toBe(false);
    expect(rises(() => objects.delete(KIND, "default", "a"))).toBe(true);
    const { version } = cache.cluster.objects("Service");
    objects.set(object);
    expect(cache.cluster.objects("Service").version).toBe(version);
  });

  test("lists in order of namespace and name, whatever comes and goes, also after a restore", () => {
    const step = fc.record({
      act: fc.constantFrom("set", "set", "delete", "assume", "restore", "fork"),
      namespace: fc.constantFrom("b", "a", "a-b", ""),
      name: fc.constantFrom("x", "y", "z-1", "z"),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const cache = new SchedulerCache();
        const names = new Set<string>();
        let version = 0;
        for (const { act, namespace, name } of steps) {
          const text = `${namespace}\u0000${name}`;
          const isKnown = names.has(text);
          if (act === "set") cache.objects.set(claim(namespace, name, ++version));
          if (act === "set") names.add(text);
          if (act === "delete") cache.objects.delete(KIND, namespace, name);
          if (act === "delete") names.delete(text);
          if (act === "assume" && isKnown) cache.objects.assume(claim(namespace, name, version));
          if (act === "restore") cache.objects.restore(KIND, namespace, name);
          if (act === "fork") cache.state = copyGraph(cache.state, () => false);
          const lister = cache.cluster.objects(KIND);
          const wanted = [...names].sort().map((key) => {
            const [ofNamespace = "", ofName = ""] = key.split("\u0000");
            return lister.get(ofNamespace, ofName);
          });
          expect(wanted).not.toContain(undefined);
          expect(lister.list()).toEqual(wanted);
          const ofA = wanted.filter((object) => object?.metadata.namespace === "a");
          expect(lister.list("a")).toEqual(ofA);
        }
      }),
      { seed: 11, numRuns: 300 },
    );
  });

  test("a restored state shows its own objects, as a change", () => {
    const cache = new SchedulerCache();
    const lister = cache.cluster.objects(KIND);
    const empty = copyGraph(cache.state, () => false);
    cache.objects.set(claim("default", "a", 1));
    expect(lister.list().length).toBe(1);
    const { version } = lister;
    cache.state = empty;
    expect(lister.list()).toEqual([]);
    expect(lister.version).toBeGreaterThan(version);
  });

  test("a list that was handed out stays as it is", () => {
    const cache = new SchedulerCache();
    cache.objects.set(claim("default", "a", 1));
    const before = cache.cluster.objects(KIND).list();
    cache.objects.set(claim("default", "b", 2));
    expect(before.length).toBe(1);
    expect(cache.cluster.objects(KIND).list().length).toBe(2);
  });
});
