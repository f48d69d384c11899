import { describe, expect, test } from "vitest";
import {
  cacheOf,
  type NameAnswer,
  type NameCache,
  type NameCaches,
  remember,
  remembered,
  sweepCaches,
} from "./name-cache.ts";

const answer = (untilUs: number, exists = true): NameAnswer => ({
  exists,
  records: undefined,
  lead: { service: "d/web", host: "" },
  untilUs,
});

describe("one cache", () => {
  test.each([
    [99, true],
    [100, false],
    [101, false],
  ])("an answer until 100 is known at %i: %s", (nowUs, isKnown) => {
    const cache: NameCache = new Map();
    remember(cache, "web", answer(100), 0);
    expect(remembered(cache, "web", nowUs) !== undefined).toBe(isKnown);
    expect(remembered(cache, "other", nowUs)).toBeUndefined();
    expect(cache.size).toBe(isKnown ? 1 : 0);
  });

  test("keeps names that do not exist, too", () => {
    const cache: NameCache = new Map();
    remember(cache, "web", answer(100, false), 0);
    expect(remembered(cache, "web", 50)?.exists).toBe(false);
  });

  test("of many names that were asked for once keeps those that are known still", () => {
    const cache: NameCache = new Map();
    for (let i = 0; i < 50_000; i++) remember(cache, `name-${i}`, answer(i + 100), i);
    expect(cache.size).toBeLessThan(5_000);
    for (let i = 49_950; i < 50_000; i++)
      expect(remembered(cache, `name-${i}`, 50_000)).toBeDefined();
  });
});

describe("caches of many clients", () => {
  test("each is its own", () => {
    const caches: NameCaches = new Map();
    remember(cacheOf(caches, 1), "web", answer(100), 0);
    expect(remembered(cacheOf(caches, 2), "web", 50)).toBeUndefined();
    expect(remembered(cacheOf(caches, 1), "web", 50)).toBeDefined();
  });

  test("those with nothing in them that is known still are swept out", () => {
    const caches: NameCaches = new Map();
    let sweepAt = 0;
    let most = 0;
    for (let client = 0; client < 100_000; client++) {
      sweepAt = sweepCaches(caches, sweepAt, client);
      remember(cacheOf(caches, client), "web", answer(client + 1_000), client);
      most = Math.max(most, caches.size);
    }
    expect(most).toBeLessThanOrEqual(4_096);
    for (let client = 99_100; client < 100_000; client++)
      expect(remembered(cacheOf(caches, client), "web", 100_000)).toBeDefined();
  });
});
