import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findCondition, isConditionTrue, removeCondition, setCondition } from "./conditions.ts";
import { KeyRecord } from "./key-record.ts";
import {
  canonicalJson,
  controllerOf,
  controllerRef,
  createMetadata,
  createUid,
  generatedName,
  podTemplateHash,
  timestamp,
  timestampUs,
} from "./metadata.ts";
import type { ApiObject } from "./objects.ts";

describe("timestamps", () => {
  test.each([
    [0, "2024-01-01T00:00:00Z"],
    [999_999, "2024-01-01T00:00:00Z"],
    [1_000_000, "2024-01-01T00:00:01Z"],
    [86_400_000_000 * 59, "2024-02-29T00:00:00Z"],
  ])("%d us is %s", (us, text) => expect(timestamp(us)).toBe(text));

  test("are cut to the second, and read back", () => {
    expect(timestampUs(timestamp(5_500_000))).toBe(5_000_000);
    expect(timestamp(0)).toBe("2024-01-01T00:00:00Z");
  });
});

describe("createMetadata", () => {
  const record = new KeyRecord(1, "Pod", "default", "web-1");
  test("keeps what was given and fills in identity and creation", () => {
    const metadata = createMetadata(
      { labels: { app: "web" }, uid: "theirs" },
      record,
      7,
      3_000_000,
    );
    expect(metadata).toEqual({
      name: "web-1",
      namespace: "default",
      uid: createUid(record.hash, 7),
      resourceVersion: "",
      creationTimestamp: "2024-01-01T00:00:03Z",
      labels: { app: "web" },
    });
  });

  test("uids are shaped as version 4 UUIDs and differ by object and by revision", () => {
    const seen = new Set<string>();
    for (let revision = 1; revision <= 20_000; revision++) {
      const uid = createUid(record.hash, revision);
      expect(uid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      seen.add(uid);
      seen.add(createUid(new KeyRecord(2, "Pod", "default", `p${revision}`).hash, 7));
    }
    expect(seen.size).toBe(40_000);
  });
});

describe("generated names", () => {
  test("are prefix and five letters without vowels, the same every time", () => {
    const name = generatedName("web-", "Pod/default/web-", 0);
    expect(name).toMatch(/^web-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    expect(generatedName("web-", "Pod/default/web-", 0)).toBe(name);
    expect(generatedName("web-", "Pod/default/web-", 1)).not.toBe(name);
  });
  test("cut a long prefix to 58 characters, as the API does", () =>
    expect(generatedName("x".repeat(70), "b", 0)).toHaveLength(63));
});

describe("owners", () => {
  test("a controller reference names its owner, and is found again", () => {
    const owner = {
      apiVersion: "apps/v1",
      kind: "ReplicaSet",
      metadata: { name: "rs", uid: "u1" },
    };
    const reference = controllerRef(owner as ApiObject);
    expect(reference).toMatchObject({ kind: "ReplicaSet", uid: "u1", controller: true });
    const pod = { metadata: { ownerReferences: [{ ...reference, controller: false }, reference] } };
    expect(controllerOf(pod as unknown as ApiObject)).toBe(reference);
  });
});

describe("podTemplateHash", () => {
  const template = {
    metadata: { labels: { app: "web" } },
    spec: { containers: [{ name: "c", image: "i" }] },
  };
  test("does not depend on the order of fields", () => {
    const other = {
      spec: { containers: [{ image: "i", name: "c" }] },
      metadata: { labels: { app: "web" } },
    };
    expect(podTemplateHash(other)).toBe(podTemplateHash(template));
    expect(podTemplateHash(template)).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{1,10}$/);
  });
  test("changes with the template and with the collision count", () => {
    const changed = { ...template, spec: { containers: [{ name: "c", image: "j" }] } };
    const hashes = [
      podTemplateHash(template),
      podTemplateHash(changed),
      podTemplateHash(template, 1),
    ];
    expect(new Set(hashes).size).toBe(3);
  });
  test("canonicalJson is JSON that reads back as the same value", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 2 }), (value) => {
        const pruned = JSON.parse(canonicalJson(value));
        expect(canonicalJson(pruned)).toBe(canonicalJson(value));
      }),
      { seed: 11, numRuns: 200 },
    );
  });
});

describe("setCondition", () => {
  const ready = { type: "Ready", status: "True", reason: "Ok", lastTransitionTime: "t1" };
  const list = [ready, { type: "Other", status: "False", reason: "x", lastTransitionTime: "t0" }];
  test("returns the same list when only the time differs", () =>
    expect(setCondition(list, { ...ready, lastTransitionTime: "t2" })).toBe(list));
  test("keeps the transition time while the status stays", () => {
    const next = setCondition(list, { ...ready, reason: "Still", lastTransitionTime: "t2" });
    expect(next[0]).toEqual({ ...ready, reason: "Still" });
    expect(next[1]).toBe(list[1]);
  });
  test("moves the transition time with the status", () => {
    const next = setCondition(list, { ...ready, status: "False", lastTransitionTime: "t2" });
    expect(next[0]?.lastTransitionTime).toBe("t2");
    expect(isConditionTrue(next, "Ready")).toBe(false);
  });
  test("appends a new type, and removes one", () => {
    const next = setCondition(list, {
      type: "New",
      status: "True",
      reason: "",
      lastTransitionTime: "t",
    });
    expect(next).toHaveLength(3);
    expect(findCondition(removeCondition(next, "Ready"), "Ready")).toBeUndefined();
    expect(removeCondition(list, "Absent")).toBe(list);
  });
});
